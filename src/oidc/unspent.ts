import { randomInt } from 'node:crypto';
import type { Core } from '../domain/core.ts';
import type { Json, Key, Store } from '../ports/store.ts';
import { undoneIfWeFail } from './retryable.ts';

/** Uses up what is good for once, such as a code or a refresh token. */
export interface Spending {
  /** Answers false where it was used before, or is not there. */
  spend(record: Key): Promise<boolean>;
  /** The record, from which a mark that is to be undone is gone. */
  read(record: Key): Promise<Json | undefined>;
}

const RETRY_INTERVAL_MS = 1000;
/** Two minutes: a code is over by then, and no store stays away for long without being restarted. */
const RETRIES = 120;
const MOST_OWED = 5000;

/**
 * A program that we answer with "try again" does so with the same code or refresh token, and the library takes one that comes
 * again for stolen and ends all that was granted. So where a failure of ours cut its request short, the mark is undone: at
 * once, or when the store is back. Nobody got what the first try may have issued.
 */
export function createSpending({ store, clock }: Pick<Core, 'store' | 'clock'>): Spending {
  /** Marks that could not be undone yet. */
  const owed = new Map<Key, number>();
  const undo = async (record: Key, mark: number) => {
    await takeOff(store, record, mark, clock.now());
    owed.delete(record);
  };
  const retry = (left: number) => {
    setTimeout(async () => {
      for (const [record, mark] of owed) if (!(await succeeds(undo(record, mark)))) break;
      if (owed.size > 0 && left > 0) retry(left - 1);
      else owed.clear();
    }, RETRY_INTERVAL_MS).unref();
  };
  return {
    async spend(record) {
      const now = clock.now();
      // Ours alone, so that nobody undoes the mark of another request. Redis keeps 14 digits of a number.
      const mark = Math.floor(now / 1000) + randomInt(1, 10_000) / 10_000;
      undoneIfWeFail(async () => {
        if (owed.size >= MOST_OWED || (await succeeds(undo(record, mark)))) return;
        if (owed.size === 0) retry(RETRIES);
        owed.set(record, mark);
      });
      return store.consume(record, mark, now);
    },
    async read(record) {
      const mark = owed.get(record);
      if (mark !== undefined) await undo(record, mark);
      return store.get(record, clock.now());
    },
  };
}

const succeeds = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );

async function takeOff(store: Store, record: Key, mark: number, now: number): Promise<void> {
  const spent = (await store.get(record, now)) as { consumed?: number; exp?: number } | undefined;
  if (spent?.consumed !== mark) return;
  const { consumed: _, ...unspent } = spent;
  await store.put(record, unspent, unspent.exp === undefined ? null : unspent.exp * 1000, now);
}
