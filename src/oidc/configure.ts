import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { ConfigurationError } from '../errors.ts';
import type { Options } from '../options.ts';
import { createAdapterFactory } from './adapter.ts';
import { tokenSource, withoutEndedTokens } from './ended.ts';
import { type Parts, pagePath } from './parts.ts';
import { extendPolicy } from './policy.ts';

const OURS = new Set(['mfa', 'create']);

/**
 * Adds to the host's provider configuration what the second factor needs; whatever the host set stays, unless it would
 * break the second factor. See DESIGN, "What oidc-provider does that will bite you".
 */
export function configureProvider(parts: Parts, host: Configuration): Configuration {
  const { core } = parts;
  refuseCiba(host);
  return {
    ...host,
    fetch: host.fetch ?? parts.fetch,
    adapter: host.adapter ?? createAdapterFactory(core),
    acrValues: [...new Set([...(host.acrValues ?? []), ...acrValues(core.options)])],
    claims: assuranceInIdToken(host.claims),
    features: { claimsParameter: { enabled: true }, devInteractions: { enabled: false }, ...host.features },
    interactions: {
      ...host.interactions,
      policy: extendPolicy(parts, host.interactions?.policy),
      url: (ctx, interaction) => {
        if (OURS.has(interaction.prompt.name)) return pagePath(parts, interaction.uid);
        return host.interactions?.url?.(ctx, interaction) ?? `/interaction/${interaction.uid}`;
      },
    },
    extraTokenClaims: async (ctx, token) => ({
      ...(await host.extraTokenClaims?.(ctx, token)),
      ...assuranceClaims(ctx),
    }),
    ...(host.findAccount ? { findAccount: withoutEndedTokens(parts, host.findAccount) } : {}),
    cookies: parts.wiring.signCookies(host.cookies),
    discovery: { prompt_values_supported: promptValues(parts), ...host.discovery },
  };
}

/** Every acr that some client can get here. */
const acrValues = ({ assurance, clients, defaultClient }: Options): string[] =>
  [assurance.acr, ...[defaultClient, ...Object.values(clients)].flatMap(({ acr }) => acr ?? [])].flatMap(
    ({ mfa, sfa }) => [mfa, sfa],
  );

/** acr values of the host's own, which only its logins reach. */
export const acrOfHost = (host: Configuration, options: Options): string[] => {
  const ours = new Set(acrValues(options));
  return [...(host.acrValues ?? [])].filter((acr) => !ours.has(acr));
};

/**
 * A sign-in by CIBA has no browser and so comes neither through the gate nor through the policy: a client that owes a second
 * factor would get its tokens without one (fault G.12).
 */
function refuseCiba({ features }: Configuration): void {
  if (!features?.ciba?.enabled) return;
  throw new ConfigurationError([
    {
      field: 'features.ciba',
      reason: 'is enabled, but no second factor and no policy holds for what it issues',
      fix: 'Turn it off, or run it in a provider of its own, without Sekisho',
    },
  ]);
}

/** Claims that are in every ID token: the library gives acr, amr and auth_time only to a request that names them. */
function assuranceInIdToken(claims: Configuration['claims'] = {}): NonNullable<Configuration['claims']> {
  const { openid } = claims as Record<string, unknown>;
  const own = Array.isArray(openid)
    ? Object.fromEntries(openid.map((claim) => [claim, null]))
    : (openid ?? { sub: null });
  return {
    phone: ['phone_number', 'phone_number_verified'],
    ...claims,
    amr: null,
    openid: { ...(own as Record<string, null>), acr: null, amr: null, auth_time: null },
  };
}

const promptValues = ({ core }: Parts): string[] => [
  'none',
  'login',
  'consent',
  ...(core.options.signUp ? ['create'] : []),
];

/** acr, amr and auth_time of an access token, for introspection (RFC 9470 section 6.2, OID-06). */
function assuranceClaims(ctx: KoaContextWithOIDC): Record<string, unknown> {
  const source = tokenSource(ctx);
  return source ? { acr: source.acr, amr: source.amr, auth_time: source.authTime } : {};
}
