import type { Clock } from '../../src/ports/clock.ts';

const START = Date.UTC(2026, 5, 1);

/** A virtual clock, and what happens at which of its moments. */
export interface Timeline {
  clock: Clock;
  /** Seconds since the start. */
  now(): number;
  /** Does something after so many seconds. */
  after(seconds: number, happens: () => void | Promise<void>): void;
  /** Lets everything happen, in order. */
  run(): Promise<void>;
}

type Entry = { at: number; order: number; happens: () => void | Promise<void> };

export function createTimeline(): Timeline {
  const heap: Entry[] = [];
  let milliseconds = 0;
  let order = 0;
  return {
    clock: { now: () => START + Math.round(milliseconds) },
    now: () => milliseconds / 1000,
    after(seconds, happens) {
      order += 1;
      push(heap, { at: milliseconds + seconds * 1000, order, happens });
    },
    async run() {
      for (let next = pop(heap); next !== undefined; next = pop(heap)) {
        milliseconds = next.at;
        await next.happens();
        // Everything that goes on after a response has gone as far as it can before time moves on.
        for (let turn = 0; turn < 4; turn += 1) await new Promise((done) => setImmediate(done));
      }
    },
  };
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function push(heap: Entry[], entry: Entry): void {
  let at = heap.push(entry) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!before(entry, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
    if (!before(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
