import { createHash } from 'node:crypto';
import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { equalText } from '../../../equal-text.ts';
import type { RawWebhook } from '../../../ports/gateway.ts';
import { createScheme, demand, demandFresh, replayKeyOf, type Scheme, takeHeader } from './scheme.ts';

/** How a vendor signs with a token. */
export interface JwtSettings {
  /** The newest first. */
  secrets: readonly string[];
  /** Lower-case name of the header; a token in `authorization` stands behind `Bearer`. */
  header: string;
  /** What `iss` must be. */
  issuer: string;
  /**
   * What else the token must say: `payload_hash`, SHA-256 of the body; `url_hash`, SHA-256 of the address. One of them is
   * needed, or any token would prove any webhook.
   */
  claims: readonly JwtClaim[];
}
export type JwtClaim = 'payload_hash' | 'url_hash';

/** Seconds that `exp` and `nbf` may be off. */
const SKEW = 60;

/**
 * A token signed with HMAC-SHA256 (RFC 7519): Vonage (`authorization`, issuer `Vonage`, `payload_hash`) and MessageBird
 * (`messagebird-signature-jwt`, issuer `MessageBird`, both hashes). `iat` is required and may be five minutes off.
 */
export function jwtScheme(settings: JwtSettings): Scheme {
  return createScheme(async (request) => {
    const token = tokenOf(takeHeader(request, settings.header), settings.header);
    const payload = await verified(token, settings, request);
    demand(typeof payload.iat === 'number');
    demandFresh(payload.iat! * 1000, request);
    for (const claim of settings.claims) demandHash(payload, claim, request);
    // Without a hash of what it brings, a token would prove whatever somebody put beside it.
    demand(settings.claims.includes(request.body.length > 0 ? 'payload_hash' : 'url_hash'));
    return replayKeyOf(token);
  });
}

/**
 * Signs a webhook as such a vendor does.
 *
 * @param at When: milliseconds since the epoch.
 * @param claims Further claims, such as `jti`; a hash among them replaces the right one.
 */
export function signJwt(
  { secrets, issuer, claims }: Pick<JwtSettings, 'secrets' | 'issuer' | 'claims'>,
  { body, url, at }: { body: string | Uint8Array; url: string; at: number },
  more: JWTPayload = {},
): Promise<string> {
  const payload = {
    iss: issuer,
    iat: Math.floor(at / 1000),
    ...(claims.includes('payload_hash') && body.length > 0 ? { payload_hash: sha256(body) } : {}),
    ...(claims.includes('url_hash') ? { url_hash: sha256(url) } : {}),
    ...more,
  };
  return new SignJWT(payload).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(keyOf(secrets[0]!));
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const keyOf = (secret: string): Uint8Array => new TextEncoder().encode(secret);

function tokenOf(value: string, header: string): string {
  const [, token = ''] =
    (header === 'authorization' ? /^Bearer ([\w.-]+)$/i : /^([\w.-]+)$/).exec(value) ?? [];
  // The last letter of 32 bytes can be written in four ways; one of them names the delivery.
  const signature = token.slice(token.lastIndexOf('.') + 1);
  demand(Buffer.from(signature, 'base64url').toString('base64url') === signature);
  return token;
}

/** The first secret that fits; what is wrong beside the signature is told of the one whose signature is right. */
async function verified(
  token: string,
  { secrets, issuer }: JwtSettings,
  request: RawWebhook,
): Promise<JWTPayload> {
  const options = {
    algorithms: ['HS256'],
    issuer,
    clockTolerance: SKEW,
    currentDate: new Date(request.receivedAt),
  };
  const results = await Promise.allSettled(secrets.map((secret) => jwtVerify(token, keyOf(secret), options)));
  for (const result of results) {
    if (result.status === 'fulfilled') return result.value.payload;
    demand(!isStale(result.reason), 'stale');
  }
  demand(false);
  return {};
}

/** jose checks the signature before the times. */
const isStale = (error: unknown): boolean =>
  error instanceof errors.JWTExpired ||
  (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf');

function demandHash(payload: JWTPayload, claim: JwtClaim, { body, url }: RawWebhook): void {
  const hash = payload[claim];
  // MessageBird leaves the hash of an empty body out.
  if (claim === 'payload_hash' && hash === undefined && body.length === 0) return;
  demand(typeof hash === 'string');
  demand(equalText((hash as string).toLowerCase(), sha256(claim === 'payload_hash' ? body : url.href)));
}
