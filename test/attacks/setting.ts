import type { AttemptOutcome, Store } from '../../src/ports/store.ts';
import { openRedisStore } from '../../src/stores/redis.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { FREE_SENDS, type Host, type HostSettings, startHost } from '../support/host.ts';
import { redisAvailable, startRedis } from '../support/redis.ts';

export { FREE_SENDS };

/** Two nodes of one provider on one real Redis, as every attack meets them. */
export interface TwoNodes {
  a: Host;
  b: Host;
  /** Every answer of the atomic step, over both nodes. */
  outcomes: AttemptOutcome[];
  close(): Promise<void>;
}

export const withRedis = { skip: redisAvailable() ? false : 'redis-server is not installed' };

/** What every attack on a store is tried on. */
export const STORES: readonly (readonly [
  string,
  { skip: string | boolean; open(): Promise<{ store: Store; stop(): Promise<void> }> },
])[] = [
  [
    'SQLite',
    {
      skip: false,
      open: async () => ({ store: await openSqliteStore({ file: ':memory:' }), stop: async () => {} }),
    },
  ],
  [
    'Redis',
    {
      skip: withRedis.skip,
      async open() {
        const redis = await startRedis();
        return { store: await openRedisStore({ url: redis.url }), stop: () => redis.stop() };
      },
    },
  ],
];

export async function startTwoNodes(options: HostSettings['options'] = {}): Promise<TwoNodes> {
  const redis = await startRedis();
  const outcomes: AttemptOutcome[] = [];
  const open = async () => watch(await openRedisStore({ url: redis.url }), outcomes);
  const settings = { options: { sends: FREE_SENDS, failures: { delays: [0], ceiling: 30 }, ...options } };
  const a = await startHost({ ...settings, store: await open() });
  const b = await startHost({ ...settings, store: await open(), inbox: a.inbox, issuer: a.issuer });
  return {
    a,
    b,
    outcomes,
    async close() {
      await a.close();
      await b.close();
      await redis.stop();
    },
  };
}

/** The same store, with the answers of `attempt` noted down. */
export function watch(store: Store, outcomes: AttemptOutcome[]): Store {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'attempt') return value.bind(target);
      return async (request: Parameters<Store['attempt']>[0]) => {
        const outcome = await target.attempt(request);
        outcomes.push(outcome);
        return outcome;
      };
    },
  });
}

export const compared = (outcomes: readonly AttemptOutcome[]): number =>
  outcomes.filter(({ result }) => result === 'verified' || result === 'wrong').length;

/** Codes that are not the right one. */
export const wrongCodes = (right: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => String((Number(right) + at + 1) % 1_000_000).padStart(6, '0'));
