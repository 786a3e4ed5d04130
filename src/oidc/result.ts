import type Provider from 'oidc-provider';
import type { InteractionResults, KoaContextWithOIDC } from 'oidc-provider';
import { deriveAssurance, type Requirement } from '../domain/assurance.ts';
import { type Fact, oldestOf } from '../domain/factors.ts';
import type { Flow } from '../domain/flow.ts';

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/**
 * What Sekisho tells the policy about a finished interaction, under the key `sekisho` of the result. It never leaves the
 * server: the result is stored with the interaction, and the policy reads it when the request resumes.
 */
export interface Proved {
  /** The policy believes it only for the account of the session. */
  accountId: string;
  facts: Fact[];
  /** What stood in for the code, if something did. */
  skipped: 'trusted_browser' | 'low_risk' | null;
}

export function provedIn(result: InteractionResults | undefined, accountId: string): Proved | undefined {
  const proved = result?.['sekisho'] as Proved | undefined;
  return proved?.accountId === accountId ? proved : undefined;
}

/** When the oldest was proved of what the sign-in of a request rests on: a result may be taken up an hour after it. */
export function signedInAt({ session, result }: KoaContextWithOIDC['oidc'], accountId: string): number {
  const proved = provedIn(result, accountId);
  return proved ? oldestOf(proved.facts) : (session?.loginTs ?? 0) * 1000;
}

/**
 * Puts the result on an interaction that is in hand already, as `interactionResult` does after reading it once more.
 *
 * @returns where the browser goes next: always the library's own resume address (WEB-17).
 */
export async function saveResult(
  interaction: Interaction,
  result: InteractionResults,
  merge = true,
): Promise<string> {
  const merged = merge && !('error' in result) ? { ...interaction.lastSubmission, ...result } : result;
  interaction.result = merged;
  await interaction.persist();
  return interaction.returnTo;
}

/**
 * What a login says that is finished: the acr, amr and time of its facts, or the host's own acr, where the request wants
 * that and the host's login has it (G.2).
 */
export function assured(
  facts: readonly Fact[],
  requirement: Requirement,
  login?: InteractionResults['login'],
): { acr: string; amr: string[]; ts: number } {
  const { acr, amr, authTime } = deriveAssurance(facts, requirement);
  return { acr: hostAcr(requirement, login) ?? acr, amr, ts: authTime };
}

/** The acr that the host's login reached, if it is one that the request wants of the host. */
const hostAcr = (
  { requested, ofHost }: Requirement,
  login: InteractionResults['login'],
): string | undefined =>
  requested.length === 0 && login?.acr !== undefined && ofHost.includes(login.acr) ? login.acr : undefined;

/** Whether an essential acr is out of reach: of everybody, or of this login (OID-03). */
export const isUnmet = (requirement: Requirement, login: InteractionResults['login']): boolean =>
  requirement.essential === 'none' ||
  (requirement.essential === 'host' && hostAcr(requirement, login) === undefined);

/** The result that tells the relying party that its demand was not met, or that the person gave up. */
export function refusalResult(requested: boolean): InteractionResults {
  return requested
    ? {
        error: 'unmet_authentication_requirements',
        error_description: 'the requested authentication could not be completed',
      }
    : { error: 'access_denied', error_description: 'the sign-in was not completed' };
}

/** What the host passed to the gate, for its result; undefined where a session exists already. */
export const hostLogin = ({ host }: Flow): { result: InteractionResults; merge: boolean } | undefined =>
  host === null ? undefined : (host as unknown as { result: InteractionResults; merge: boolean });
