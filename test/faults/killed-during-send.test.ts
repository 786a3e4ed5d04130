import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { NO_REDIS, redisAvailable } from '../support/redis.ts';
import { underLoad } from './promises.ts';
import { startRedisSite } from './redis-site.ts';

describe('a node that is killed during a send', { skip: redisAvailable() ? false : NO_REDIS }, () => {
  it('leaves the message with the vendor, and nobody sends it again by himself', async (test) => {
    const { site } = await startRedisSite(test);
    const { sentTwice } = await underLoad(test, site, async () => {
      for (const node of site.nodes) {
        const sends = site.vendor.messages.length;
        site.vendor.behave((res) => void setTimeout(() => res.end('{}'), 1000));
        while (site.vendor.messages.length < sends + 3) await pause(20);
        await node.stop('SIGKILL');
        site.vendor.behave((res) => void res.end('{}'));
        await pause(1000);
        await node.start();
      }
    });
    assert.equal(sentTwice, 0);
  });
});
