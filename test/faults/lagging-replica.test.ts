import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openRedisStore } from '../../src/stores/redis.ts';
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
import { NO_REDIS, type RedisServer, redisAvailable, startRedis, startSentinel } from '../support/redis.ts';

/** A master, a replica and a Sentinel, as people run it; the replica can be kept from following. */
async function startGroup(...args: string[]) {
  const master = await startRedis({ args: ['--repl-diskless-sync-delay', '0', ...args] });
  const replica = await startRedis({ args: ['--replicaof', master.host, `${master.port}`] });
  const follows = async () => (await replica.cli('INFO', 'replication')).includes('master_link_status:up');
  await until(follows);
  const sentinel = await startSentinel(master);
  await until(async () =>
    (await sentinel.cli('SENTINEL', 'REPLICAS', 'sekisho')).includes(`${replica.port}`),
  );
  const { host, port } = sentinel;
  return {
    open: (more: object = {}) =>
      openRedisStore({ sentinel: { name: 'sekisho', nodes: [{ host, port }] }, ...more }),
    /** From now on the replica misses what the master takes. */
    lag: () => replica.cli('REPLICAOF', '127.0.0.1', '1'),
    async failOver() {
      await master.signal('SIGKILL');
      await until(async () => (await replica.cli('ROLE')).startsWith('master'));
    },
    stop: async () =>
      void (await Promise.all([sentinel, replica, master].map((server: RedisServer) => server.stop()))),
  };
}

describe('a fail-over to a replica that lags (fault H.1)', {
  skip: redisAvailable() ? false : NO_REDIS,
}, () => {
  let group: Awaited<ReturnType<typeof startGroup>>;
  let a: Host;
  let b: Host;
  before(async () => {
    group = await startGroup();
    a = await startHost({ store: await group.open(), options: { sends: FREE_SENDS } });
    b = await startHost({
      ...{ store: await group.open(), options: { sends: FREE_SENDS } },
      ...{ inbox: a.inbox, issuer: a.issuer },
    });
    await bindPhone(a, new Visitor(), 'alice', PHONES.alice);
  });
  after(async () => {
    await a.close();
    await b.close();
    await group.stop();
  });

  it('accepts no code twice, and lets nobody bind where a binding is gone, on both nodes', async () => {
    const { page, request } = await givePassword(a, new Visitor(), 'alice');
    const other = await givePassword(a, new Visitor(), 'alice');
    const otherCode = a.inbox.lastCode();
    await until(async () => (await a.sekisho.health()).store === 'ok');
    await group.lag();
    const used = a.inbox.messages.at(-2)!;
    assert.ok(used);
    const code = codeIn(used);
    assert.equal((await arrive(a, request, await page.submit('code', { code }))).error, undefined);
    await bindPhone(a, new Visitor(), 'bob', PHONES.bob);
    await group.failOver();
    await until(async () => (await a.sekisho.health()).store !== 'failing');

    assert.equal((await page.submit('code', { code })).next, undefined, 'a used code stays used');
    const late = await enterCodeOf(other.page, otherCode);
    assert.equal(late.next, undefined, 'codes on their way are void');

    for (const host of [a, b]) {
      const thief = await givePassword(host, new Visitor(), 'bob');
      const next = await enterNumber(host, thief.page, PHONES.mallory);
      assert.equal(next.status, 503, 'a binding that is gone lets no password bind');
      const { store, advice } = await host.sekisho.health();
      assert.equal(store, 'lost');
      assert.match(advice ?? '', /sekisho store confirm/);
      assert.ok(host.events.some((event) => event.type === 'store.trust'));
    }

    const { page: again, request: next } = await givePassword(a, new Visitor(), 'alice');
    assert.equal(
      (await arrive(a, next, await enterCode(a, again))).error,
      undefined,
      'who has a number signs in',
    );
    await a.sekisho.confirmStore();
    await bindPhone(b, new Visitor(), 'bob', PHONES.bob);
  });
});

describe('bindings that wait for a replica (fault H.1)', {
  skip: redisAvailable() ? false : NO_REDIS,
}, () => {
  it('are refused while it lags', async () => {
    const group = await startGroup();
    const host = await startHost({
      store: await group.open({ waitForReplicas: 1 }),
      options: { sends: FREE_SENDS },
    });
    try {
      await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
      const { page } = await givePassword(host, new Visitor(), 'bob');
      const code = await enterNumber(host, page, PHONES.bob);
      await group.lag();
      assert.equal((await enterCode(host, code)).next, undefined);
      assert.equal(await host.sekisho.hasPhone('bob'), false, 'what was refused is not there');
    } finally {
      await host.close();
      await group.stop();
    }
  });
});

const enterCodeOf = (page: Awaited<ReturnType<typeof givePassword>>['page'], code: string) =>
  page.submit('code', { code });

/** Tries until it is so; while the master changes, calls fail. */
async function until(ready: () => Promise<boolean>): Promise<void> {
  const patience = performance.now() + 20_000;
  while (!(await ready().catch(() => false))) assert.ok(performance.now() < patience, 'in time');
}
