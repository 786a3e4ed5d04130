import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { NO_REDIS, redisAvailable } from '../support/redis.ts';
import { underLoad } from './promises.ts';
import { startRedisSite } from './redis-site.ts';

describe('rolling restarts (faults H.4 and H.6)', { skip: redisAvailable() ? false : NO_REDIS }, () => {
  it('lose no request: each node is stopped and started again, twice, behind a balancer', async (test) => {
    const { site } = await startRedisSite(test);
    const { ledger, sentTwice } = await underLoad(test, site, async () => {
      for (const node of [...site.nodes, ...site.nodes]) {
        await pause(500);
        await node.stop('SIGTERM');
        await node.start();
      }
    });
    assert.equal(site.balancer.unanswered, 0, 'no request was reset');
    const trouble = [...ledger.seen].filter(([status]) => !/^(200|30\d|arrived|token 200)$/.test(status));
    assert.deepEqual(trouble, [], 'nobody saw anything of it');
    assert.equal(ledger.restarted, 0);
    assert.equal(sentTwice, 0);
  });
});
