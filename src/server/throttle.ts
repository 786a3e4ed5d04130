import { comparableLogin } from '../accounts/directory.ts';
import { digest } from '../domain/keys.ts';
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
/** Wherever they come from: more addresses do not mean more guesses (THR-01). */
const TO_LOGIN = [{ window: DAY, max: 100 }];
/** For how long an address is known to a login whose right password came from there. */
const KNOWN = 30 * DAY;

export type PasswordTry =
  | {
      granted: true;
      /** Gives the try back: only wrong passwords count. */
      right(): Promise<void>;
      /** Gives the try back where a failure of ours ended it: the password may have been right (fault H.2). */
      failed(): Promise<void>;
    }
  | { granted: false; retryAt: number };

/**
 * Counts a try at a password before the password is looked at, so that tries at the same moment count too (lesson 3).
 * Apart from the second factor's counters: who does not know the password cannot lock the phone (lesson 8). A login
 * nobody has counts alike (THR-05).
 *
 * @param address As limits count it; undefined when it is unknown, and all those share one limit (lesson 10).
 */
export type PasswordThrottle = (login: string, address: string | undefined) => Promise<PasswordTry>;

export function createPasswordThrottle({ store, clock }: { store: Store; clock: Clock }): PasswordThrottle {
  return async (login, address) => {
    const now = clock.now();
    const to = `login ${comparableLogin(login)}`;
    // The address comes first, for a login may hold anything, also what looks like an address.
    const from = `ip ${address ?? 'unknown'}`;
    const knownKey = key(digest(`password ${from} ${to}`), 'password-known');
    const lookUp = address === undefined ? undefined : store.get(knownKey, now);
    lookUp?.catch(() => {}); // it is awaited below, once something was counted
    const near = await count(store, [
      limit(`${from} ${to}`, FROM_ADDRESS_TO_LOGIN, now),
      limit(from, FROM_ADDRESS, now),
    ]);
    if (!near.granted) return near;
    const known = await unlessWeFail(near, async () => lookUp);
    // Only now: what is refused to one address must not take from what the login has, not even for a moment.
    const all = await unlessWeFail(near, () => count(store, [limit(to, TO_LOGIN, now)]));
    if (!all.granted && known === undefined) {
      await near.release();
      return all;
    }
    const failed = async () => {
      await Promise.all([near.release(), all.granted && all.release()]);
    };
    const right = async () => {
      await Promise.all([failed(), address !== undefined && store.put(knownKey, { at: now }, now + KNOWN)]);
    };
    return { granted: true, right, failed };
  };
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
