import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Key, ResendRequest } from '../ports/store.ts';
import { aChallenge, anAttempt, type Bench, MINUTE, NOW } from './bench.ts';

/** `resend`. */
export function resends(bench: Bench): void {
  describe('resends', () => {
    it('in the first half of a code send the same code with the same expiry (OTP-09)', () => sameCode(bench));
    it('in the second half send a new code, and the old one is wrong and counts (OTP-09)', () =>
      newCode(bench));
    it('of an expired code bring the challenge back to life', () => revives(bench));
    it('that nobody pressed for keep code and expiry, and stop at its end or where somebody was quicker (OTP-09)', () =>
      byItself(bench));
    it('never give a try back (OTP-04, lesson 7)', () => keepsTries(bench));
    it('stop at the number of sends, the first included', () => stopsAtSends(bench));
    it('stop when the challenge is unknown, consumed, closed or out of tries', () => stopsWhenSpent(bench));
    it('that come 20 at once never exceed the number of sends', () => parallel(bench));
    it('keep the record as long after the new code as it would have been after the old one', () =>
      keeps(bench));
  });
}

const HALF = NOW + 2.5 * MINUTE;

function again(challenge: Key, changes: Partial<ResendRequest> = {}): ResendRequest {
  return { challenge, now: NOW, ttl: 5 * MINUTE, maxSends: 3, maxTries: 5, channel: 'sms', ...changes };
}

async function sameCode({ store, keys }: Bench): Promise<void> {
  const { challenge } = keys('challenge');
  await store.openChallenge(challenge, aChallenge());
  const sent = await store.resend(again(challenge, { now: HALF, channel: 'voice' }));
  assert.deepEqual(sent, {
    sent: true,
    generation: 1,
    expiresAt: NOW + 5 * MINUTE,
    sends: 2,
    rotated: false,
  });
  const state = await store.readChallenge(challenge);
  const { channel, issuedAt, sentAt, sends } = state!;
  assert.deepEqual([channel, issuedAt, sentAt, sends], ['voice', NOW, HALF, 2]);
}

async function newCode({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  const now = HALF + 1;
  const sent = await store.resend(again(challenge, { now }));
  assert.deepEqual(sent, { sent: true, generation: 2, expiresAt: now + 5 * MINUTE, sends: 2, rotated: true });
  const state = await store.readChallenge(challenge);
  assert.deepEqual([state?.generation, state?.issuedAt, state?.expiresAt], [2, now, now + 5 * MINUTE]);

  const old = await store.attempt(anAttempt({ challenge, tally }, { now, given: 'right' }));
  assert.deepEqual([old.result, (await store.readChallenge(challenge))?.tries], ['wrong', 1]);
  const fresh = await store.attempt(anAttempt({ challenge, tally }, { now, given: 'second' }));
  assert.equal(fresh.result, 'verified');
}

async function byItself({ store, keys }: Bench): Promise<void> {
  const { challenge } = keys('challenge');
  await store.openChallenge(challenge, aChallenge());
  const send = (now: number, after: number) => store.resend(again(challenge, { now, after, maxSends: 4 }));
  const last = NOW + 5 * MINUTE - 1;
  const kept = { sent: true, generation: 1, expiresAt: NOW + 5 * MINUTE, sends: 2, rotated: false };
  assert.deepEqual(await send(last, 0), { sent: false, reason: 'spent' });
  assert.deepEqual(await send(last, 1), kept);
  assert.deepEqual(await send(last, 1), { sent: false, reason: 'spent' }, 'somebody was quicker');
  assert.deepEqual(await send(last + 1, 2), { sent: false, reason: 'spent' });
  assert.equal((await store.readChallenge(challenge))?.sends, 2, 'a send that was not made is not counted');
}

async function revives({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  const now = NOW + 5 * MINUTE;
  assert.equal(
    (await store.attempt(anAttempt({ challenge, tally }, { now, given: 'right' }))).result,
    'expired',
  );
  const sent = await store.resend(again(challenge, { now }));
  assert.deepEqual(sent, { sent: true, generation: 2, expiresAt: now + 5 * MINUTE, sends: 2, rotated: true });
  assert.equal(
    (await store.attempt(anAttempt({ challenge, tally }, { now, given: 'second' }))).result,
    'verified',
  );
}

async function keepsTries({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  for (let tries = 1; tries <= 4; tries++) await store.attempt(anAttempt({ challenge, tally }));
  await store.resend(again(challenge));
  assert.equal((await store.readChallenge(challenge))?.tries, 4);
  const now = HALF + 1;
  await store.resend(again(challenge, { now }));
  assert.equal((await store.readChallenge(challenge))?.tries, 4);
  const last = await store.attempt(anAttempt({ challenge, tally }, { now }));
  assert.deepEqual(last, { result: 'wrong', triesLeft: 0, failures: 5, retryAt: now, disabled: false });
  assert.deepEqual(await store.resend(again(challenge, { now })), { sent: false, reason: 'spent' });
}

async function stopsAtSends({ store, keys }: Bench): Promise<void> {
  const { challenge } = keys('challenge');
  await store.openChallenge(challenge, aChallenge());
  assert.equal((await store.resend(again(challenge))).sent, true);
  assert.equal((await store.resend(again(challenge))).sent, true);
  assert.deepEqual(await store.resend(again(challenge)), { sent: false, reason: 'sends' });
  assert.equal((await store.readChallenge(challenge))?.sends, 3);
}

async function stopsWhenSpent({ store, keys }: Bench): Promise<void> {
  const { used, closed, spent, tally, none } = keys('used', 'closed', 'spent', 'tally', 'none');
  for (const challenge of [used, closed, spent]) await store.openChallenge(challenge, aChallenge());
  await store.attempt(anAttempt({ challenge: used, tally }, { given: 'right' }));
  await store.closeChallenge(closed);
  await store.attempt(anAttempt({ challenge: spent, tally }));
  for (const challenge of [used, closed, spent]) {
    const outcome = await store.resend(again(challenge, { maxTries: 1, maxSends: 1 }));
    assert.deepEqual(outcome, { sent: false, reason: 'spent' });
  }
  assert.deepEqual(await store.resend(again(none)), { sent: false, reason: 'unknown' });
  const gone = await store.resend(again(closed, { now: NOW + 60 * MINUTE }));
  assert.deepEqual(gone, { sent: false, reason: 'unknown' });
}

async function parallel({ store, keys, atOnce }: Bench): Promise<void> {
  const { challenge } = keys('challenge');
  await store.openChallenge(challenge, aChallenge());
  const outcomes = await atOnce(20, (one) => one.resend(again(challenge, { now: HALF + 1 })));
  const sent = outcomes.flatMap((outcome) => (outcome.sent ? [outcome] : []));
  assert.deepEqual(sent.map(({ sends }) => sends).sort(), [2, 3]);
  assert.equal(
    sent.filter(({ rotated }) => rotated).length,
    1,
    'the second is in the first half of the new code',
  );
}

async function keeps({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  const now = NOW + 50 * MINUTE;
  await store.resend(again(challenge, { now }));
  const end = now + 60 * MINUTE;
  const at = async (time: number) =>
    (await store.attempt(anAttempt({ challenge, tally }, { now: time }))).result;
  assert.deepEqual([await at(end - 1), await at(end)], ['expired', 'unknown']);
}
