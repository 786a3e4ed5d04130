import { randomBytes } from 'node:crypto';
import type { Json, Key, RotatingRecord } from '../ports/store.ts';
import type { Core } from './core.ts';
import { digest } from './keys.ts';

/** A form sent twice shows the same secret twice; for this long the older one still counts. Milliseconds. */
const REPEAT_GRACE_MS = 30_000;

/** A cookie of two secrets: one names the record, one changes at each use. Only digests are looked for and stored. */
export interface RotatingCookie {
  value: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** What a cookie shows: the name in clear, the id of its record, and the digest of the secret. */
interface Shown {
  name: string;
  id: string;
  secret: string;
}

/** 128 random bits, for a cookie. */
const randomSecret = (): string => randomBytes(16).toString('base64url');

const secretDigest = (secret: string): string => digest(`trust ${secret}`);

export function readRotating(cookie: string | undefined): Shown | undefined {
  const match = /^([\w-]{22})\.([\w-]{22})$/.exec(cookie ?? '');
  return match ? { name: match[1]!, id: digest(match[1]!), secret: secretDigest(match[2]!) } : undefined;
}

export const isRotating = (record: unknown): record is RotatingRecord =>
  typeof record === 'object' && record !== null && 'secret' in record;

/** Whether the newest secret is shown. Where it is not used up, the one before does not count: no event would tell of it. */
export const isNewest = ({ secret }: Shown, record: unknown): record is RotatingRecord =>
  isRotating(record) && record.secret === secret;

/** A cookie that nobody had before, and the record for the store. */
export function newRotating(
  data: Json,
  now: number,
  expiresAt: number,
): { name: string; id: string; cookie: RotatingCookie; record: RotatingRecord } {
  const [name, secret] = [randomSecret(), randomSecret()];
  return {
    name,
    id: digest(name),
    cookie: { value: `${name}.${secret}`, expiresAt },
    record: { data, secret: secretDigest(secret), previous: null, rotatedAt: now, expiresAt },
  };
}

/** Whose cookie is used, and where. */
interface Use {
  key: Key;
  browser: 'trusted' | 'known';
  /** The account that signs in. */
  account: string;
  /** How long the record lives from now on; as before where it is left out. */
  expiresAt?: number;
}

/** What came of a use. `repeated`: by the secret before the newest one; then there is no next one. */
type Used = { data: Json; repeated: true } | { data: Json; repeated: false; next: RotatingCookie };

/**
 * Uses the secret of a cookie up, in one atomic step, and gives the next one (lesson 15).
 *
 * @returns undefined when there is no such record, or the secret is an old one: then somebody has a copy, the record is
 *   gone, and the event `browser.replayed` is told.
 */
export async function useRotating(
  core: Core,
  { name, secret: presented }: Shown,
  use: Use,
): Promise<Used | undefined> {
  const { key, browser, account, expiresAt } = use;
  const secret = randomSecret();
  const outcome = await core.store.rotate({
    ...{ key, now: core.clock.now(), presented, next: secretDigest(secret), grace: REPEAT_GRACE_MS },
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  if (outcome.result === 'replayed') core.emit({ type: 'browser.replayed', browser }, { account });
  if (outcome.result === 'unknown' || outcome.result === 'replayed') return undefined;
  const { data } = outcome;
  if (outcome.result === 'grace') return { data, repeated: true };
  return { data, repeated: false, next: { value: `${name}.${secret}`, expiresAt: outcome.expiresAt } };
}
