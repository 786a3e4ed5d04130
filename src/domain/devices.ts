import { randomBytes } from 'node:crypto';
import { key, type RotatingRecord } from '../ports/store.ts';
import type { Core } from './core.ts';
import { digest } from './keys.ts';
import { accountTag } from './limits.ts';

const DAY = 86_400_000;
/** A form sent twice shows the same secret twice; for this long the older one still counts. */
const GRACE = 30_000;
const MOST_BROWSERS = 20;

/** What goes into the cookie of a trusted browser. */
export interface TrustCookie {
  value: string;
  expiresAt: number;
}

const browserKey = (accountId: string, id: string) => key(accountTag(accountId), 'trusted', id);
const listKey = (accountId: string) => key(accountTag(accountId), 'trusted-browsers');
const secretDigest = (secret: string) => digest(`trust ${secret}`);

/**
 * Trusts this browser for this account (SES-06). Two secrets of 128 bits: one names the record, one is shown and changes
 * at each use. Only digests are stored.
 *
 * @returns undefined when the account already trusts as many browsers as it may.
 */
export async function trustBrowser(
  core: Core,
  accountId: string,
  userAgent: string,
): Promise<TrustCookie | undefined> {
  const now = core.clock.now();
  const id = randomSecret();
  const secret = randomSecret();
  const expiresAt = now + core.options.trustedBrowser.days * DAY;
  const record: RotatingRecord = {
    data: { family: userAgentFamily(userAgent), since: now },
    secret: secretDigest(secret),
    previous: null,
    rotatedAt: now,
    expiresAt,
  };
  if (!(await listBrowser(core, accountId, digest(id), expiresAt))) return undefined;
  await core.store.put(browserKey(accountId, digest(id)), record, expiresAt);
  core.emit({ type: 'browser.trusted' }, { account: accountId });
  return { value: `${id}.${secret}`, expiresAt };
}

/** Puts the browser on the list of the account, after dropping entries that expired meanwhile. */
async function listBrowser(core: Core, accountId: string, id: string, expiresAt: number): Promise<boolean> {
  const now = core.clock.now();
  const join = () => core.store.join(listKey(accountId), id, MOST_BROWSERS, expiresAt, now);
  if (await join()) return true;
  for (const listed of await core.store.members(listKey(accountId), now)) {
    if (!(await core.store.get(browserKey(accountId, listed), now)))
      await core.store.leave(listKey(accountId), listed);
  }
  return join();
}

/** Whether the cookie is good, without using it up: for requests of a session that goes on. */
export async function isTrusted(
  core: Core,
  accountId: string,
  cookie: string,
  userAgent: string,
): Promise<boolean> {
  const shown = readCookie(cookie);
  if (!shown || !core.options.trustedBrowser.enabled) return false;
  const record = await core.store.get(browserKey(accountId, shown.id), core.clock.now());
  if (!isRotating(record)) return false;
  return record.secret === shown.secret && sameFamily(record.data, userAgent);
}

/**
 * Uses the cookie of a trusted browser at a sign-in: checks it and gives the next one (lesson 15). A copy that comes
 * back after its original was used ends the trust of both.
 */
export async function useTrust(
  core: Core,
  accountId: string,
  cookie: string,
  userAgent: string,
): Promise<{ trusted: boolean; next?: TrustCookie }> {
  const shown = readCookie(cookie);
  if (!shown || !core.options.trustedBrowser.enabled) return { trusted: false };
  const secret = randomSecret();
  const outcome = await core.store.rotate({
    key: browserKey(accountId, shown.id),
    now: core.clock.now(),
    presented: shown.secret,
    next: secretDigest(secret),
    grace: GRACE,
  });
  if (outcome.result === 'replayed') core.emit({ type: 'browser.replayed' }, { account: accountId });
  if (outcome.result !== 'rotated' && outcome.result !== 'grace') return { trusted: false };
  if (!sameFamily(outcome.data, userAgent)) return { trusted: false };
  core.emit({ type: 'browser.recognised' }, { account: accountId });
  if (outcome.result === 'grace') return { trusted: true };
  return {
    trusted: true,
    next: { value: `${cookie.split('.')[0]}.${secret}`, expiresAt: outcome.expiresAt },
  };
}

/** Ends the trust of every browser of the account (BND-05). Answers how many there were. */
export async function forgetBrowsers(core: Core, accountId: string): Promise<number> {
  const ids = await core.store.members(listKey(accountId), core.clock.now());
  await Promise.all(ids.map((id) => core.store.delete(browserKey(accountId, id))));
  await Promise.all(ids.map((id) => core.store.leave(listKey(accountId), id)));
  core.emit({ type: 'browsers.forgotten', count: ids.length }, { account: accountId });
  return ids.length;
}

const randomSecret = () => randomBytes(16).toString('base64url');

function readCookie(cookie: string): { id: string; secret: string } | undefined {
  const match = /^([\w-]{22})\.([\w-]{22})$/.exec(cookie);
  return match ? { id: digest(match[1]!), secret: secretDigest(match[2]!) } : undefined;
}

const isRotating = (record: unknown): record is RotatingRecord =>
  typeof record === 'object' && record !== null && 'secret' in record;

const sameFamily = (data: RotatingRecord['data'], userAgent: string): boolean =>
  typeof data === 'object' && data !== null && 'family' in data && data.family === userAgentFamily(userAgent);

/** Make and system without versions, so that an update of the browser does not end the trust. */
function userAgentFamily(userAgent: string): string {
  const make = /(Edg|OPR|SamsungBrowser|Firefox|FxiOS|CriOS|Chrome|Safari)\b/.exec(userAgent)?.[1] ?? 'other';
  const system = /(Windows|Android|iPhone|iPad|Mac OS|CrOS|Linux)\b/.exec(userAgent)?.[1] ?? 'other';
  return `${make}/${system}`;
}
