import type { Configuration, Grant, KoaContextWithOIDC } from 'oidc-provider';

/**
 * What the account granted the client. An application of the operator's own gets what it asks for, also where it asks for
 * more than before; the policy still asks where the request says prompt=consent.
 */
export async function loadGrant(ctx: KoaContextWithOIDC, isFirstParty: boolean): Promise<Grant | undefined> {
  const { client, session, result, provider, requestParamScopes, requestParamClaims } = ctx.oidc;
  const clientId = client!.clientId;
  const grantId = result?.consent?.grantId ?? session?.grantIdFor(clientId);
  const known = grantId ? await provider.Grant.find(grantId) : undefined;
  if (!isFirstParty) return known;
  const accountId = session!.accountId!;
  const grant = known?.accountId === accountId ? known : new provider.Grant({ clientId, accountId });
  const [scopes, claims] = [grant.getOIDCScope().split(' '), grant.getOIDCClaims()];
  const isNew =
    grant !== known ||
    [...requestParamScopes].some((scope) => !scopes.includes(scope)) ||
    [...requestParamClaims].some((claim) => !claims.includes(claim));
  if (!isNew) return grant;
  grant.addOIDCScope([...requestParamScopes].join(' '));
  grant.addOIDCClaims([...requestParamClaims]);
  await grant.save();
  return grant;
}

/** A parameter nobody sends: the library calls what belongs to it at every request, after it has looked at the scopes. */
const HOOK = 'sekisho:offline_access';

/**
 * Gives `offline_access` back to applications of the operator's own, whose people are never asked for consent; the library
 * drops it where there is no prompt=consent. OpenID Connect Core 11 permits that under "other conditions" (fault G.8).
 */
export function offlineAccess(
  isFirstParty: (clientId: string) => boolean,
): NonNullable<Configuration['extraParams']> {
  return {
    [HOOK](ctx: KoaContextWithOIDC) {
      const { client, params } = ctx.oidc;
      if (!params || !client) return;
      delete params[HOOK];
      const scope = typeof params['scope'] === 'string' ? params['scope'] : '';
      const isAsked =
        askedScopes(ctx).includes('offline_access') && !scope.split(' ').includes('offline_access');
      if (isAsked && isFirstParty(client.clientId) && client.grantTypeAllowed('refresh_token'))
        params['scope'] = `${scope} offline_access`.trim();
    },
  };
}

/** The scopes as the client sent them. */
function askedScopes(ctx: KoaContextWithOIDC): string[] {
  const { body, entities } = ctx.oidc;
  const { request } = (entities.PushedAuthorizationRequest ?? {}) as { request?: string };
  const sent = request === undefined ? (body?.['scope'] ?? ctx.query['scope']) : claimsOf(request)['scope'];
  return typeof sent === 'string' ? sent.split(' ') : [];
}

/** A pushed request is kept as a JWT that the provider made itself. */
const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString() || '{}');
