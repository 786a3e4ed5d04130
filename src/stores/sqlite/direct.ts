import type { Store } from '../../ports/store.ts';

/** Methods of the store as SQLite answers them: at once. */
export type Direct<Methods extends keyof Store> = {
  [M in Methods]: Store[M] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never;
};
