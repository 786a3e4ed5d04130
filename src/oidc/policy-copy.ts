import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';

const { Check, Prompt } = interactionPolicy;
type HostPolicy = readonly interactionPolicy.Prompt[];

/**
 * A policy of our own with the host's prompts and checks in it. What belongs to the host is not changed (DESIGN 16): it may
 * give the same policy to another provider, where our checks would run for the wrong one (fault A.11).
 *
 * @param addDetails What each prompt remembers besides its own details.
 */
export function copyPolicy(
  host: HostPolicy,
  addDetails: (ctx: KoaContextWithOIDC) => Record<string, unknown>,
): interactionPolicy.Prompt[] {
  return host.map((prompt) => copyPrompt(prompt, addDetails));
}

function copyPrompt(
  prompt: interactionPolicy.Prompt,
  addDetails: (ctx: KoaContextWithOIDC) => Record<string, unknown>,
): interactionPolicy.Prompt {
  const details = async (ctx: KoaContextWithOIDC) => ({
    ...(await prompt.details(ctx)),
    ...addDetails(ctx),
  });
  const checks = [...prompt.checks].map(
    ({ reason, description, error, check, details: of }) =>
      new Check(reason, description, error as string, check, of),
  );
  // A requestable prompt has the check for that among its checks already; the constructor would add another.
  const copy = new Prompt({ name: prompt.name, requestable: false }, details as never, ...checks);
  return Object.assign(copy, { requestable: prompt.requestable });
}
