import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aChallenge, anAttempt, type Bench, MINUTE, NOW } from './bench.ts';

/** `openChallenge`, `readChallenge`, `closeChallenge`. */
export function challenges(bench: Bench): void {
  describe('challenges', () => {
    it('start live, with one send and no try, and give back what they are bound to (OTP-07)', () =>
      starts(bench));
    it('are not written over one that is there (OTP-07)', () => keepsTheFirst(bench));
    it('are opened by one of 50 requests at once', () => opensOnce(bench));
    it('can still be read when they are expired or spent, so that a page can say so', () =>
      staysReadable(bench));
    it('make room when they need not be kept any longer (PRV-05)', () => makesRoom(bench));
    it('that are closed verify nothing, whatever their state was', () => closes(bench));
  });
}

async function starts({ store, keys }: Bench): Promise<void> {
  const { challenge } = keys('challenge');
  assert.equal(await store.readChallenge(challenge), undefined);
  assert.equal(await store.openChallenge(challenge, aChallenge({ channel: 'voice' })), true);
  assert.deepEqual(await store.readChallenge(challenge), {
    data: aChallenge().data,
    status: 'live',
    generation: 1,
    issuedAt: NOW,
    sentAt: NOW,
    expiresAt: NOW + 5 * MINUTE,
    tries: 0,
    sends: 1,
    channel: 'voice',
  });
}

async function keepsTheFirst({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  await store.attempt(anAttempt({ challenge, tally }));
  assert.equal(await store.openChallenge(challenge, aChallenge({ data: 'mine', now: NOW + 1 })), false);
  const state = await store.readChallenge(challenge);
  assert.deepEqual([state?.data, state?.tries], [aChallenge().data, 1]);
}

async function opensOnce({ store, keys, atOnce }: Bench): Promise<void> {
  const { challenge } = keys('challenge');
  const opened = await atOnce(50, (one, index) => one.openChallenge(challenge, aChallenge({ data: index })));
  assert.equal(opened.filter(Boolean).length, 1);
  assert.equal((await store.readChallenge(challenge))?.data, opened.indexOf(true));
}

async function staysReadable({ store, keys }: Bench): Promise<void> {
  const { challenge, tally, expired } = keys('challenge', 'tally', 'expired');
  await store.openChallenge(challenge, aChallenge());
  await store.attempt(anAttempt({ challenge, tally }, { given: 'right' }));
  assert.equal((await store.readChallenge(challenge))?.status, 'consumed');
  await store.openChallenge(expired, aChallenge({ expiresAt: NOW + 1 }));
  await store.attempt(anAttempt({ challenge: expired, tally }, { now: NOW + MINUTE }));
  assert.equal((await store.readChallenge(expired))?.status, 'live');
}

async function makesRoom({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  const end = NOW + 60 * MINUTE;
  await store.openChallenge(challenge, aChallenge());
  assert.deepEqual(await store.attempt(anAttempt({ challenge, tally }, { now: end - 1 })), {
    result: 'expired',
  });
  assert.deepEqual(await store.attempt(anAttempt({ challenge, tally }, { now: end })), { result: 'unknown' });
  assert.equal(await store.openChallenge(challenge, aChallenge({ now: end - 1 })), false);
  assert.equal(await store.openChallenge(challenge, aChallenge({ now: end, keepUntil: end + MINUTE })), true);
}

async function closes({ store, keys }: Bench): Promise<void> {
  const { live, used, spent, tally, none } = keys('live', 'used', 'spent', 'tally', 'none');
  for (const challenge of [live, used, spent]) await store.openChallenge(challenge, aChallenge());
  await store.attempt(anAttempt({ challenge: used, tally }, { given: 'right' }));
  await store.attempt(anAttempt({ challenge: spent, tally }, { maxTries: 1 }));
  for (const challenge of [live, used, spent]) {
    await store.closeChallenge(challenge);
    assert.equal((await store.readChallenge(challenge))?.status, 'closed');
    const outcome = await store.attempt(anAttempt({ challenge, tally }, { given: 'right', maxTries: 1 }));
    assert.deepEqual(outcome, { result: 'closed' });
  }
  await store.closeChallenge(none);
  assert.equal(await store.readChallenge(none), undefined);
}
