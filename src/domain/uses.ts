import { type ErrorCode, SekishoError } from '../errors.ts';
import type { Reservation, ReservationOutcome, Store } from '../ports/store.ts';

/** Uses that were counted against limits. */
export interface Uses {
  /** What each limit answered, in the order they were asked. */
  outcomes: readonly ReservationOutcome[];
  /**
   * Gives the granted uses back, or those of them whose limit is chosen; each is given back once. Never throws: where the
   * store fails it is tried again for two minutes.
   */
  release(chosen?: (index: number) => boolean): Promise<void>;
}

/**
 * Counts one use against each of these limits, in one round trip. Where the store fails, what was counted is given back,
 * and so is what may have been counted: no failure of ours shuts anybody out (THR-02, fault H.2).
 *
 * @throws what the store threw.
 */
export async function countUses(store: Store, limits: readonly Reservation[]): Promise<Uses> {
  const settled = await Promise.allSettled(limits.map((limit) => store.reserve(limit)));
  const outcomes = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const held = new Set(
    limits.filter((_, at) => {
      const one = settled[at]!;
      return one.status === 'rejected' || one.value.granted;
    }),
  );
  const release: Uses['release'] = async (chosen = () => true) => {
    const back = limits.filter((limit, at) => held.has(limit) && chosen(at));
    for (const limit of back) held.delete(limit);
    await Promise.all(back.map((limit) => giveBack(store, limit)));
  };
  const failed = settled.find((one) => one.status === 'rejected');
  if (!failed) return { outcomes, release };
  // Not awaited: a store that hangs has kept the person waiting already.
  void release();
  throw failed.reason;
}

/** Errors that say that we failed, and not that the person did. */
const OUR_FAILURES: ReadonlySet<ErrorCode> = new Set(['busy', 'store_unavailable', 'internal']);

/** Does what was counted. Where it ends by a failure of ours, the use is given back; a refusal keeps it. */
export async function unlessWeFail<T>(uses: Pick<Uses, 'release'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SekishoError) || OUR_FAILURES.has(error.code)) void uses.release();
    throw error;
  }
}

type Use = Pick<Reservation, 'key' | 'now'>;

const RETRY_INTERVAL_MS = 1000;
/** Rounds without any success after which the rest is given up: no store stays away for long without being restarted. */
const RETRIES = 120;
const MAX_WAITING = 5000;

/** Uses that could not be given back yet. */
const waiting = new WeakMap<Store, Use[]>();

async function giveBack(store: Store, use: Use): Promise<void> {
  try {
    await store.release(use.key, use.now);
  } catch {
    const queue = waiting.get(store);
    if (!queue) retryLater(store, [use], RETRIES);
    else if (queue.length < MAX_WAITING) queue.push(use);
  }
}

function retryLater(store: Store, queue: Use[], retries: number): void {
  waiting.set(store, queue);
  const retry = async () => {
    const before = queue.length;
    await releaseInTurn(store, queue);
    const left = queue.length < before ? RETRIES : retries - 1;
    if (queue.length > 0 && left > 0) retryLater(store, queue, left);
    else waiting.delete(store);
  };
  setTimeout(() => void retry(), RETRY_INTERVAL_MS).unref();
}

/** One after the other: a store that has just come back has other things to do. */
async function releaseInTurn(store: Store, queue: Use[]): Promise<void> {
  try {
    for (let use = queue[0]; use; use = queue[0]) {
      await store.release(use.key, use.now);
      queue.shift();
    }
  } catch {
    // It is still away.
  }
}
