import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeJwt } from 'jose';
import type { InteractionResults } from 'oidc-provider';
import type { Parts } from './parts.ts';
import type { Interaction } from './result.ts';

/**
 * Whether the request names another person than the one who signed in: by `id_token_hint` (OpenID Connect Core 3.1.2.1), or
 * by a value for `sub` in `claims` (5.5.1). Then the relying party gets an error, and nobody gets a code (OID-10, fault
 * A.7). The library checked the hint when the request came; it looks at the person only after the code.
 */
export async function namesAnother(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  interaction: Interaction,
  accountId: string,
): Promise<boolean> {
  const named = namedSubjects(interaction);
  if (named.length === 0) return false;
  const subject = await subjectOf(parts, req, res, interaction, accountId);
  return named.some((name) => name !== subject);
}

/** What the relying party is told then. */
export const otherPersonResult = (): InteractionResults => ({
  error: 'login_required',
  error_description: 'the person who signed in is not the one the request names',
});

function namedSubjects({ params }: Interaction): unknown[] {
  const { id_token_hint: hint, claims } = params;
  return [
    ...(typeof hint === 'string' ? hintedSubject(hint) : []),
    ...(typeof claims === 'string' ? requestedSubject(claims) : []),
  ];
}

/** An encrypted hint cannot be read here; the library, which can, then asks for the login again. */
function hintedSubject(hint: string): unknown[] {
  try {
    return [decodeJwt(hint).sub];
  } catch {
    return [];
  }
}

function requestedSubject(claims: string): unknown[] {
  const { value } = (JSON.parse(claims) as { id_token?: { sub?: { value?: unknown } } }).id_token?.sub ?? {};
  return value === undefined ? [] : [value];
}

/** What the tokens of this client call the account. */
async function subjectOf(
  { provider, pairwiseIdentifier }: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  { params }: Interaction,
  accountId: string,
): Promise<string> {
  const client = await provider().Client.find(String(params['client_id']));
  const pairwise = pairwiseIdentifier();
  if (client?.subjectType !== 'pairwise' || !pairwise) return accountId;
  return pairwise(provider().createContext(req, res) as never, accountId, client);
}
