import { describe } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { openRedisStore } from '../../src/stores/redis.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { redisAvailable, startRedis } from './redis.ts';

/** A store of its own for one test, and how to end what it stands on. */
export interface OpenedStore {
  store: Store;
  end(): Promise<void>;
}

/** Describes the same for SQLite and for a real Redis. */
export function onBothStores(title: string, body: (open: () => Promise<OpenedStore>) => void): void {
  describe(`${title}, on SQLite`, () => {
    body(async () => ({ store: await openSqliteStore({ file: ':memory:' }), end: async () => {} }));
  });
  const skip = redisAvailable() ? false : 'redis-server is not installed';
  describe(`${title}, on Redis`, { skip }, () => {
    body(async () => {
      const redis = await startRedis();
      return { store: await openRedisStore({ url: redis.url }), end: () => redis.stop() };
    });
  });
}
