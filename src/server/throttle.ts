import { comparableLogin } from '../accounts/directory.ts';
import { digest } from '../domain/keys.ts';
import type { Clock } from '../ports/clock.ts';
import { key, type Reservation, type Store } from '../ports/store.ts';

const MINUTE = 60_000;
/** Wrong passwords that are looked at, for one login and from one address. */
const PER_LOGIN = { window: 15 * MINUTE, max: 10 };
const PER_ADDRESS = { window: 60 * MINUTE, max: 100 };

export type PasswordTry =
  /** `right` gives the try back: only wrong passwords count. */
  { granted: true; right(): Promise<void> } | { granted: false; retryAt: number };

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
    const limits: Reservation[] = [
      limit(`password login ${comparableLogin(login)}`, PER_LOGIN, now),
      limit(`password ip ${address ?? 'unknown'}`, PER_ADDRESS, now),
    ];
    const outcomes = await Promise.all(limits.map((request) => store.reserve(request)));
    const granted = limits.filter((_, at) => outcomes[at]!.granted);
    const release = async () => {
      await Promise.all(granted.map((request) => store.release(request.key, now)));
    };
    const refused = outcomes.flatMap((outcome) => (outcome.granted ? [] : [outcome.retryAt]));
    if (refused.length === 0) return { granted: true, right: release };
    await release();
    return { granted: false, retryAt: Math.max(...refused) };
  };
}

const limit = (name: string, window: { window: number; max: number }, now: number): Reservation => ({
  key: key(digest(name), 'passwords'),
  now,
  windows: [window],
  cooldown: [],
});
