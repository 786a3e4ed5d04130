import { type Key, key, type RotatingRecord } from '../ports/store.ts';
import type { Core } from './core.ts';
import { isNewest, newRotating, type RotatingCookie, readRotating, useRotating } from './rotating-secret.ts';

/**
 * How a browser is known from one sign-in to the next, whoever signs in: a random name and a secret that changes at each
 * sign-in. A copy of the cookie shows as soon as both are used, and then neither is known any more (fault A.1, lesson 15).
 */
export interface BrowserIdentity {
  /** Undefined: this browser is not known. */
  name: string | undefined;
  /** What the cookie has to be from now on. */
  next?: RotatingCookie;
}

/** How long a browser stays known without a sign-in: 180 days. */
const IDENTITY_RETENTION_MS = 180 * 86_400_000;

const identityKey = (id: string): Key => key(id, 'browser');

/** Who the browser is, without using the secret up: for requests of a session that goes on. */
export async function identifyBrowser(core: Core, cookie: string | undefined): Promise<string | undefined> {
  return (await lookUp(core, cookie))?.name;
}

async function lookUp(
  core: Core,
  cookie: string | undefined,
): Promise<{ name: string; record: RotatingRecord } | undefined> {
  const shown = readRotating(cookie);
  if (!shown) return undefined;
  const record = await core.store.get(identityKey(shown.id), core.clock.now());
  return isNewest(shown, record) ? { name: shown.name, record } : undefined;
}

/**
 * Uses the cookie at a sign-in and gives the next one.
 *
 * @param account The account that signs in, for events.
 */
export async function useBrowser(
  core: Core,
  account: string,
  cookie: string | undefined,
): Promise<BrowserIdentity> {
  return (await rotate(core, account, cookie)) ?? { name: undefined };
}

async function rotate(
  core: Core,
  account: string,
  cookie: string | undefined,
  renewal: { expiresAt?: number } = {},
): Promise<{ name: string; next?: RotatingCookie } | undefined> {
  const shown = readRotating(cookie);
  const use = { browser: 'known', account, ...renewal } as const;
  const used = shown && (await useRotating(core, shown, { key: identityKey(shown.id), ...use }));
  if (!used) return undefined;
  const { name } = shown;
  // The same form sent twice, or a copy that was quick: whoever watches can tell by how often it comes (fault A.12).
  core.emit({ type: 'browser.recognised', browser: 'known', repeated: used.repeated }, { account });
  return used.repeated ? { name } : { name, next: used.next };
}

/**
 * Makes sure that the browser is known from now on, after a second factor was proved in it. Its cookie changes, unless it did
 * in this sign-in already and half of its days are left: who was at this computer before, and kept a copy, must not be known with it now. That is another
 * use of it: a write of its own could bring back what a copy ended meanwhile.
 *
 * @param account The account that was proved, for events.
 * @param began When the sign-in began.
 * @returns its name, and the cookie to set where there has to be another one.
 */
export async function rememberBrowser(
  core: Core,
  account: string,
  cookie: string | undefined,
  began: number,
): Promise<{ name: string; next?: RotatingCookie }> {
  const now = core.clock.now();
  const expiresAt = now + IDENTITY_RETENTION_MS;
  const found = await lookUp(core, cookie);
  const isChanged = found !== undefined && found.record.rotatedAt >= began;
  const isLasting = found !== undefined && found.record.expiresAt - now > IDENTITY_RETENTION_MS / 2;
  if (isChanged && isLasting) return { name: found.name };
  return (await rotate(core, account, cookie, { expiresAt })) ?? newBrowser(core, now, expiresAt);
}

async function newBrowser(
  core: Core,
  now: number,
  expiresAt: number,
): Promise<{ name: string; next: RotatingCookie }> {
  const { name, id, cookie, record } = newRotating(null, now, expiresAt);
  await core.store.put(identityKey(id), record, expiresAt, now);
  return { name, next: cookie };
}
