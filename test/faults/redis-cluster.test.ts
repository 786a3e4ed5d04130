import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openRedisStore } from '../../src/stores/redis.ts';
import { NO_REDIS, redisAvailable, startRedisCluster } from '../support/redis.ts';
import { underLoad } from './promises.ts';
import { startSite } from './site.ts';

describe('a Redis Cluster whose master dies and comes back', {
  skip: redisAvailable() ? false : NO_REDIS,
}, () => {
  it('keeps everything it acknowledged, and people wait meanwhile', async (test) => {
    const cluster = await startRedisCluster();
    test.after(() => cluster.stop());
    const where = { cluster: { nodes: cluster.nodes } };
    const site = await startSite({
      ...{ nodes: 2, store: { type: 'redis', ...where } },
      openStore: () => openRedisStore(where),
    });
    test.after(() => site.close());
    const [, lost] = cluster.servers;
    const { ledger, sentTwice } = await underLoad(test, site, async () => {
      await pause(1000);
      await lost!.signal('SIGKILL');
      await pause(3000);
      await lost!.restart();
    });
    assert.ok((ledger.seen.get('503') ?? 0) > 0, 'people saw it');
    assert.equal(ledger.seen.get('500'), undefined);
    assert.equal(sentTwice, 0);
  });
});
