import { SekishoError } from '../errors.ts';

/** Hashes passwords of many people without keeping anybody else waiting. */
export interface HashQueue {
  /**
   * Runs the work when its turn comes.
   *
   * @param asker Where it comes from, as limits count it; undefined when that is unknown.
   * @throws SekishoError `busy` when too many wait, in all or of this asker. Nothing was run then.
   */
  run<T>(asker: string | undefined, work: () => Promise<T>): Promise<T>;
  /** How many run or wait. */
  size(): number;
}

export interface HashQueueLimits {
  /** Hashes at the same time. */
  running: number;
  /** Hashes that run or wait, in all. */
  total: number;
  /** Hashes that run or wait, of one asker. */
  perAsker: number;
}

type Job = () => Promise<void>;

/**
 * A hash takes one of the few threads of the process (4 unless UV_THREADPOOL_SIZE says otherwise) for 45 ms, and every look-up
 * of a name needs one too: 120 wrong passwords at once kept codes of others from leaving (fault B.1). So hashes take half of
 * the threads, wait in a bounded queue, and askers take turns: one address holds a few places only, and keeps others waiting
 * for one hash of its own, not for all.
 */
export function createHashQueue(limits: HashQueueLimits): HashQueue {
  /** By asker, the one whose turn is next first. */
  const waiting = new Map<string, Job[]>();
  const held = new Map<string, number>();
  let running = 0;
  let total = 0;

  function next(): void {
    const [asker, jobs] = waiting.entries().next().value ?? [];
    if (asker === undefined || !jobs || running >= limits.running) return;
    const job = jobs.shift()!;
    waiting.delete(asker);
    if (jobs.length > 0) waiting.set(asker, jobs);
    running += 1;
    void job().finally(() => {
      running -= 1;
      next();
    });
  }

  return {
    size: () => total,
    run(asker, work) {
      const name = asker ?? UNKNOWN;
      const most = asker === undefined ? limits.total / 2 : limits.perAsker;
      const own = held.get(name) ?? 0;
      if (total >= limits.total || own >= most) {
        return Promise.reject(new SekishoError('busy', 'Too many passwords are waiting to be hashed'));
      }
      total += 1;
      held.set(name, own + 1);
      return new Promise((resolve, reject) => {
        const job = async () => {
          await work().then(resolve, reject);
          total -= 1;
          leave(held, name);
        };
        waiting.set(name, [...(waiting.get(name) ?? []), job]);
        next();
      });
    },
  };
}

/** No address is spelled like this; all that cannot be read share half of the places. */
const UNKNOWN = 'unknown';

function leave(held: Map<string, number>, name: string): void {
  const left = held.get(name)! - 1;
  if (left > 0) held.set(name, left);
  else held.delete(name);
}

/** Half of the threads that libuv has in this process. */
const halfOfThreads = (): number =>
  Math.max(1, Math.floor((Number(process.env['UV_THREADPOOL_SIZE']) || 4) / 2));

/** The queue of this process: all directories in it share the threads. Its last place waits about two seconds. */
export const processQueue: HashQueue = createHashQueue({
  running: halfOfThreads(),
  total: 40 * halfOfThreads(),
  perAsker: 8,
});
