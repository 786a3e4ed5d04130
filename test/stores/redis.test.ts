import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { key, type Store } from '../../src/ports/store.ts';
import { openRedisStore } from '../../src/stores/redis.ts';
import { storeContract } from '../../src/testing/index.ts';
import { NO_REDIS, type RedisServer, redisAvailable, startRedis } from '../support/redis.ts';

let server: RedisServer;

if (redisAvailable()) {
  before(async () => {
    server = await startRedis();
  });
  after(() => server.stop());

  storeContract('Redis', async () => {
    const options = { url: server.url, prefix: `${randomUUID()}:` };
    const [store, peer] = await Promise.all([openRedisStore(options), openRedisStore(options)]);
    return { store, peer, close: async () => void (await Promise.all([store.close(), peer.close()])) };
  });

  describe('the Redis store', () => {
    it('lets Redis drop whatever has an expiry, not before that, and writes only under its prefix (PRV-05)', async () => {
      await server.cli('FLUSHALL');
      const store = await openRedisStore({ url: server.url, prefix: 'mine:' });
      await writeOneOfEach(store, Date.now(), 10 * MINUTE);
      await store.close();
      const names = (await server.cli('KEYS', '*')).split('\n');
      assert.equal(names.length, 9);
      for (const name of names) {
        const left = Number(await server.cli('PTTL', name));
        if (name === 'mine:{epoch0}mark' || name === 'mine:{clock}time')
          assert.equal(left, -1, 'these stay, and say nothing about anyone');
        else assert.ok(left > 9 * MINUTE && left <= 20 * MINUTE, `${name} is dropped after ${left} ms`);
        assert.match(name, /^mine:\{/);
      }
    });

    it('keeps for a minute at least what is over by the clock of the caller, whose clock may be behind', async () => {
      const store = await openRedisStore({ url: server.url, prefix: 'past:' });
      await writeOneOfEach(store, 1000, 1);
      await store.close();
      for (const name of (await server.cli('KEYS', 'past:{ann}*')).split('\n')) {
        assert.ok(Number(await server.cli('PTTL', name)) > 50_000, name);
      }
    });
  });
} else {
  it('the Redis store', { skip: NO_REDIS }, () => {});
}

const MINUTE = 60_000;

async function writeOneOfEach(store: Store, now: number, life: number): Promise<void> {
  const name = (rest: string) => key('ann', rest);
  const expiresAt = now + life;
  await store.put(name('put'), 1, expiresAt, now);
  await store.add(name('add'), 1, expiresAt, now);
  await store.put(name('replaced'), { rev: 1 }, null, 0);
  await store.replace(name('replaced'), { rev: 2 }, 1, expiresAt + life, now);
  await store.join(name('set'), 'a', 1, expiresAt, now);
  await store.reserve({ key: name('uses'), now, windows: [{ window: life, max: 1 }], cooldown: [] });
  const challenge = { data: null, now, expiresAt, keepUntil: expiresAt, channel: 'sms' as const };
  await store.openChallenge(name('challenge'), challenge);
  await store.attempt({
    ...{ challenge: name('challenge'), tally: name('tally'), now, expected: ['a'], given: 'b' },
    ...{ maxTries: 5, ceiling: 30, delays: [], tallyExpiresAt: expiresAt },
  });
}
