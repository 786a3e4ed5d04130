import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { NO_REDIS, redisAvailable } from '../support/redis.ts';
import { underLoad } from './promises.ts';
import { startRedisSite } from './redis-site.ts';

describe('a store that fails by half (faults H.2 and H.9)', {
  skip: redisAvailable() ? false : NO_REDIS,
}, () => {
  it('shuts nobody out: right passwords do not count, and sign-ins go on where they were', async (test) => {
    const { site, redis } = await startRedisSite(test);
    const { ledger, sentTwice } = await underLoad(test, site, async () => {
      await pause(1000);
      // Limits are counted by scripts, which go on; whatever is read fails.
      await redis.cli('ACL', 'SETUSER', 'default', '-get');
      await pause(5000);
      await redis.cli('ACL', 'SETUSER', 'default', '+get');
    });
    assert.ok((ledger.seen.get('503') ?? 0) > 20, 'people saw it');
    assert.equal(ledger.seen.get('429'), undefined, 'nobody is told of too many wrong passwords');
    assert.equal(ledger.seen.get('500'), undefined);
    assert.equal(sentTwice, 0);
  });
});
