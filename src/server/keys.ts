import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hash,
  type JsonWebKey,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';

/** A signing key has to be published this long before it signs, and after it stopped (EAM-04). */
const PUBLISHED_BEFORE = 48 * 3_600_000;

const moment = z.iso.datetime();
const secret = z.string().refine((text) => Buffer.from(text, 'base64url').length >= 32);

const signingKeySchema = z.strictObject({
  kid: z.string().regex(/^[A-Za-z0-9_-]+$/),
  /** `next` is published and does not sign yet; `previous` is published and signs no more. */
  state: z.enum(['next', 'current', 'previous']),
  createdAt: moment,
  /** When a server first served it; null until then, because a key in a file alone is published to nobody. */
  publishedAt: moment.nullable(),
  /** When a server first ran with it as `previous`. */
  retiredAt: moment.nullable(),
  jwk: z.looseObject({ kty: z.literal('RSA'), n: z.string(), e: z.string(), d: z.string() }),
});

/** What a key file holds. */
export const keysSchema = z.strictObject({
  version: z.literal(1),
  /** Made by `sekisho demo`: refused in production. */
  demo: z.boolean().default(false),
  /** For codes, numbers and forms; base64url of 32 random bytes each, the newest first. */
  secrets: z.array(secret).min(1),
  /** Sign the cookies; the newest first. */
  cookieKeys: z.array(secret).min(1),
  signing: z
    .array(signingKeySchema)
    .refine((keys) => keys.filter(({ state }) => state === 'current').length === 1),
});

export type Keys = z.output<typeof keysSchema>;
export type SigningKey = Keys['signing'][number];

/** Everything a new server needs: one secret, one cookie key, and one RS256 key that signs at once. */
export async function generateKeys(now: number, demo = false): Promise<Keys> {
  return {
    version: 1,
    demo,
    secrets: [newSecret()],
    cookieKeys: [newSecret()],
    signing: [await newSigningKey('current', now)],
  };
}

/** 32 random bytes as base64url. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

const generateRsa = promisify(generateKeyPair);

async function newSigningKey(state: SigningKey['state'], now: number): Promise<SigningKey> {
  const { privateKey } = await generateRsa('rsa', { modulusLength: 2048 });
  const jwk = privateKey.export({ format: 'jwk' }) as SigningKey['jwk'];
  return { kid: thumbprint(jwk), state, createdAt: at(now), publishedAt: null, retiredAt: null, jwk };
}

/** RFC 7638: base64url, so that it may stand as `kid` anywhere (EAM-03). */
const thumbprint = ({ e, kty, n }: SigningKey['jwk']): string =>
  hash('sha256', JSON.stringify({ e, kty, n }), 'base64url');

const ORDER: readonly SigningKey['state'][] = ['current', 'next', 'previous'];

/**
 * The keys as `oidc-provider` takes them. Among keys that fit alike it signs with the first, so the current one comes
 * first; the others are only published.
 */
export function signingJwks({ signing }: Keys): { keys: JsonWebKey[] } {
  const sorted = [...signing].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  return { keys: sorted.map(({ jwk, kid }) => ({ ...jwk, kid, use: 'sig', alg: 'RS256' })) };
}

/** Notes that a server serves these keys from now on. Answers the same object when that was known. */
export function notePublished(keys: Keys, now: number): Keys {
  const news = (key: SigningKey) =>
    key.publishedAt === null || (key.state === 'previous' && key.retiredAt === null);
  if (!keys.signing.some(news)) return keys;
  const signing = keys.signing.map((key) => ({
    ...key,
    publishedAt: key.publishedAt ?? at(now),
    retiredAt: key.retiredAt ?? (key.state === 'previous' ? at(now) : null),
  }));
  return { ...keys, signing };
}

export type Rotation =
  | { outcome: 'added' | 'promoted'; keys: Keys; kid: string; dropped: number }
  /** `at` is null when no server has published the key yet. */
  | { outcome: 'too_early'; kid: string; at: number | null };

/**
 * The next step of a rotation of the signing key (EAM-04). The first call adds a key that is only published; the second,
 * 48 hours after a server published it, lets it sign. Keys that stopped signing 48 hours ago go.
 */
export async function rotateSigningKey(keys: Keys, now: number): Promise<Rotation> {
  const kept = keys.signing.filter(
    (key) => key.retiredAt === null || now - Date.parse(key.retiredAt) < PUBLISHED_BEFORE,
  );
  const dropped = keys.signing.length - kept.length;
  const next = kept.find(({ state }) => state === 'next');
  if (!next) {
    const added = await newSigningKey('next', now);
    return { outcome: 'added', keys: { ...keys, signing: [...kept, added] }, kid: added.kid, dropped };
  }
  const mayAt = next.publishedAt === null ? null : Date.parse(next.publishedAt) + PUBLISHED_BEFORE;
  if (mayAt === null || now < mayAt) return { outcome: 'too_early', kid: next.kid, at: mayAt };
  const PROMOTED = { next: 'current', current: 'previous', previous: 'previous' } as const;
  const signing = kept.map((key) => ({ ...key, state: PROMOTED[key.state] }));
  return { outcome: 'promoted', keys: { ...keys, signing }, kid: next.kid, dropped };
}

/** Puts a new secret in front. The older ones stay: numbers at rest are sealed with them. */
export const rotateSecret = (keys: Keys): Keys => ({ ...keys, secrets: [newSecret(), ...keys.secrets] });

const COOKIE_KEYS_KEPT = 3;
/** Puts a new cookie key in front; the last two before it are still taken. */
export const rotateCookieKey = (keys: Keys): Keys => ({
  ...keys,
  cookieKeys: [newSecret(), ...keys.cookieKeys].slice(0, COOKIE_KEYS_KEPT),
});

/** Whether the private part belongs to the public one, and both to the name they are published under. */
export function isWhole({ jwk, kid }: SigningKey): boolean {
  try {
    const key = jwk as JsonWebKey;
    const probe = Buffer.from(kid);
    const signature = sign('sha256', probe, createPrivateKey({ key, format: 'jwk' }));
    const fits = verify('sha256', probe, createPublicKey({ key, format: 'jwk' }), signature);
    return fits && kid === thumbprint(jwk);
  } catch {
    return false;
  }
}

const at = (now: number): string => new Date(now).toISOString();
