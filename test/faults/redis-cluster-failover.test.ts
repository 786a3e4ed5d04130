import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { NO_REDIS, redisAvailable } from '../support/redis.ts';
import { PASSWORD, REDIRECT_URI, requestAt } from '../support/test-server.ts';
import { createLedger, summary } from './ledger.ts';
import { startLoad } from './people.ts';
import { assertUsedCodesAreDead, underLoad } from './promises.ts';
import { type ReplicatedRedis, startReplicatedCluster, until } from './replicated-redis.ts';
import { type Site, startSite } from './site.ts';

const THIEF = '+819012349999';

describe('a master of a Redis Cluster that dies, and its replica takes over (fault H.1)', {
  skip: redisAvailable() ? false : NO_REDIS,
}, () => {
  it('loses nothing where the replica had everything', async (test) => {
    const { site, redis } = await start(test);
    const { ledger, sentTwice } = await underLoad(test, site, async () => {
      await until(async () => site.vendor.messages.length > 20);
      await redis.die();
      await until(async () => (await storesOf(site)).every((store) => store !== 'failing'));
    });
    assert.ok((ledger.seen.get('503') ?? 0) > 0, 'people saw it');
    assert.equal(ledger.seen.get('500'), undefined);
    assert.equal(sentTwice, 0);
  });

  it('where it lagged, what is missing is told, and nobody binds by the password alone until an operator confirms', async (test) => {
    const { site, redis } = await start(test);
    const ledger = createLedger();
    const load = startLoad(site, ledger);
    await until(async () => ledger.arrived > 8);
    await redis.lag();
    const before = new Set(ledger.bound.keys());
    await until(async () => ledger.bound.size > before.size + 16);
    await redis.failOver();

    await until(async () => (await storesOf(site)).every((store) => store === 'lost'));
    const late = [...ledger.bound.keys()].filter((login) => !before.has(login));
    const missing: string[] = [];
    for (const login of late) if (await bindsNothing(site, login)) missing.push(login);
    assert.ok(missing.length > 0, 'something was lost, so this shows something');
    assert.ok(!site.vendor.messages.some(({ to }) => to === THIEF), 'and nothing was sent for it');

    const store = await redis.open();
    await store.confirm();
    await store.close();
    const done = await load.stop();
    test.diagnostic(`missing ${missing.length} of ${late.length}; ${summary(site, ledger)}`);
    assert.deepEqual(ledger.gaveUp, [], 'everybody gets in in the end');
    for (const login of [...missing, ...ledger.unbound])
      assert.ok(await redis.holds(`id-${login}`), `${login} was on a master that lives`);
    await assertUsedCodesAreDead(site, done);
    assert.equal(ledger.seen.get('500'), undefined);
  });
});

async function start(test: TestContext): Promise<{ site: Site; redis: ReplicatedRedis }> {
  const redis = await startReplicatedCluster('other');
  test.after(() => redis.stop());
  const site = await startSite({
    ...{ nodes: 2, store: { type: 'redis', ...redis.where } },
    openStore: () => redis.open(),
  });
  test.after(() => site.close());
  return { site, redis };
}

/** What each node says of its store. */
const storesOf = ({ nodes }: Site): Promise<string[]> =>
  Promise.all(
    nodes.map(async ({ port }) => {
      const answer = await fetch(`http://127.0.0.1:${port}/ready`);
      return ((await answer.json()) as { store: string }).store;
    }),
  );

/** Signs in by the password alone, and tries to bind another phone. Answers whether one was asked for. */
async function bindsNothing(site: Site, login: string): Promise<boolean> {
  const visitor = new Visitor({ accept: 'text/html' });
  const page = await visitor.open(requestAt(site.issuer), { stopAt: REDIRECT_URI });
  const asked = await page.submit('login', { login, password: PASSWORD }, REDIRECT_URI);
  assert.ok(!asked.url.startsWith(REDIRECT_URI), `${login} is in`);
  if (!asked.form('number')) {
    assert.ok(asked.form('code') ?? asked.form('send'), `${login}: ${asked.status} ${asked.text()}`);
    return false;
  }
  const refused = await asked.submit('number', { phone: THIEF }, REDIRECT_URI);
  assert.equal(refused.status, 503, `${login}: ${refused.text().slice(0, 200)}`);
  return true;
}
