import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openRedisStore } from '../../src/stores/redis.ts';
import { NO_REDIS, redisAvailable, startRedis, startSentinel, untilFollowed } from '../support/redis.ts';
import { underLoad } from './promises.ts';
import { startSite } from './site.ts';

describe('a Redis master that dies, with a replica that is up to date', {
  skip: redisAvailable() ? false : NO_REDIS,
}, () => {
  it('is replaced by its replica within seconds, and nothing is lost', async (test) => {
    const master = await startRedis({ args: ['--repl-diskless-sync', 'no'] });
    const replica = await startRedis({ args: ['--replicaof', master.host, `${master.port}`] });
    test.after(() => Promise.all([master.stop(), replica.stop()]));
    await untilFollowed(master);
    const sentinel = await startSentinel(master);
    test.after(() => sentinel.stop());
    while (!(await sentinel.cli('SENTINEL', 'REPLICAS', 'sekisho')).includes(`${replica.port}`))
      await pause(50);
    const { host, port } = sentinel;
    const where = { sentinel: { name: 'sekisho', nodes: [{ host, port }] } };
    const site = await startSite({
      ...{ nodes: 2, store: { type: 'redis', ...where } },
      openStore: () => openRedisStore(where),
    });
    test.after(() => site.close());
    const { ledger, sentTwice } = await underLoad(test, site, async () => {
      await pause(1000);
      await master.signal('SIGKILL');
      while (!(await replica.cli('ROLE')).startsWith('master')) await pause(100);
    });
    assert.ok((ledger.seen.get('503') ?? 0) > 0, 'people saw it');
    assert.equal(ledger.seen.get('500'), undefined);
    assert.equal(sentTwice, 0);
  });
});
