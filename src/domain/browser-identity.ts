import { type Key, key, type RotatingRecord } from '../ports/store.ts';
import type { Core } from './core.ts';
import { isRotating, REPEAT_GRACE_MS, randomSecret, readRotating, secretDigest } from './rotating-secret.ts';

/**
 * How a browser is known from one sign-in to the next, whoever signs in: a random name and a secret that changes at each
 * sign-in. A copy of the cookie shows as soon as both are used, and then neither is known any more (fault A.1, lesson 15).
 */
export interface BrowserIdentity {
  /** Undefined: this browser is not known. */
  name: string | undefined;
  /** What the cookie has to be from now on. */
  next?: BrowserCookie;
}
export interface BrowserCookie {
  value: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** How long a browser stays known without a sign-in: 180 days. */
const IDENTITY_RETENTION_MS = 180 * 86_400_000;

const identityKey = (id: string): Key => key(id, 'browser');

/** Who the browser is, without using the secret up: for requests of a session that goes on. */
export async function identifyBrowser(core: Core, cookie: string | undefined): Promise<string | undefined> {
  return (await lookUp(core, cookie))?.name;
}

interface Found {
  name: string;
  id: string;
  record: RotatingRecord;
  /** Whether the cookie holds the newest secret, and not the one before. */
  newest: boolean;
}

async function lookUp(core: Core, cookie: string | undefined): Promise<Found | undefined> {
  const shown = readRotating(cookie ?? '');
  if (!shown) return undefined;
  const now = core.clock.now();
  const record = await core.store.get(identityKey(shown.id), now);
  if (!isRotating(record)) return undefined;
  const newest = shown.secret === record.secret;
  const repeated = shown.secret === record.previous && now < record.rotatedAt + REPEAT_GRACE_MS;
  return newest || repeated ? { name: shown.name, id: shown.id, record, newest } : undefined;
}

/** Uses the cookie at a sign-in and gives the next one. */
export async function useBrowser(core: Core, cookie: string | undefined): Promise<BrowserIdentity> {
  const shown = readRotating(cookie ?? '');
  if (!shown) return { name: undefined };
  const secret = randomSecret();
  const outcome = await core.store.rotate({
    key: identityKey(shown.id),
    now: core.clock.now(),
    presented: shown.secret,
    next: secretDigest(secret),
    grace: REPEAT_GRACE_MS,
  });
  if (outcome.result === 'replayed') core.emit({ type: 'browser.replayed' });
  if (outcome.result === 'unknown' || outcome.result === 'replayed') return { name: undefined };
  if (outcome.result === 'grace') return { name: shown.name };
  return { name: shown.name, next: { value: `${shown.name}.${secret}`, expiresAt: outcome.expiresAt } };
}

/**
 * Makes sure that the browser is known from now on, after a second factor was proved in it.
 *
 * @returns its name, and the cookie to set where there has to be another one.
 */
export async function rememberBrowser(
  core: Core,
  cookie: string | undefined,
): Promise<{ name: string; next?: BrowserCookie }> {
  const now = core.clock.now();
  const found = await lookUp(core, cookie);
  if (!found) return newBrowser(core, now);
  const { name, id, record, newest } = found;
  if (!newest || record.expiresAt - now > IDENTITY_RETENTION_MS / 2) return { name };
  const expiresAt = now + IDENTITY_RETENTION_MS;
  await core.store.put(identityKey(id), { ...record, expiresAt }, expiresAt, now);
  return { name, next: { value: cookie!, expiresAt } };
}

async function newBrowser(core: Core, now: number): Promise<{ name: string; next: BrowserCookie }> {
  const [name, secret] = [randomSecret(), randomSecret()];
  const expiresAt = now + IDENTITY_RETENTION_MS;
  const { id, secret: stored } = readRotating(`${name}.${secret}`)!;
  const record: RotatingRecord = { data: null, secret: stored, previous: null, rotatedAt: now, expiresAt };
  await core.store.put(identityKey(id), record, expiresAt, now);
  return { name, next: { value: `${name}.${secret}`, expiresAt } };
}
