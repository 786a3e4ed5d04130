import type { TestContext } from 'node:test';
import { openRedisStore } from '../../src/stores/redis.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { type Site, startSite } from './site.ts';

/** A site with one Redis for all nodes; both end with the test. */
export async function startRedisSite(
  test: TestContext,
  options: Record<string, unknown> = {},
): Promise<{ site: Site; redis: RedisServer }> {
  const redis = await startRedis();
  test.after(() => redis.stop());
  const { url } = redis;
  const site = await startSite({
    ...{ nodes: 2, store: { type: 'redis', url }, options },
    openStore: () => openRedisStore({ url }),
  });
  test.after(() => site.close());
  return { site, redis };
}
