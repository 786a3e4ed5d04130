import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { createAdapterFactory } from './adapter.ts';
import { type Parts, pagePath } from './parts.ts';
import { extendPolicy } from './policy.ts';

const OURS = new Set(['mfa', 'create']);

/**
 * Adds to the host's provider configuration what the second factor needs; whatever the host set stays, unless it would
 * break the second factor. See DESIGN, "What oidc-provider does that will bite you".
 */
export function configureProvider(parts: Parts, host: Configuration): Configuration {
  const { core } = parts;
  const { clients, assurance } = core.options;
  const acrs = [assurance.acr, ...Object.values(clients).flatMap((client) => client.acr ?? [])];
  return {
    ...host,
    adapter: host.adapter ?? createAdapterFactory(core.store, core.clock),
    acrValues: [...new Set([...(host.acrValues ?? []), ...acrs.flatMap(({ mfa, sfa }) => [mfa, sfa])])],
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
    ...(host.cookies ? { cookies: fasterSigning(host.cookies) } : {}),
    discovery: { prompt_values_supported: promptValues(parts), ...host.discovery },
  };
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
  const { AuthorizationCode, RefreshToken, DeviceCode } = ctx.oidc.entities;
  const source = (AuthorizationCode ?? RefreshToken ?? DeviceCode) as Source | undefined;
  return source ? { acr: source.acr, amr: source.amr, auth_time: source.authTime } : {};
}
type Source = { acr?: string; amr?: string[]; authTime?: number };

/**
 * A list of cookie keys becomes a signer that makes the same signatures from KeyObjects. A sign-in signs about twenty
 * cookies, and Node converts a plain key anew each time.
 */
function fasterSigning(
  cookies: NonNullable<Configuration['cookies']>,
): NonNullable<Configuration['cookies']> {
  const { keys } = cookies;
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every((entry) => typeof entry === 'string'))
    return cookies;
  return { ...cookies, keys: createCookieSigner(keys) as unknown as NonNullable<typeof keys> };
}

/** The interface of `keygrip`, with its default algorithm, so that cookies signed before stay valid. */
function createCookieSigner(keys: readonly string[]): {
  sign(data: string): string;
  verify(data: string, signature: string): boolean;
  index(data: string, signature: string): number;
} {
  const secrets = keys.map((text) => createSecretKey(Buffer.from(text)));
  const signWith = (secret: (typeof secrets)[number], data: string) =>
    createHmac('sha1', secret).update(data).digest('base64url');
  const same = (a: string, b: string) => {
    const [left, right] = [Buffer.from(a), Buffer.from(b)];
    return left.length === right.length && timingSafeEqual(left, right);
  };
  const index = (data: string, signature: string) =>
    secrets.findIndex((secret) => same(signWith(secret, data), signature));
  return {
    sign: (data) => signWith(secrets[0]!, data),
    verify: (data, signature) => index(data, signature) >= 0,
    index,
  };
}
