import { SekishoError } from '../errors.ts';
import type { Store } from '../ports/store.ts';

type AnyMethod = (...args: unknown[]) => Promise<unknown>;

/**
 * The store, with every failure told as what it is: a store of somebody else throws whatever its driver throws, and people
 * at a page, relying parties and balancers need to hear that it passes. Its words may quote anything, so they stay in the
 * cause (LOG-02).
 */
export function withNamedFailures(store: Store): Store {
  const named = new Map<unknown, unknown>();
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      if (!named.has(method)) named.set(method, nameFailures(target, String(name), method as AnyMethod));
      return named.get(method);
    },
  });
}

function nameFailures(store: Store, operation: string, method: AnyMethod): AnyMethod {
  return async (...args) => {
    try {
      return await method.apply(store, args);
    } catch (cause) {
      if (cause instanceof SekishoError) throw cause;
      throw new SekishoError('store_unavailable', `The store failed in "${operation}"`, { cause });
    }
  };
}
