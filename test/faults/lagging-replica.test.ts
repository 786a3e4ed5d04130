import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  enterNumber,
  FREE_SENDS,
  givePassword,
  type Host,
  PHONES,
  startHost,
} from '../support/host.ts';
import { codeIn } from '../support/inbox.ts';
import { NO_REDIS, redisAvailable } from '../support/redis.ts';
import {
  type ReplicatedRedis,
  startReplicatedCluster,
  startWithSentinel,
  until,
} from './replicated-redis.ts';

const skip = redisAvailable() ? false : NO_REDIS;

/**
 * What somebody hears who has the password and wants to bind another number, until the node knows what is lost. Connections
 * to the new master are cut once more, and whoever meets that tries again.
 */
async function answersToThief(host: Host, account: string): Promise<Set<number>> {
  const answers = new Set<number>();
  await until(async () => {
    const { page } = await givePassword(host, new Visitor(), account);
    answers.add((await enterNumber(host, page, PHONES.mallory)).status);
    return (await host.sekisho.health()).store === 'lost';
  });
  return answers;
}

for (const [where, start] of [
  ['behind Sentinel', startWithSentinel],
  ['of the master of a cluster that is its clock', () => startReplicatedCluster('clock')],
  ['of another master of a cluster', () => startReplicatedCluster('other')],
] as const) {
  describe(`a fail-over to a replica that lags, ${where} (fault H.1)`, { skip }, () => {
    let redis: ReplicatedRedis;
    let a: Host;
    let b: Host;
    before(async () => {
      redis = await start();
      a = await startHost({ store: await redis.open(), options: { sends: FREE_SENDS } });
      b = await startHost({ store: await redis.open(), options: { sends: FREE_SENDS }, inbox: a.inbox });
    });
    after(async () => {
      await a.close();
      await b.close();
      await redis.stop();
    });

    it('accepts no code twice, and lets nobody bind where a binding is gone, on both nodes', async () => {
      const [alice, bob] = [await redis.accountOnIt('alice'), await redis.accountOnIt('bob')];
      await bindPhone(a, new Visitor(), alice, PHONES.alice);
      const { page, request } = await givePassword(a, new Visitor(), alice);
      const other = await givePassword(a, new Visitor(), alice);
      const otherCode = a.inbox.lastCode();
      await until(async () => (await a.sekisho.health()).store === 'ok');
      await redis.lag();
      const code = codeIn(a.inbox.messages.at(-2)!);
      assert.equal((await arrive(a, request, await page.submit('code', { code }))).error, undefined);
      await bindPhone(a, new Visitor(), bob, PHONES.bob);
      await redis.failOver();
      await until(async () => (await a.sekisho.health()).store !== 'failing');

      assert.equal((await page.submit('code', { code })).next, undefined, 'a used code stays used');
      const late = await other.page.submit('code', { code: otherCode });
      assert.equal(late.next, undefined, 'codes on their way are void');

      for (const host of [a, b]) {
        const answers = await answersToThief(host, bob);
        assert.deepEqual(answers, new Set([503]), 'a binding that is gone lets no password bind');
        const { store, advice } = await host.sekisho.health();
        assert.equal(store, 'lost');
        assert.match(advice ?? '', /sekisho store confirm/);
        assert.ok(host.events.some((event) => event.type === 'store.trust'));
      }

      const { page: again, request: next } = await givePassword(a, new Visitor(), alice);
      assert.equal(
        (await arrive(a, next, await enterCode(a, again))).error,
        undefined,
        'who has a number signs in',
      );
      await a.sekisho.confirmStore();
      await bindPhone(b, new Visitor(), bob, PHONES.bob);
    });
  });

  describe(`a node that had a number bound and serves nobody afterwards, ${where} (fault H.1)`, {
    skip,
  }, () => {
    it('says what is missing where it is asked whether it is ready', async (test) => {
      const redis = await start();
      test.after(() => redis.stop());
      const options = { sends: FREE_SENDS };
      const a = await startHost({ store: await redis.open(), options });
      test.after(() => a.close());
      const b = await startHost({ store: await redis.open(), options });
      test.after(() => b.close());
      const bob = await redis.accountOnIt('bob');
      await redis.lag();
      await bindPhone(b, new Visitor(), bob, PHONES.bob);
      await redis.failOver();

      // Whether b has looked by itself before it is asked is up to chance.
      await until(async () => ['settling', 'lost'].includes((await a.sekisho.health()).store));
      await until(async () => !['failing', 'settling'].includes((await b.sekisho.health()).store));
      assert.deepEqual(await answersToThief(a, bob), new Set([503]));
    });
  });

  describe(`bindings that wait for a replica, ${where} (fault H.1)`, { skip }, () => {
    it('are refused while it lags', async (test) => {
      const redis = await start();
      test.after(() => redis.stop());
      const store = await redis.open({ waitForReplicas: 1 });
      const host = await startHost({ store, options: { sends: FREE_SENDS } });
      test.after(() => host.close());
      const [alice, bob] = [await redis.accountOnIt('alice'), await redis.accountOnIt('bob')];
      await bindPhone(host, new Visitor(), alice, PHONES.alice);
      const { page } = await givePassword(host, new Visitor(), bob);
      const code = await enterNumber(host, page, PHONES.bob);
      await redis.lag();
      assert.equal((await enterCode(host, code)).next, undefined);
      assert.equal(await host.sekisho.hasPhone(bob), false, 'what was refused is not there');
    });
  });
}
