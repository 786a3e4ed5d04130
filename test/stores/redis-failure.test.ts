import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { key, type Store } from '../../src/ports/store.ts';
import { openRedisStore } from '../../src/stores/redis.ts';
import { NO_REDIS, type RedisServer, redisAvailable, startRedis } from '../support/redis.ts';

const NOW = Date.UTC(2024, 0, 15);
const CHALLENGE = key('ann', 'challenge');
const TALLY = key('ann', 'tally');

describe('the Redis store when Redis fails (OPS-01, attack 16)', {
  skip: redisAvailable() ? false : NO_REDIS,
}, () => {
  let server: RedisServer;
  let store: Store;
  before(async () => {
    // What is on disk before it is answered survives the crash, so codes live on.
    server = await startRedis({ args: ['--appendfsync', 'always'] });
    store = await openRedisStore({ url: server.url });
  });
  after(async () => {
    await store.close();
    await server.stop();
  });

  it('throws within 3 s when Redis was killed, and counts on from where it was after the restart', async () => {
    await openChallenge(store, CHALLENGE);
    await attempt(store, CHALLENGE);
    await attempt(store, CHALLENGE);
    await server.signal('SIGKILL');
    await throwsInTime(() => attempt(store, CHALLENGE, 'right'));
    await throwsInTime(() => store.ping());
    await server.restart();
    await untilItAnswers(store);
    const state = await store.readChallenge(CHALLENGE);
    assert.deepEqual([state?.tries, state?.status], [2, 'live']);
    const next = await attempt(store, CHALLENGE);
    assert.ok(next.result === 'wrong' && next.failures === 3);
  });

  it('throws within 3 s for everything that is under way when Redis is killed', async () => {
    const challenge = key('burst', 'challenge');
    await openChallenge(store, challenge);
    const burst = Array.from({ length: 100 }, () => throwsOrCounts(attempt(store, challenge)));
    await server.signal('SIGKILL');
    const compared = (await Promise.all(burst)).filter((result) => result === 'wrong').length;
    await server.restart();
    await untilItAnswers(store);
    const tries = (await store.readChallenge(challenge))!.tries;
    assert.ok(tries >= compared && tries <= 5, `${compared} answered, ${tries} counted`);
  });

  it('throws within 3 s when Redis hangs, and works when it wakes', async () => {
    await server.signal('SIGSTOP');
    await Promise.all([throwsInTime(() => store.readTally(TALLY, NOW)), throwsInTime(() => store.ping())]);
    await server.signal('SIGCONT');
    await untilItAnswers(store);
  });

  it('never counts a try that memory is lacking for, and compares nothing', async () => {
    const challenge = key('full', 'challenge');
    await openChallenge(store, challenge);
    await server.cli('CONFIG', 'SET', 'maxmemory', '1');
    const error = await throwsInTime(() => attempt(store, challenge, 'right'));
    assert.match(error.message, /out of memory: raise maxmemory/);
    await throwsInTime(() => openChallenge(store, key('full', 'another')));
    await server.cli('CONFIG', 'SET', 'maxmemory', '0');
    assert.equal((await store.readChallenge(challenge))?.tries, 0);
    assert.equal((await attempt(store, challenge, 'right')).result, 'verified');
  });

  it('throws on a replica that may not write, and works when it is master again', async () => {
    const other = await startRedis();
    const challenge = key('replica', 'challenge');
    await openChallenge(store, challenge);
    await server.cli('REPLICAOF', other.host, `${other.port}`);
    const error = await throwsInTime(() => attempt(store, challenge, 'right'));
    assert.match(error.message, /read-only replica/);
    await server.cli('REPLICAOF', 'NO', 'ONE');
    await other.stop();
    await untilItAnswers(store);
    await openChallenge(store, key('replica', 'another'));
  });

  it('has another id after FLUSHALL, and every challenge is void', async () => {
    const challenge = key('flushed', 'challenge');
    await openChallenge(store, challenge);
    const epoch = await store.epoch();
    await server.cli('FLUSHALL');
    assert.notEqual(await store.epoch(), epoch);
    assert.deepEqual(await attempt(store, challenge, 'right'), { result: 'unknown' });
  });

  it('sends its scripts anew when Redis forgot them', async () => {
    await store.delete(TALLY);
    await openChallenge(store, key('flush', 'first'));
    await server.cli('SCRIPT', 'FLUSH');
    assert.equal(await openChallenge(store, key('flush', 'second')), true);
  });
});

describe('the Redis store that cannot be opened', { skip: !redisAvailable() }, () => {
  it('says where it looked within 3 s, when nobody listens', async () => {
    const { url, stop } = await startRedis();
    await stop();
    const error = await throwsInTime(() => openRedisStore({ url }));
    assert.match(error.message, /^Redis at 127\.0\.0\.1:\d+ failed in "connect": connect ECONNREFUSED/);
  });

  it('keeps the password out of its error, causes included (LOG-02)', async () => {
    const server = await startRedis({ args: ['--requirepass', 'the-right-one'] });
    const { host, port } = server;
    for (const password of ['sw0rdfish', 'sw%40rdfish']) {
      const url = `redis://:${password}@${host}:${port}`;
      const error = await throwsInTime(() => openRedisStore({ url }));
      assert.match(error.message, /Check the username and password/);
      assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /rdfish/);
    }
    await server.stop();
  });

  it('names the option that makes no sense', async () => {
    const invalid = (message: RegExp) => ({ code: 'option_invalid', message });
    await assert.rejects(openRedisStore({}), invalid(/exactly one of url, sentinel and cluster/));
    await assert.rejects(openRedisStore({ url: 'localhost:6380' }), invalid(/must look like redis:/));
    await assert.rejects(openRedisStore({ url: 'redis://127.0.0.1:1', prefix: '{x}' }), invalid(/braces/));
  });
});

function openChallenge(store: Store, challenge: typeof CHALLENGE): Promise<boolean> {
  const lives = { expiresAt: NOW + 300_000, keepUntil: NOW + 600_000 };
  return store.openChallenge(challenge, { data: null, now: NOW, ...lives, channel: 'sms' });
}

function attempt(store: Store, challenge: typeof CHALLENGE, given = 'wrong') {
  return store.attempt({
    challenge,
    tally: challenge === CHALLENGE ? TALLY : (challenge.replace('challenge', 'tally') as typeof TALLY),
    now: NOW,
    expected: ['right'],
    given,
    maxTries: 5,
    ceiling: 30,
    delays: [],
    tallyExpiresAt: null,
  });
}

/** OPS-01, attack 16: a page has to answer within 3 s. */
async function throwsInTime(call: () => Promise<unknown>): Promise<Error> {
  const began = performance.now();
  const error = await call().then(
    () => assert.fail('answered as if it had worked'),
    (reason: Error & { code?: string }) => reason,
  );
  assert.equal(error.code, 'store_unavailable');
  assert.ok(performance.now() - began < 3000, `took ${Math.round(performance.now() - began)} ms`);
  return error;
}

async function throwsOrCounts(call: ReturnType<typeof attempt>): Promise<string> {
  return call.then(
    ({ result }) => result,
    (error: { code?: string }) => error.code ?? 'another error',
  );
}

async function untilItAnswers(store: Store): Promise<void> {
  const patience = performance.now() + 5000;
  for (;;) {
    const up = await store.ping().then(
      () => true,
      () => false,
    );
    if (up) return;
    assert.ok(performance.now() < patience, 'the store works again by itself');
    await pause(20);
  }
}
