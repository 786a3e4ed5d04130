import { comparableLogin } from '../accounts/directory.ts';
import { digest } from '../domain/keys.ts';
import { NETWORK_SHARE, networkOf } from '../domain/limits.ts';
import { readRemedies } from '../domain/remedies.ts';
import { countUses, unlessWeFail } from '../domain/uses.ts';
import type { Clock } from '../ports/clock.ts';
import { key, type Reservation, type Store } from '../ports/store.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/**
 * Wrong passwords that are looked at. One address gets less than a third of what a login takes in all: a stranger needs
 * several to shut the owner out, and cannot do it where the owner signed in lately (THR-02).
 */
const FROM_ADDRESS_TO_LOGIN = [
  { window: 15 * MINUTE, max: 10 },
  { window: DAY, max: 30 },
];
const FROM_ADDRESS = [{ window: HOUR, max: 100 }];
/** From all addresses of an IPv6 network that one subscriber can own. */
const FROM_NETWORK = [{ window: HOUR, max: NETWORK_SHARE * 100 }];
/** Wherever they come from: more addresses do not mean more guesses (THR-01). */
const TO_LOGIN = [{ window: DAY, max: 100 }];
/** For how long an address and a browser are known to a login whose right password came from there. */
const KNOWN = 30 * DAY;
/** When it came, and whose it was: what was known before the account was signed out everywhere is forgotten (SES-11). */
type Known = { at: number; account: string };

export type PasswordTry =
  | {
      granted: true;
      /**
       * Gives the try back: only wrong passwords count.
       *
       * @param accountId Whose password it was.
       * @param browser Id of the browser, which is known to the login from then on.
       */
      right(accountId: string, browser?: string): Promise<void>;
      /** Gives the try back where a failure of ours ended it: the password may have been right (fault H.2). */
      failed(): Promise<void>;
    }
  | { granted: false; retryAt: number };

/**
 * Counts a try at a password before the password is looked at, so that tries at the same moment count too (lesson 3).
 * Apart from the second factor's counters: who does not know the password cannot lock the phone (lesson 8). A login
 * nobody has counts alike (THR-05).
 *
 * Strangers can use up what an address or a login has, and behind one office or a proxy that is set up wrongly the owner
 * has the same address as they. So a browser whose right password came lately has tries of its own, as few as an address
 * has (OWASP, "device cookies"). Without a readable address nothing is counted per address: all such clients would share
 * it, and a hundred wrong passwords of anybody would close every login. What a login takes in a day holds all the same.
 *
 * @param address As limits count it; undefined when it is unknown.
 * @param browser Id in the cookie of the browser; undefined where it has none.
 */
export type PasswordThrottle = (
  login: string,
  address: string | undefined,
  browser?: string,
) => Promise<PasswordTry>;

export function createPasswordThrottle({ store, clock }: { store: Store; clock: Clock }): PasswordThrottle {
  return async (login, address, browser) => {
    const now = clock.now();
    const to = `login ${comparableLogin(login)}`;
    // Where it comes from stands first, for a login may hold anything, also what looks like an address.
    const [fromAddress, fromBrowser] = [place('ip', address), place('browser', browser)];
    const isKnown = async (from: string | undefined) => {
      const known = from && ((await store.get(knownKey(from, to), now)) as Known | undefined);
      if (!known) return false;
      // Whoever knew the password of before has made as many browsers known as he liked.
      const { sessions } = await readRemedies({ store, clock }, known.account);
      return known.at > sessions;
    };
    const known = isKnown(fromAddress);
    known.catch(() => {}); // it is awaited below, once something was counted
    const own = (await isKnown(fromBrowser)) ? fromBrowser : undefined;
    const near = await count(store, own ? [toLoginFrom(own, to, now)] : limitsNear(address, to, now));
    if (!near.granted) return near;
    const welcome = await unlessWeFail(near, async () => own !== undefined || known);
    // Only now: what is refused to one address must not take from what the login has, not even for a moment.
    const all = await unlessWeFail(near, () => count(store, [limit(to, TO_LOGIN, now)]));
    if (!all.granted && !welcome) {
      await near.release();
      return all;
    }
    const failed = async () => {
      await Promise.all([near.release(), all.granted && all.release()]);
    };
    const right = async (account: string, from = browser) => {
      const places = [fromAddress, place('browser', from)].filter((one) => one !== undefined);
      const remember = places.map((one) =>
        store.put(knownKey(one, to), { at: now, account } satisfies Known, now + KNOWN, now),
      );
      await Promise.all([failed(), ...remember]);
    };
    return { granted: true, right, failed };
  };
}

const place = (kind: 'ip' | 'browser', id: string | undefined): string | undefined =>
  id === undefined ? undefined : `${kind} ${id}`;

const knownKey = (from: string, to: string) => key(digest(`password ${from} ${to}`), 'password-known');

const toLoginFrom = (from: string, to: string, now: number): Reservation =>
  limit(`${from} ${to}`, FROM_ADDRESS_TO_LOGIN, now);

function limitsNear(address: string | undefined, to: string, now: number): Reservation[] {
  const from = place('ip', address);
  if (from === undefined) return [];
  const network = networkOf(address);
  return [
    toLoginFrom(from, to, now),
    limit(from, FROM_ADDRESS, now),
    ...(network === undefined ? [] : [limit(`network ${network}`, FROM_NETWORK, now)]),
  ];
}

type Counted = { granted: true; release(): Promise<void> } | { granted: false; retryAt: number };

/** Counts against all of them, or against none. */
async function count(store: Store, limits: readonly Reservation[]): Promise<Counted> {
  const { outcomes, release } = await countUses(store, limits);
  const refused = outcomes.flatMap((outcome) => (outcome.granted ? [] : [outcome.retryAt]));
  if (refused.length === 0) return { granted: true, release };
  await release();
  return { granted: false, retryAt: Math.max(...refused) };
}

const limit = (name: string, windows: Reservation['windows'], now: number): Reservation => ({
  key: key(digest(`password ${name}`), 'passwords'),
  now,
  windows,
  cooldown: [],
});
