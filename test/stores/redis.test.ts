import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';
import { openRedisStore } from '../../src/stores/redis.ts';
import { storeContract } from '../../src/testing/index.ts';
import { NO_REDIS, type RedisServer, redisAvailable, startRedis } from '../support/redis.ts';

let server: RedisServer;

if (redisAvailable()) {
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  storeContract('Redis', async () => {
    const options = { url: server.url, prefix: `${randomUUID()}:` };
    const [store, peer] = await Promise.all([openRedisStore(options), openRedisStore(options)]);
    return { store, peer, close: async () => void (await Promise.all([store.close(), peer.close()])) };
  });
} else {
  it('the Redis store', { skip: NO_REDIS }, () => {});
}
