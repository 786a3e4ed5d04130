import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { bindPhone, FREE_SENDS, givePassword, PHONES, startHost } from '../support/host.ts';
import { NO_REDIS, redisAvailable } from '../support/redis.ts';
import { startReplicatedCluster, startWithSentinel, until } from './replicated-redis.ts';

const skip = redisAvailable() ? false : NO_REDIS;

for (const [where, start] of [
  ['behind Sentinel', startWithSentinel],
  ['in a cluster', () => startReplicatedCluster('other')],
] as const)
  describe(`a remedy that a fail-over may lose, ${where} (BND-08, SES-11)`, { skip }, () => {
    it('is noticed when it is gone, and nobody binds until an operator looked', async (test) => {
      const redis = await start();
      test.after(() => redis.stop());
      const host = await startHost({ store: await redis.open(), options: { sends: FREE_SENDS } });
      test.after(() => host.close());
      const account = await redis.accountOnIt('alice');
      await bindPhone(host, new Visitor(), account, PHONES.alice);
      await until(async () => (await host.sekisho.health()).store === 'ok');
      await redis.lag();
      await host.sekisho.removePhone(account);
      await redis.failOver();
      await until(async () => (await host.sekisho.health()).store !== 'failing');
      await givePassword(host, new Visitor(), account);
      const states = new Set<string>();
      await until(async () => {
        states.add((await host.sekisho.health()).store);
        return states.has('lost');
      }).catch(() => assert.deepEqual(states, new Set(['lost']), 'what was said instead'));
    });

    it('is told as failed while the replica lags, where bindings wait for one', async (test) => {
      const redis = await start();
      test.after(() => redis.stop());
      const store = await redis.open({ waitForReplicas: 1 });
      const host = await startHost({ store, options: { sends: FREE_SENDS } });
      test.after(() => host.close());
      const account = await redis.accountOnIt('alice');
      await bindPhone(host, new Visitor(), account, PHONES.alice);
      await host.sekisho.endSessions(account);
      await redis.lag();
      for (const remedy of ['endSessions', 'forgetBrowsers', 'removePhone'] as const)
        await assert.rejects(host.sekisho[remedy](account), { code: 'store_unavailable' });
      assert.equal(await host.sekisho.hasPhone(account), false, 'it is ended all the same');
    });
  });
