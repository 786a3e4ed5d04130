import { key, type RotatingRecord } from '../ports/store.ts';
import type { Core } from './core.ts';
import { accountTag } from './limits.ts';
import { isStillKnown, type Remedies, readRemedies } from './remedies.ts';
import {
  isNewest,
  isRotating,
  newRotating,
  type RotatingCookie,
  readRotating,
  useRotating,
} from './rotating-secret.ts';

const DAY = 86_400_000;
const MOST_BROWSERS = 20;

/** Whose browser it is, and what it calls itself. */
export interface Holder {
  accountId: string;
  /** The authenticator that is bound: trust rests on a code of it, and ends with it (BND-05). */
  authenticator: string;
  userAgent: string;
}

const browserKey = (accountId: string, id: string) => key(accountTag(accountId), 'trusted', id);
const listKey = (accountId: string) => key(accountTag(accountId), 'trusted-browsers');

/**
 * Trusts this browser for this account (SES-06). Two secrets of 128 bits: one names the record, one is shown and changes
 * at each use. Only digests are stored.
 *
 * The list is what counts: a browser that was taken off it between the two writes is not trusted, whatever its record
 * says.
 *
 * @param provedAt When the code was right: trust that was ended since then does not come back.
 * @returns undefined when the account already trusts as many browsers as it may.
 */
export async function trustBrowser(
  core: Core,
  holder: Holder,
  provedAt: number,
): Promise<RotatingCookie | undefined> {
  const { accountId, authenticator, userAgent } = holder;
  const now = core.clock.now();
  const expiresAt = now + core.options.trustedBrowser.days * DAY;
  const data = { family: userAgentFamily(userAgent), authenticator, since: provedAt };
  const { id, cookie, record } = newRotating(data, now, expiresAt);
  if (!(await listBrowser(core, accountId, id, expiresAt))) return undefined;
  await core.store.put(browserKey(accountId, id), record, expiresAt, now);
  core.emit({ type: 'browser.trusted' }, { account: accountId });
  return cookie;
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
export async function isTrusted(core: Core, holder: Holder, cookie: string): Promise<boolean> {
  const shown = readRotating(cookie);
  if (!shown || !core.options.trustedBrowser.enabled) return false;
  const [record, listed, remedies] = await Promise.all([
    core.store.get(browserKey(holder.accountId, shown.id), core.clock.now()),
    isListed(core, holder.accountId, shown.id),
    readRemedies(core, holder.accountId),
  ]);
  return listed && isNewest(shown, record) && belongs(record.data, holder, remedies);
}

async function isListed(core: Core, accountId: string, id: string): Promise<boolean> {
  return (await core.store.members(listKey(accountId), core.clock.now())).includes(id);
}

/**
 * Uses the cookie of a trusted browser at a sign-in: checks it and gives the next one (lesson 15). A copy that comes
 * back after its original was used ends the trust of both.
 *
 * The next one is given out also where nothing comes of it, such as when a browser calls itself another make: without it
 * the browser would look like a copy of itself later. A thief with the current secret gains nothing by that, and any use
 * of a copy shows when the original comes back.
 */
export async function useTrust(
  core: Core,
  holder: Holder,
  cookie: string,
): Promise<{ trusted: boolean; next?: RotatingCookie }> {
  const shown = readRotating(cookie);
  if (!shown || !core.options.trustedBrowser.enabled) return { trusted: false };
  const { accountId } = holder;
  const [used, listed, remedies] = await Promise.all([
    useRotating(core, shown, {
      key: browserKey(accountId, shown.id),
      browser: 'trusted',
      account: accountId,
    }),
    isListed(core, accountId, shown.id),
    readRemedies(core, accountId),
  ]);
  if (!used) return { trusted: false };
  const { repeated } = used;
  const trusted = listed && belongs(used.data, holder, remedies);
  // The same form sent twice, or a copy that was quick: whoever watches can tell by how often it comes (fault A.12).
  if (trusted)
    core.emit({ type: 'browser.recognised', browser: 'trusted', repeated }, { account: accountId });
  return repeated ? { trusted } : { trusted, next: used.next };
}

/** How many browsers the account trusts: those on its list that have not expired. */
export async function countBrowsers(core: Core, accountId: string): Promise<number> {
  const now = core.clock.now();
  const ids = await core.store.members(listKey(accountId), now);
  const records = await Promise.all(ids.map((id) => core.store.get(browserKey(accountId, id), now)));
  return records.filter(isRotating).length;
}

/** Takes every browser off the list of the account; the remedy itself is on record before (BND-05). Answers how many. */
export async function eraseBrowsers(core: Core, accountId: string): Promise<number> {
  const ids = await core.store.members(listKey(accountId), core.clock.now());
  await Promise.all(ids.map((id) => core.store.delete(browserKey(accountId, id))));
  await Promise.all(ids.map((id) => core.store.leave(listKey(accountId), id)));
  return ids.length;
}

/** Whether the trust is this holder's, and was not ended since it was given. */
function belongs(
  data: RotatingRecord['data'],
  { authenticator, userAgent }: Holder,
  remedies: Remedies,
): boolean {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  const mine = data['authenticator'] === authenticator && data['family'] === userAgentFamily(userAgent);
  return mine && isStillKnown(remedies, Number(data['since']));
}

/** Make and system without versions, so that an update of the browser does not end the trust. */
function userAgentFamily(userAgent: string): string {
  const make = /(Edg|OPR|SamsungBrowser|Firefox|FxiOS|CriOS|Chrome|Safari)\b/.exec(userAgent)?.[1] ?? 'other';
  const system = /(Windows|Android|iPhone|iPad|Mac OS|CrOS|Linux)\b/.exec(userAgent)?.[1] ?? 'other';
  return `${make}/${system}`;
}
