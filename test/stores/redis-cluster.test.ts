import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';
import { openRedisStore } from '../../src/stores/redis.ts';
import { storeContract } from '../../src/testing/index.ts';
import { NO_REDIS, type RedisCluster, redisAvailable, startRedisCluster } from '../support/redis.ts';

let cluster: RedisCluster;

if (redisAvailable()) {
  before(async () => {
    cluster = await startRedisCluster({ masters: 3 });
  });
  after(() => cluster.stop());

  storeContract('Redis Cluster', async () => {
    const options = { cluster: { nodes: cluster.nodes }, prefix: `${randomUUID()}:` };
    const [store, peer] = await Promise.all([openRedisStore(options), openRedisStore(options)]);
    return { store, peer, close: async () => void (await Promise.all([store.close(), peer.close()])) };
  });
} else {
  it('the Redis store on a cluster', { skip: NO_REDIS }, () => {});
}
