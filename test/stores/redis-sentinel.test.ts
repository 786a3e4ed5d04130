import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { key, type Store } from '../../src/ports/store.ts';
import { openRedisStore } from '../../src/stores/redis.ts';
import { NO_REDIS, type RedisServer, redisAvailable, startRedis, startSentinel } from '../support/redis.ts';

describe('the Redis store behind Sentinel', { skip: redisAvailable() ? false : NO_REDIS }, () => {
  let master: RedisServer;
  let replica: RedisServer;
  let sentinel: RedisServer;
  let store: Store;
  before(async () => {
    master = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] });
    replica = await startRedis({ args: ['--replicaof', master.host, `${master.port}`] });
    await until(async () => (await replica.cli('INFO', 'replication')).includes('master_link_status:up'));
    sentinel = await startSentinel(master);
    await until(async () =>
      (await sentinel.cli('SENTINEL', 'REPLICAS', 'sekisho')).includes(`${replica.port}`),
    );
    const { host, port } = sentinel;
    store = await openRedisStore({ sentinel: { name: 'sekisho', nodes: [{ host, port }] } });
  });
  after(async () => {
    await store.close();
    await Promise.all([sentinel, replica, master].map((server) => server.stop()));
  });

  it('finds the master, and the new master after a fail-over (attack 16)', async () => {
    const record = key('ann', 'record');
    await store.put(record, 'before', null, 0);
    const advice = (await store.findings()).map(({ fix }) => fix).join();
    assert.match(
      advice,
      /appendfsync always.*min-replicas-to-write 1/,
      'what may be lost is told (fault H.1)',
    );
    // Refused until the Sentinel knows the replica well enough to promote it.
    await until(async () => (await sentinel.cli('SENTINEL', 'FAILOVER', 'sekisho')) === 'OK');
    await until(async () => {
      await store.put(record, 'after', null, 0);
      return (
        (await replica.cli('ROLE')).startsWith('master') &&
        (await replica.cli('GET', `sekisho:${record}`)).endsWith('"after"')
      );
    });
    assert.equal(await store.get(record, 0), 'after');
  });
});

/** Tries until it is so; while the master changes, calls fail. */
async function until(ready: () => Promise<boolean>): Promise<void> {
  const patience = performance.now() + 10_000;
  while (!(await ready().catch(() => false))) assert.ok(performance.now() < patience, 'in time');
}
