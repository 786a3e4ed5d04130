import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { key, type Store } from '../../src/ports/store.ts';
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

  describe('the Redis store on a cluster', () => {
    let store: Store;
    before(async () => {
      store = await openRedisStore({ cluster: { nodes: cluster.nodes.slice(0, 1) }, prefix: '' });
    });
    after(() => store.close());

    it('spreads its keys over all masters', async () => {
      await Promise.all(
        Array.from({ length: 60 }, (_, index) => store.put(key(`user${index}`, 'x'), index, null, 0)),
      );
      const sizes = await Promise.all(cluster.servers.map(({ cli }) => cli('DBSIZE')));
      assert.ok(
        sizes.every((size) => Number(size) > 10),
        sizes.join(),
      );
    });

    it('asks every master what is unsafe, and names the one (OPS-02)', async () => {
      const unflushed = await store.findings();
      assert.equal(unflushed.length, 3, 'each of them answers before it is on disk');
      const { cli, port } = cluster.servers[1]!;
      await cli('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
      const [finding, ...others] = (await store.findings()).filter(({ severity }) => severity === 'fatal');
      assert.match(finding!.message, new RegExp(`:${port} evicts .*volatile-lru`));
      assert.deepEqual(others, []);
      await cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    });

    it('has another id when any one of its masters lost its data (attack 16)', async () => {
      for (const { cli } of cluster.servers) {
        const epoch = await store.epoch();
        assert.equal(await store.epoch(), epoch);
        await cli('FLUSHALL');
        assert.notEqual(await store.epoch(), epoch);
      }
    });

    it('follows a slot that moved, also among calls for slots that stayed', async () => {
      const { moved, stayed } = await twoKeysOfOneMaster();
      await Promise.all([moved, stayed].map(({ name }) => store.put(name, 'warm', null, 0)));
      await store.delete(moved.name);
      await moveEmptySlot(moved.slot);
      const answers = await Promise.all([
        store.add(moved.name, 'there', null, 0),
        store.add(stayed.name, 'here', null, 0),
      ]);
      assert.deepEqual(answers, [true, false]);
      assert.equal(await store.get(moved.name, 0), 'there');
    });

    it('throws within 3 s while a master is down, and works when it is back (OPS-01)', async () => {
      const dead = cluster.servers[2]!;
      await dead.signal('SIGKILL');
      const began = performance.now();
      const all = Array.from({ length: 30 }, (_, index) =>
        store.put(key(`user${index}`, 'y'), index, null, 0),
      );
      const outcomes = await Promise.allSettled(all);
      assert.ok(performance.now() - began < 3000);
      const failed = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      assert.ok(failed.length > 0);
      for (const { code } of failed) assert.equal(code, 'store_unavailable');
      await assert.rejects(store.ping(), { code: 'store_unavailable' });
      await dead.restart();
      await until(async () => (await cli('CLUSTER', 'INFO')).includes('cluster_state:ok'));
      const works = performance.now();
      await untilAllAnswer(store);
      const later = performance.now() - works;
      assert.ok(later < 2500, `used again ${later} ms after it works (fault H.11)`);
    });
  });
} else {
  it('the Redis store on a cluster', { skip: NO_REDIS }, () => {});
}

const cli = (...command: string[]) => cluster.servers[0]!.cli(...command);
const ownerOf = (slot: number) => Math.floor((slot * cluster.servers.length) / 16_384);

async function twoKeysOfOneMaster() {
  const names = Array.from({ length: 20 }, (_, index) => key(`slot${index}`, 'z'));
  const placed = await Promise.all(
    names.map(async (name) => ({ name, slot: Number(await cli('CLUSTER', 'KEYSLOT', name)) })),
  );
  const [moved, stayed] = placed.filter(({ slot }) => ownerOf(slot) === 0);
  return { moved: moved!, stayed: stayed! };
}

async function moveEmptySlot(slot: number): Promise<void> {
  const target = await cluster.servers[1]!.cli('CLUSTER', 'MYID');
  for (const { cli } of [...cluster.servers].reverse()) {
    assert.equal(await cli('CLUSTER', 'SETSLOT', `${slot}`, 'NODE', target), 'OK');
  }
}

async function until(ready: () => Promise<boolean>): Promise<void> {
  const patience = performance.now() + 10_000;
  while (!(await ready())) assert.ok(performance.now() < patience, 'in time');
}

async function untilAllAnswer(store: Store): Promise<void> {
  const patience = performance.now() + 5000;
  const write = () =>
    Promise.all(Array.from({ length: 30 }, (_, index) => store.put(key(`u${index}`, 'y'), 1, null, 0)));
  while (!(await write().catch(() => false)))
    assert.ok(performance.now() < patience, 'works again by itself');
}
