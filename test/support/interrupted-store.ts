import type { Key, Store } from '../../src/ports/store.ts';

/** A store in which something happens at a bad moment: after a record was read, and before the reader goes on. */
export function interruptedStore(
  store: Store,
  fits: (key: Key) => boolean,
): {
  store: Store;
  /** Does this once, in the next read that fits. */
  interrupt(work: () => Promise<unknown>): void;
} {
  let waiting: (() => Promise<unknown>) | undefined;
  const get: Store['get'] = async (key, now) => {
    const found = await store.get(key, now);
    const work = fits(key) ? waiting : undefined;
    if (work) waiting = undefined;
    await work?.();
    return found;
  };
  return {
    store: new Proxy(store, {
      get: (target, name) => (name === 'get' ? get : Reflect.get(target, name)),
    }),
    interrupt(work) {
      waiting = work;
    },
  };
}
