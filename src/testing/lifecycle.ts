import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Key, Store } from '../ports/store.ts';
import { aChallenge, anAttempt, type Bench, NOW } from './bench.ts';

/** `delete` over all kinds, `epoch`, `ping`, `findings`, `close`. */
export function lifecycle(bench: Bench): void {
  describe('the store itself', () => {
    it('has a name, answers a ping, and says what is unsafe', () => answers(bench));
    it('says what time it is in milliseconds, and it goes on (OPS-03)', () => time(bench));
    it('keeps one id for as long as it keeps its records (attack 16)', () => epoch(bench));
    it('forgets a set, a limit, a challenge and a tally that is deleted', () => deletesAll(bench));
    it('throws in every method when it cannot do its work (OPS-01)', () => failsClosed(bench));
  });
}

async function answers({ store }: Bench): Promise<void> {
  assert.match(store.name, /^\S+$/);
  await store.ping();
  for (const { severity, message, fix } of await store.findings()) {
    assert.match(severity, /^(fatal|warning)$/);
    assert.ok(message && fix);
  }
}

async function time({ store, atOnce }: Bench): Promise<void> {
  const before = await store.time();
  const [first, ...others] = await atOnce(4, (one) => one.time());
  assert.ok(
    before > Date.UTC(2025) && before < Date.UTC(2100),
    `${before} is in milliseconds since the epoch`,
  );
  for (const one of others) assert.ok(Math.abs(one - first!) < 1000, 'every connection asks the same clock');
  assert.ok((await store.time()) >= before);
}

async function epoch({ store, atOnce, another }: Bench): Promise<void> {
  const first = await store.epoch();
  assert.ok(first.length >= 16);
  assert.deepEqual(new Set(await atOnce(10, (one) => one.epoch())), new Set([first]));
  const other = await another();
  const second = await other.store.epoch().finally(other.close);
  assert.notEqual(second, first, 'another store has another id');
}

async function deletesAll({ store, keys }: Bench): Promise<void> {
  const { set, uses, challenge, tally } = keys('set', 'uses', 'challenge', 'tally');
  const reservation = { key: uses, now: NOW, windows: [{ window: 1000, max: 1 }], cooldown: [] };
  await store.join(set, 'a', 1, null, NOW);
  await store.reserve(reservation);
  await store.openChallenge(challenge, aChallenge());
  await store.attempt(anAttempt({ challenge, tally }));
  for (const key of [set, uses, challenge, tally]) assert.equal(await store.delete(key), true);
  assert.deepEqual(await store.members(set, NOW), []);
  assert.equal((await store.reserve(reservation)).granted, true);
  assert.equal(await store.readChallenge(challenge), undefined);
  assert.equal((await store.readTally(tally, NOW)).failures, 0);
}

async function failsClosed({ another, keys }: Bench): Promise<void> {
  const broken = await another();
  await broken.store.close();
  try {
    for (const [method, call] of calls(broken.store, keys('any').any)) {
      await assert.rejects(call(), { code: 'store_unavailable' }, `${method} throws`);
    }
  } finally {
    await broken.close();
  }
}

function calls(store: Store, any: Key): [string, () => Promise<unknown>][] {
  const attempt = anAttempt({ challenge: any, tally: any });
  const resend = { challenge: any, now: NOW, ttl: 1, maxSends: 1, maxTries: 1, channel: 'sms' as const };
  return [
    ['get', () => store.get(any, NOW)],
    ['put', () => store.put(any, 1, null, NOW)],
    ['add', () => store.add(any, 1, null, NOW)],
    ['replace', () => store.replace(any, { rev: 2 }, 1, null, NOW)],
    ['delete', () => store.delete(any)],
    ['join', () => store.join(any, 'a', 1, null, NOW)],
    ['leave', () => store.leave(any, 'a')],
    ['members', () => store.members(any, NOW)],
    ['consume', () => store.consume(any, 1, NOW)],
    ['reserve', () => store.reserve({ key: any, now: NOW, windows: [], cooldown: [] })],
    ['release', () => store.release(any, NOW)],
    ['openChallenge', () => store.openChallenge(any, aChallenge())],
    ['readChallenge', () => store.readChallenge(any)],
    ['resend', () => store.resend(resend)],
    ['closeChallenge', () => store.closeChallenge(any)],
    ['attempt', () => store.attempt(attempt)],
    ['readTally', () => store.readTally(any, NOW)],
    ['rotate', () => store.rotate({ key: any, now: NOW, presented: 'a', next: 'b', grace: 1 })],
    ['epoch', () => store.epoch()],
    ['ping', () => store.ping()],
    ['findings', () => store.findings()],
  ];
}
