import { randomUUID } from 'node:crypto';
import { type AttemptRequest, type Key, key, type NewChallenge, type Store } from '../ports/store.ts';

/** What `open` hands to the suite. */
export interface StoreHandle {
  store: Store;
  /**
   * The same records through a connection of its own, as another process has it. Where given, the tests of parallel
   * requests divide them between the two.
   */
  peer?: Store;
  /** Closes everything that was opened, also when `store` is closed already. */
  close(): Promise<void>;
}

/** What the parts of the suite work with. */
export interface Bench {
  open(): Promise<void>;
  close(): Promise<void>;
  /** Another store, for a test that breaks it. */
  another(): Promise<StoreHandle>;
  readonly store: Store;
  /** Keys that nobody used before, with one tag. */
  keys<Names extends string>(...names: Names[]): Record<Names, Key>;
  /** `count` calls at once, by turns through the store and its peer. */
  atOnce<T>(count: number, call: (store: Store, index: number) => Promise<T>): Promise<T[]>;
}

/**
 * The time at which the tests play: long ago, and it stands still. A store that asks the clock of the machine whether a
 * record is over fails them.
 */
export const NOW = Date.UTC(2024, 0, 15, 9, 30);
export const MINUTE = 60_000;

export function createBench(open: () => Promise<StoreHandle>): Bench {
  let handle: StoreHandle | undefined;
  const opened = (): StoreHandle => {
    if (!handle) throw new Error('The store of the suite is not open');
    return handle;
  };
  return {
    async open() {
      handle = await open();
    },
    close: async () => handle?.close(),
    another: open,
    get store() {
      return opened().store;
    },
    keys: freshKeys,
    atOnce(count, call) {
      const { store, peer = store } = opened();
      return Promise.all(Array.from({ length: count }, (_, index) => call(index % 2 ? peer : store, index)));
    },
  };
}

function freshKeys<Names extends string>(...names: Names[]): Record<Names, Key> {
  const tag = randomUUID();
  return Object.fromEntries(names.map((name) => [name, key(tag, name)])) as Record<Names, Key>;
}

/** A challenge of five minutes that is kept for an hour. */
export function aChallenge(changes: Partial<NewChallenge> = {}): NewChallenge {
  return {
    data: { account: 'ann', scopes: [], note: null },
    now: NOW,
    expiresAt: NOW + 5 * MINUTE,
    keepUntil: NOW + 60 * MINUTE,
    channel: 'sms',
    ...changes,
  };
}

/** An attempt with a wrong code and without any delay; `given: 'right'` is the code of the first generation. */
export function anAttempt(
  keys: Pick<AttemptRequest, 'challenge' | 'tally'>,
  changes: Partial<AttemptRequest> = {},
): AttemptRequest {
  return {
    challenge: keys.challenge,
    tally: keys.tally,
    now: NOW,
    expected: ['right', 'second', 'third'],
    given: 'wrong',
    maxTries: 5,
    ceiling: 30,
    delays: [],
    tallyExpiresAt: null,
    ...changes,
  };
}
