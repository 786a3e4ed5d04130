import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLOCK_TOLERANCE_MS } from '../ports/clock.ts';
import type { Reservation } from '../ports/store.ts';
import { aChallenge, anAttempt, type Bench, MINUTE, NOW } from './bench.ts';

const HOUR = 60 * MINUTE;
const MONTH = 30 * 24 * HOUR;

/** What was written while a clock was ahead, as the others meet it (attack 17). */
export function clocks(bench: Bench): void {
  describe('clocks that disagree, jump ahead or step back (attack 17)', () => {
    it('decide nothing once the store is the judge and a caller is off (OPS-03)', () => judged(bench));
    it('leave no code alive that was issued in the future', () => deadChallenge(bench));
    it('let such a challenge go on with a new code', () => newCode(bench));
    it('make nobody wait for longer than the pauses say: a use of the future counts as one of now', () =>
      boundedUse(bench));
    it('give no use back, and forget none that is a few seconds ahead', () => smallDrift(bench));
    it('end a wait after a wrong code that was set in the future, but not the count', () =>
      boundedWait(bench));
    it('give an old secret of a trusted browser no grace without end', () => boundedGrace(bench));
  });
}

async function judged({ another, keys }: Bench): Promise<void> {
  const { record, uses, challenge, tally } = keys('record', 'uses', 'challenge', 'tally');
  const { store, close } = await another();
  try {
    await store.refuseDrift(CLOCK_TOLERANCE_MS);
    const time = await store.time();
    const reserve = (now: number) =>
      store.reserve({ key: uses, now, windows: [{ window: HOUR, max: 1 }], cooldown: [] });
    for (const now of [time - 20 * MINUTE, time + 20 * MINUTE]) {
      const calls = [
        () => store.add(record, 1, null, now),
        () => store.replace(record, { rev: 2 }, 1, null, now),
        () => store.consume(record, 1, now),
        () => store.join(record, 'a', 1, null, now),
        () => store.rotate({ key: record, now, presented: 'a', next: 'b', grace: 0 }),
        () => store.openChallenge(challenge, aChallenge({ now })),
        () => store.resend({ challenge, now, ttl: 1, maxSends: 1, maxTries: 1, channel: 'sms' }),
        () => store.attempt(anAttempt({ challenge, tally }, { now })),
        () => reserve(now),
      ];
      for (const call of calls) await assert.rejects(call(), { code: 'store_unavailable' });
    }
    assert.equal(await store.get(record, time), undefined);
    assert.deepEqual(await reserve(await store.time()), { granted: true }, 'and nothing was counted');
    await store.refuseDrift(null);
    assert.equal(await store.add(record, 1, null, NOW), true);
  } finally {
    await close();
  }
}

async function deadChallenge({ store, keys }: Bench): Promise<void> {
  const { challenge, near, tally } = keys('challenge', 'near', 'tally');
  await store.openChallenge(challenge, ahead(HOUR));
  await store.openChallenge(near, ahead(CLOCK_TOLERANCE_MS));
  const right = { given: 'right' };
  assert.deepEqual(await store.attempt(anAttempt({ challenge, tally }, right)), { result: 'expired' });
  assert.equal((await store.readChallenge(challenge))?.tries, 0);
  const outcome = await store.attempt(anAttempt({ challenge: near, tally }, right));
  assert.equal(outcome.result, 'verified', 'clocks differ by a little everywhere');
}

async function newCode({ store, keys }: Bench): Promise<void> {
  const { challenge } = keys('challenge');
  await store.openChallenge(challenge, ahead(HOUR));
  const request = { challenge, now: NOW, ttl: MINUTE, maxSends: 3, maxTries: 5, channel: 'sms' as const };
  assert.deepEqual(await store.resend({ ...request, after: 1 }), { sent: false, reason: 'spent' });
  const expected = { sent: true, generation: 2, expiresAt: NOW + MINUTE, sends: 2, rotated: true };
  assert.deepEqual(await store.resend(request), expected);
  const state = await store.readChallenge(challenge);
  assert.deepEqual([state?.issuedAt, state?.expiresAt], [NOW, NOW + MINUTE]);
}

const ahead = (by: number) =>
  aChallenge({ now: NOW + by, expiresAt: NOW + by + 5 * MINUTE, keepUntil: NOW + 2 * MONTH });

async function boundedUse({ store, keys }: Bench): Promise<void> {
  const { uses } = keys('uses');
  const at = (now: number, changes: Partial<Reservation> = {}) =>
    store.reserve({ key: uses, now, windows: [{ window: HOUR, max: 2 }], cooldown: [MINUTE], ...changes });
  await at(NOW + MONTH);
  const refused = { granted: false, retryAt: NOW + MINUTE, reason: 'cooldown' };
  assert.deepEqual(await at(NOW), refused);
  assert.deepEqual(await at(NOW + MINUTE - 1), refused, 'the pause does not begin anew with each look');
  assert.deepEqual(await at(NOW + MINUTE), { granted: true });
  const full = { granted: false, retryAt: NOW + HOUR, reason: 'window' };
  assert.deepEqual(await at(NOW + 5 * MINUTE), full, 'it still counts in its window');
}

async function smallDrift({ store, keys }: Bench): Promise<void> {
  const { uses } = keys('uses');
  const windows = [{ window: HOUR, max: 2 }];
  const at = (now: number) => store.reserve({ key: uses, now, windows, cooldown: [] });
  await at(NOW + 4000);
  await at(NOW);
  const full = { granted: false, retryAt: NOW + HOUR, reason: 'window' };
  assert.deepEqual(await at(NOW), full);
  await store.release(uses, NOW + 4000);
  assert.deepEqual(await at(NOW), { granted: true });
}

async function boundedWait({ store, keys }: Bench): Promise<void> {
  const { early, challenge, tally } = keys('early', 'challenge', 'tally');
  await store.openChallenge(early, ahead(MONTH));
  await store.attempt(anAttempt({ challenge: early, tally }, { now: NOW + MONTH, delays: [HOUR] }));
  assert.deepEqual(await store.readTally(tally, NOW + MONTH), { failures: 1, notBefore: NOW + MONTH + HOUR });
  assert.deepEqual(await store.readTally(tally, NOW), { failures: 1, notBefore: 0 });
  await store.openChallenge(challenge, aChallenge());
  const outcome = await store.attempt(anAttempt({ challenge, tally }, { delays: [HOUR] }));
  const second = { result: 'wrong', triesLeft: 4, failures: 2, retryAt: NOW + HOUR, disabled: false };
  assert.deepEqual(outcome, second);
}

async function boundedGrace({ store, keys }: Bench): Promise<void> {
  const { device } = keys('device');
  const record = { data: null, secret: 's1', previous: null, rotatedAt: NOW, expiresAt: NOW + 2 * MONTH };
  await store.put(device, record, record.expiresAt, NOW);
  const show = (presented: string, next: string, now: number) =>
    store.rotate({ key: device, now, presented, next, grace: 30_000 });
  await show('s1', 's2', NOW + MONTH);
  assert.equal((await show('s1', 's3', NOW)).result, 'replayed');
}
