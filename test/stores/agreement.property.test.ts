import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { key, type Store } from '../../src/ports/store.ts';
import { openRedisStore } from '../../src/stores/redis.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { NO_REDIS, type RedisServer, redisAvailable, startRedis } from '../support/redis.ts';

/** One call, as data, so that both stores get the same. */
type Call = { pass: number; do: (store: Store, keys: Keys, now: number) => Promise<unknown> };
type Keys = ReturnType<typeof freshKeys>;

function freshKeys() {
  const tag = randomUUID();
  const [challenge, tally, device] = ['challenge', 'tally', 'device'].map((name) => key(tag, name));
  return { challenge: challenge!, tally: tally!, device: device! };
}

const time = fc.integer({ min: 0, max: 100 });
const secret = fc.constantFrom('a', 'b', 'c');

const opening = fc
  .record({ life: time, extra: time, channel: fc.constantFrom('sms' as const, 'voice' as const) })
  .map(({ life, extra, channel }): Call['do'] => (store, { challenge }, now) => {
    const data = { list: [], holder: {}, at: now };
    return store.openChallenge(challenge, {
      data,
      now,
      expiresAt: now + life,
      keepUntil: now + life + extra,
      channel,
    });
  });
const attempt = fc
  .record({
    given: secret,
    expected: fc.array(secret, { maxLength: 3 }),
    maxTries: fc.integer({ min: 1, max: 4 }),
    ceiling: fc.integer({ min: 1, max: 6 }),
    delays: fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 3 }),
    tallyLife: fc.option(time),
  })
  .map(({ tallyLife, ...rest }): Call['do'] => (store, { challenge, tally }, now) => {
    const tallyExpiresAt = tallyLife === null ? null : now + tallyLife;
    return store.attempt({ challenge, tally, now, ...rest, tallyExpiresAt });
  });
const resend = fc
  .record({
    ttl: time,
    maxSends: fc.integer({ min: 1, max: 4 }),
    maxTries: fc.integer({ min: 1, max: 4 }),
    after: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  })
  .map(
    (rest): Call['do'] =>
      (store, { challenge }, now) =>
        store.resend({ challenge, now, channel: now % 2 ? 'sms' : 'voice', ...rest }),
  );
const closing = fc.constant<Call['do']>((store, { challenge }) => store.closeChallenge(challenge));
const trusting = time.map((life): Call['do'] => (store, { device }, now) => {
  const record = { data: { list: [] }, secret: 'a', previous: null, rotatedAt: now, expiresAt: now + life };
  return store.put(device, record, record.expiresAt, now);
});
const rotating = fc
  .record({ presented: secret, next: secret, grace: time, life: fc.option(time) })
  .map(({ life, ...rest }): Call['do'] => (store, { device }, now) => {
    const renewal = life === null ? {} : { expiresAt: now + life };
    return store.rotate({ key: device, now, ...rest, ...renewal });
  });

const call = fc.record({
  pass: fc.integer({ min: 0, max: 15 }),
  do: fc.oneof(
    { weight: 2, arbitrary: opening },
    { weight: 8, arbitrary: attempt },
    { weight: 3, arbitrary: resend },
    { weight: 1, arbitrary: closing },
    { weight: 1, arbitrary: trusting },
    { weight: 3, arbitrary: rotating },
  ),
});

async function look(store: Store, { challenge, tally, device }: Keys, now: number): Promise<unknown[]> {
  const state = await store.readChallenge(challenge);
  return [state, await store.readTally(tally, now), (await store.get(device, now)) ?? null];
}

describe('SQLite and Redis', { skip: redisAvailable() ? false : NO_REDIS }, () => {
  let server: RedisServer;
  let stores: [Store, Store];
  before(async () => {
    server = await startRedis();
    stores = await Promise.all([openSqliteStore({ file: ':memory:' }), openRedisStore({ url: server.url })]);
  });
  after(async () => {
    for (const store of stores) await store.close();
    await server.stop();
  });

  it('answer every sequence of challenges, resends, attempts and swaps alike (lesson 2)', async () => {
    const sequence = fc.array(call, { minLength: 5, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(sequence, async (calls) => {
        const keys = freshKeys();
        let now = Date.UTC(2024, 0, 15);
        for (const one of calls) {
          now += one.pass;
          const [sqlite, redis] = await Promise.all(stores.map((store) => one.do(store, keys, now)));
          assert.deepEqual(redis, sqlite);
        }
        const [sqlite, redis] = await Promise.all(stores.map((store) => look(store, keys, now)));
        assert.deepEqual(redis, sqlite);
      }),
      { numRuns: 200 },
    );
  });
});
