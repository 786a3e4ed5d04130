import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aChallenge, anAttempt, type Bench, MINUTE, NOW } from './bench.ts';

/** `attempt` and `readTally`, one request after the other. */
export function attempts(bench: Bench): void {
  describe('attempts', () => {
    it('verify the right code once, and answer what the challenge was bound to (OTP-03)', () =>
      verifies(bench));
    it('count a wrong code against the challenge and the authenticator (OTP-12)', () => counts(bench));
    it('are exhausted after the last try, which is not the same as closed', () => exhausts(bench));
    it('fail for the right code from the millisecond of its expiry on (OTP-02)', () => expires(bench));
    it('disable the authenticator at its ceiling, also for the right code (OTP-05)', () => disables(bench));
    it('start the count of failures anew after a success (OTP-05)', () => successClears(bench));
    it('wait longer after each failure, and what comes too early is neither counted nor compared', () =>
      waits(bench));
    it('for a generation without a digest are stale, and not counted', () => stale(bench));
    it('decide in one order, whatever is wrong at the same time', () => order(bench));
    it('forget failures when the tally is over, and only then', () => forgets(bench));
  });
}

async function verifies({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge({ channel: 'voice' }));
  const right = anAttempt({ challenge, tally }, { given: 'right', now: NOW + 1 });
  const { data, expiresAt } = aChallenge();
  assert.deepEqual(await store.attempt(right), { result: 'verified', data, channel: 'voice', expiresAt });
  assert.deepEqual(await store.attempt(right), { result: 'consumed' });
  const state = await store.readChallenge(challenge);
  assert.deepEqual([state?.status, state?.tries], ['consumed', 1]);
}

async function counts({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  const outcome = await store.attempt(anAttempt({ challenge, tally }));
  assert.deepEqual(outcome, { result: 'wrong', triesLeft: 4, failures: 1, retryAt: NOW, disabled: false });
  await store.attempt(anAttempt({ challenge, tally }));
  assert.equal((await store.readChallenge(challenge))?.tries, 2);
  assert.deepEqual(await store.readTally(tally, NOW), { failures: 2, notBefore: 0 });
}

async function exhausts({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  const wrong = anAttempt({ challenge, tally }, { maxTries: 2 });
  await store.attempt(wrong);
  const last = await store.attempt(wrong);
  assert.ok(last.result === 'wrong' && last.triesLeft === 0);
  assert.deepEqual(await store.attempt({ ...wrong, given: 'right' }), { result: 'exhausted' });
  assert.deepEqual(await store.readTally(tally, NOW), { failures: 2, notBefore: 0 });
}

async function expires({ store, keys }: Bench): Promise<void> {
  const { early, late, tally } = keys('early', 'late', 'tally');
  await store.openChallenge(early, aChallenge());
  await store.openChallenge(late, aChallenge());
  const right = { given: 'right', now: NOW + 5 * MINUTE };
  assert.deepEqual(await store.attempt(anAttempt({ challenge: late, tally }, right)), { result: 'expired' });
  assert.equal((await store.readChallenge(late))?.tries, 0);
  const before = anAttempt({ challenge: early, tally }, { ...right, now: right.now - 1 });
  assert.equal((await store.attempt(before)).result, 'verified');
}

async function disables({ store, keys }: Bench): Promise<void> {
  const { first, second, tally } = keys('first', 'second', 'tally');
  await store.openChallenge(first, aChallenge());
  await store.openChallenge(second, aChallenge());
  const wrong = anAttempt({ challenge: first, tally }, { ceiling: 2 });
  assert.deepEqual(await store.attempt(wrong), {
    result: 'wrong',
    triesLeft: 4,
    failures: 1,
    retryAt: NOW,
    disabled: false,
  });
  const last = await store.attempt(wrong);
  assert.ok(last.result === 'wrong' && last.disabled);
  const right = { ...wrong, challenge: second, given: 'right', now: NOW + MINUTE };
  assert.deepEqual(await store.attempt(right), { result: 'disabled', failures: 2 });
  assert.equal((await store.readChallenge(second))?.tries, 0);
}

async function successClears({ store, keys }: Bench): Promise<void> {
  const { first, second, tally } = keys('first', 'second', 'tally');
  await store.openChallenge(first, aChallenge());
  await store.openChallenge(second, aChallenge());
  for (let tries = 1; tries <= 4; tries++) await store.attempt(anAttempt({ challenge: first, tally }));
  await store.attempt(anAttempt({ challenge: first, tally }, { given: 'right' }));
  assert.deepEqual(await store.readTally(tally, NOW), { failures: 0, notBefore: 0 });
  const next = await store.attempt(anAttempt({ challenge: second, tally }));
  assert.ok(next.result === 'wrong' && next.failures === 1);
}

async function waits({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  const at = (now: number, given = 'wrong') =>
    store.attempt(anAttempt({ challenge, tally }, { now, given, delays: [0, 30, 60] }));
  const wrong = { result: 'wrong', disabled: false };
  assert.deepEqual(await at(NOW), { ...wrong, triesLeft: 4, failures: 1, retryAt: NOW });
  assert.deepEqual(await at(NOW), { ...wrong, triesLeft: 3, failures: 2, retryAt: NOW + 30 });
  assert.deepEqual(await at(NOW + 29, 'right'), { result: 'wait', retryAt: NOW + 30 });
  assert.deepEqual(await store.readTally(tally, NOW), { failures: 2, notBefore: NOW + 30 });
  assert.deepEqual(await at(NOW + 30), { ...wrong, triesLeft: 2, failures: 3, retryAt: NOW + 90 });
  assert.deepEqual(await at(NOW + 90), { ...wrong, triesLeft: 1, failures: 4, retryAt: NOW + 150 });
  assert.equal((await at(NOW + 150, 'right')).result, 'verified');
}

async function stale({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  const now = NOW + 4 * MINUTE;
  await store.resend({ challenge, now, ttl: MINUTE, maxSends: 3, maxTries: 5, channel: 'sms' });
  const outcome = await store.attempt(
    anAttempt({ challenge, tally }, { now, expected: ['right'], given: 'right' }),
  );
  assert.deepEqual(outcome, { result: 'stale', generation: 2 });
  assert.equal((await store.readChallenge(challenge))?.tries, 0);
  assert.deepEqual(await store.readTally(tally, now), { failures: 0, notBefore: 0 });
}

async function order({ store, keys }: Bench): Promise<void> {
  const { none, used, closed, spent, old, live, tally, waiting } = keys(
    ...(['none', 'used', 'closed', 'spent', 'old', 'live', 'tally', 'waiting'] as const),
  );
  for (const challenge of [used, closed, spent, live]) await store.openChallenge(challenge, aChallenge());
  await store.openChallenge(old, aChallenge({ expiresAt: NOW + 1 }));
  await store.attempt(anAttempt({ challenge: used, tally: waiting }, { given: 'right' }));
  await store.attempt(anAttempt({ challenge: spent, tally: waiting }));
  await store.attempt(anAttempt({ challenge: closed, tally: waiting }, { delays: [MINUTE] }));
  await store.closeChallenge(closed);
  // Everything below happens while the tally asks to wait, no digest fits, and one try is all there is.
  const late = { now: NOW + 10, maxTries: 1, expected: [] };
  const result = async (challenge: typeof none, changes = {}) =>
    (await store.attempt(anAttempt({ challenge, tally: waiting }, { ...late, ...changes }))).result;
  assert.equal(await result(none, { ceiling: 1 }), 'unknown');
  assert.equal(await result(used, { ceiling: 1 }), 'disabled');
  assert.equal(await result(used), 'consumed');
  assert.equal(await result(closed), 'closed');
  assert.equal(await result(spent), 'exhausted');
  assert.equal(await result(old), 'expired');
  assert.equal(await result(live), 'wait');
  assert.equal(await result(live, { tally }), 'stale');
}

async function forgets({ store, keys }: Bench): Promise<void> {
  const { challenge, tally, lasting } = keys('challenge', 'tally', 'lasting');
  await store.openChallenge(challenge, aChallenge());
  await store.attempt(anAttempt({ challenge, tally }, { tallyExpiresAt: NOW + 1000, delays: [MINUTE] }));
  assert.deepEqual(await store.readTally(tally, NOW + 999), { failures: 1, notBefore: NOW + MINUTE });
  assert.deepEqual(await store.readTally(tally, NOW + 1000), { failures: 0, notBefore: 0 });
  const next = await store.attempt(anAttempt({ challenge, tally }, { now: NOW + 1000 }));
  assert.ok(next.result === 'wrong' && next.failures === 1);

  await store.attempt(anAttempt({ challenge, tally: lasting }));
  assert.equal((await store.readTally(lasting, NOW + 1e12)).failures, 1);
}
