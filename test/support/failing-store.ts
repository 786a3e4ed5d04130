import type { Store } from '../../src/ports/store.ts';

export interface StoreCall {
  method: string;
  key: string;
}

function keyIn([first]: unknown[]): string {
  return typeof first === 'string' ? first : String((first as { key?: string } | undefined)?.key ?? '');
}

/** A store that fails when a test says so, and works otherwise. */
export function failingStore(store: Store): {
  store: Store;
  /** The next call that fits fails, and those after it work again. */
  failOnce(fits: (call: StoreCall) => boolean): void;
  /** Every call that fits fails until the answer is called. */
  fail(fits: (call: StoreCall) => boolean): () => void;
  /** Every call that fits waits for this first. */
  delay(fits: (call: StoreCall) => boolean, until: Promise<void>): void;
} {
  let failing: ((call: StoreCall) => boolean) | undefined;
  let away: ((call: StoreCall) => boolean) | undefined;
  let slow: { fits(call: StoreCall): boolean; until: Promise<void> } | undefined;
  return {
    store: new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]) => {
          const call = { method: String(name), key: keyIn(args) };
          if (away?.(call)) throw new Error('the store is away');
          if (failing?.(call)) {
            failing = undefined;
            throw new Error('the store is away for a moment');
          }
          if (slow?.fits(call)) await slow.until;
          return method.apply(target, args);
        };
      },
    }),
    failOnce(fits) {
      failing = fits;
    },
    fail(fits) {
      away = fits;
      return () => {
        away = undefined;
      };
    },
    delay(fits, until) {
      slow = { fits, until };
    },
  };
}
