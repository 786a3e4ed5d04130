import { type Clock, systemClock } from '../ports/clock.ts';

/** The simulator's time, what happens at which time, and what is happening just now. */
export interface SimClock extends Clock {
  /**
   * Runs something at that time; at once when it is due already.
   *
   * @param abandon Called instead where everything scheduled is dropped.
   */
  at(time: number, run: () => unknown, abandon?: () => void): void;
  /** Counts work as under way until it ends. What it throws is told by `settle`, `advance` or `onError`. */
  track(work: Promise<unknown>): Promise<void>;
  /** Moves on, and runs everything that becomes due, one after the other. */
  advance(milliseconds: number): Promise<void>;
  /** Resolves when nothing is under way; what waits for its time does not count. */
  settle(): Promise<void>;
  /** Drops everything scheduled. */
  drop(): void;
}

interface Due {
  time: number;
  run: () => unknown;
  abandon: (() => void) | undefined;
}

/** Longer ones overflow `setTimeout`. */
const LONGEST_TIMER = 2_000_000_000;

/**
 * @param virtual true: time stands still but for `advance`. false: it runs, and `advance` jumps ahead.
 * @param onError Told of what fails; where absent, the next `settle` or `advance` throws it.
 */
export function createSimClock({
  virtual,
  system = systemClock,
  onError,
}: {
  virtual: boolean;
  system?: Clock;
  onError?: (error: unknown) => void;
}): SimClock {
  const start = system.now();
  let ahead = 0;
  const now = () => (virtual ? start : system.now()) + ahead;
  const work = createWork(onError);
  const agenda = createAgenda({ now, begin: work.begin, alarm: !virtual });
  let advances: Promise<void> = Promise.resolve();
  const jump = async (milliseconds: number) => {
    await work.settle();
    const until = now() + milliseconds;
    for (let next = agenda.take(until); next; next = agenda.take(until)) {
      ahead += Math.max(0, next.time - now());
      await work.begin(next.run);
      await work.settle();
    }
    ahead += Math.max(0, until - now());
  };
  return {
    now,
    at(time, run, abandon) {
      if (time <= now()) void work.begin(run);
      else agenda.add({ time, run, abandon });
    },
    track: (promise) => work.begin(() => promise),
    advance(milliseconds) {
      const mine = advances.then(() => agenda.withoutAlarm(() => jump(milliseconds)));
      advances = mine.catch(() => {});
      return mine;
    },
    settle: work.settle,
    drop: agenda.drop,
  };
}

interface AgendaParts {
  now(): number;
  begin(run: () => unknown): Promise<void>;
  /** Whether a timer runs what is due. */
  alarm: boolean;
}

/** What is to happen, the soonest first; at one time, what was added first. */
function createAgenda({ now, begin, alarm }: AgendaParts) {
  const queue: Due[] = [];
  let timer: NodeJS.Timeout | undefined;
  let armed = alarm;
  const take = (until: number) => (queue[0] && queue[0].time <= until ? queue.shift() : undefined);
  const arm = () => {
    clearTimeout(timer);
    const next = queue[0];
    if (!armed || !next) return;
    timer = setTimeout(ring, Math.min(Math.max(0, next.time - now()), LONGEST_TIMER)).unref();
  };
  const ring = () => {
    for (let next = take(now()); next; next = take(now())) void begin(next.run);
    arm();
  };
  return {
    take,
    add(due: Due) {
      const place = queue.findIndex((other) => other.time > due.time);
      queue.splice(place < 0 ? queue.length : place, 0, due);
      arm();
    },
    async withoutAlarm(run: () => Promise<void>): Promise<void> {
      armed = false;
      clearTimeout(timer);
      try {
        await run();
      } finally {
        armed = alarm;
        arm();
      }
    },
    drop() {
      clearTimeout(timer);
      for (const { abandon } of queue.splice(0)) abandon?.();
    },
  };
}

/** What is under way, and what went wrong with it. */
function createWork(onError: ((error: unknown) => void) | undefined) {
  const running = new Set<Promise<void>>();
  const errors: unknown[] = [];
  const failed = onError ?? ((error: unknown) => void errors.push(error));
  return {
    begin(run: () => unknown): Promise<void> {
      const promise: Promise<void> = (async () => void (await run()))()
        .catch(failed)
        .finally(() => running.delete(promise));
      running.add(promise);
      return promise;
    },
    async settle(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
      if (errors.length > 0) throw errors.splice(0)[0];
    },
  };
}
