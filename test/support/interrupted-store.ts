import type { Key, Store } from '../../src/ports/store.ts';

/** A store in which something happens at a bad moment: after a record was read, and before the reader goes on. */
export function interruptedStore(
  store: Store,
  fits: (key: Key) => boolean,
  /** Or after it was consumed. */
  moment: 'get' | 'consume' = 'get',
): {
  store: Store;
  /** Does this once, at the next moment that fits. */
  interrupt(work: () => Promise<unknown>): void;
} {
  let waiting: (() => Promise<unknown>) | undefined;
  const interrupted = async (key: Key, ...rest: unknown[]) => {
    const found = await Reflect.apply(store[moment], store, [key, ...rest]);
    const work = fits(key) ? waiting : undefined;
    if (work) waiting = undefined;
    await work?.();
    return found;
  };
  return {
    store: new Proxy(store, {
      get: (target, name) => (name === moment ? interrupted : Reflect.get(target, name)),
    }),
    interrupt(work) {
      waiting = work;
    },
  };
}
