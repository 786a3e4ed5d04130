import { z } from 'zod';
import { ConfigurationError } from '../../errors.ts';
import type { RawWebhook, WebhookAuth } from '../../ports/gateway.ts';
import { ed25519Scheme } from '../wire/schemes/ed25519.ts';
import { hmacScheme } from '../wire/schemes/hmac.ts';
import { jwtScheme } from '../wire/schemes/jwt.ts';
import { plivoScheme } from '../wire/schemes/plivo.ts';
import type { Scheme } from '../wire/schemes/scheme.ts';
import { basicScheme, headerScheme } from '../wire/schemes/shared-secret.ts';
import { twilioScheme } from '../wire/schemes/twilio.ts';
import { rotating } from '../wire/settings.ts';

const headerName = z
  .string()
  .regex(/^[\w-]{1,60}$/, { error: 'must be the name of a header' })
  .toLowerCase();
/** Letters that a secret has at least which we make up and hand to the vendor (GWY-03). */
const LEAST = 24;

/** One way to check where a webhook comes from. */
export const verifySchema = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('url-secret') }),
  z.strictObject({ scheme: z.literal('twilio'), authTokens: rotating('Auth token') }),
  z.strictObject({ scheme: z.literal('plivo-v3'), authTokens: rotating('Auth token') }),
  z.strictObject({
    scheme: z.literal('jwt-hs256'),
    secrets: rotating('Signature secret'),
    header: headerName,
    issuer: z.string().min(1),
    claims: z.array(z.enum(['payload_hash', 'url_hash'])).min(1),
  }),
  z.strictObject({
    scheme: z.literal('hmac'),
    secrets: rotating('Signature secret'),
    header: headerName,
    digest: z.enum(['sha1', 'sha256', 'sha512']).default('sha256'),
    encoding: z.enum(['hex', 'base64']).default('hex'),
    prefix: z.string().optional(),
    template: z.string().default('{body}'),
    timestampHeader: headerName.optional(),
    timestampUnit: z.enum(['seconds', 'milliseconds']).optional(),
    nonceHeader: headerName.optional(),
  }),
  z.strictObject({
    scheme: z.literal('ed25519'),
    publicKeys: rotating('Public key, 32 bytes in base64'),
    header: headerName,
    timestampHeader: headerName,
  }),
  z.strictObject({
    scheme: z.literal('basic'),
    user: z.string().min(1),
    passwords: rotating('Password that the vendor shows', LEAST),
  }),
  z.strictObject({
    scheme: z.literal('header'),
    name: headerName,
    values: rotating('Value of the header that the vendor shows', LEAST),
  }),
]);
type Verify = z.output<typeof verifySchema>;

/**
 * Whether what stands in a query is proved by nobody: a signature covers the body alone, and whoever saw one such webhook
 * could write a query of their own beside it (attack 7).
 */
export function leavesQueryOpen(configured: readonly Verify[]): boolean {
  const covered = configured.map(signsAddress);
  return covered.includes(false) && !covered.includes(true);
}

/** Undefined where nothing is signed at all. */
function signsAddress(verify: Verify): boolean | undefined {
  switch (verify.scheme) {
    case 'url-secret':
    case 'basic':
    case 'header':
      return undefined;
    case 'twilio':
    case 'plivo-v3':
      return true;
    case 'jwt-hs256':
      return verify.claims.includes('url_hash');
    case 'hmac':
      return verify.template.includes('{url}');
    case 'ed25519':
      return false;
  }
}

/**
 * Makes the check of a webhook out of all the schemes that are configured: every one of them has to hold.
 *
 * @param called What messages call the gateway.
 * @returns undefined where there is only the secret in the address, which has been checked before.
 * @throws ConfigurationError for a key or template that cannot work.
 */
export function createCheck(
  configured: readonly Verify[],
  called: string,
): ((request: RawWebhook) => Promise<WebhookAuth>) | undefined {
  const schemes = configured.flatMap((one, at) =>
    named(`${called}.webhook.verify.${at}`, () => schemeOf(one) ?? []),
  );
  if (schemes.length === 0) return undefined;
  return async (request) => {
    let replayKey: string | undefined;
    for (const scheme of schemes) {
      const auth = await scheme.verify(request);
      if (auth.result !== 'ok') return auth;
      replayKey ??= auth.replayKey;
    }
    return replayKey === undefined ? { result: 'ok' } : { result: 'ok', replayKey };
  };
}

/** A key that is none is told of with its place in the settings. */
function named<T>(place: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new ConfigurationError(
      error.problems.map(({ field, ...rest }) => ({
        field: `${place}.${field}`,
        ...rest,
      })),
    );
  }
}

function schemeOf(verify: Verify): Scheme | undefined {
  switch (verify.scheme) {
    case 'url-secret':
      return undefined;
    case 'twilio':
      return twilioScheme(verify);
    case 'plivo-v3':
      return plivoScheme(verify);
    case 'jwt-hs256':
      return jwtScheme(verify);
    case 'hmac':
      return hmacScheme(verify);
    case 'ed25519':
      return ed25519Scheme(verify);
    case 'basic':
      return basicScheme(verify);
    case 'header':
      return headerScheme(verify);
  }
}
