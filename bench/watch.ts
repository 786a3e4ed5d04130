import type { Store } from '../src/ports/store.ts';

/** One call of a method of a store. */
export interface Call {
  method: string;
  start: number;
  end: number;
  /** Whether nothing waits for it before the response. */
  background: boolean;
}

/** The same store, with a record of who called it and when. */
export function watch(store: Store, calls: Call[], background = false): Store {
  const methods = Object.entries(store).map(([method, run]) => [
    method,
    typeof run === 'function' ? recorded(method, run as AnyMethod, calls, background) : run,
  ]);
  return Object.fromEntries(methods) as Store;
}

type AnyMethod = (...args: unknown[]) => Promise<unknown>;

function recorded(method: string, run: AnyMethod, calls: Call[], background: boolean): AnyMethod {
  return async (...args) => {
    const call = { method, start: performance.now(), end: Number.POSITIVE_INFINITY, background };
    calls.push(call);
    try {
      return await run(...args);
    } finally {
      call.end = performance.now();
    }
  };
}

/** How many of the calls can have waited for each other: the most of which no two overlap. */
export function longestChain(calls: readonly Call[]): number {
  let [length, free] = [0, 0];
  for (const { start, end } of calls.toSorted((a, b) => a.end - b.end)) {
    if (start < free) continue;
    length += 1;
    free = end;
  }
  return length;
}
