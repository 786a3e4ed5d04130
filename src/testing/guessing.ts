import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AttemptOutcome } from '../ports/store.ts';
import { aChallenge, anAttempt, type Bench, NOW } from './bench.ts';

/** `attempt` under attack: many requests at once, many challenges, many sends. */
export function guessing(bench: Bench): void {
  describe('attempts under attack', () => {
    it('verify one of 50 parallel requests with the right code (attack 2, lesson 1)', () =>
      rightInParallel(bench));
    it('compare at most five of 200 parallel wrong codes (attack 1, lesson 3)', () => wrongInParallel(bench));
    it('verify at most once when the right code hides among 200 (attack 1)', () => mixedInParallel(bench));
    it('of 20 challenges share one ceiling (OTP-05, lesson 6)', () => manyChallenges(bench));
    it('of 20 challenges at once share one ceiling (OTP-05, lesson 6)', () => manyChallengesAtOnce(bench));
    it('are not multiplied by resends (attack 5, lesson 7)', () => resending(bench));
    it('that come in parallel all respect the wait after a failure', () => waiting(bench));
  });
}

const compared = (outcomes: AttemptOutcome[]) =>
  outcomes.filter(({ result }) => result === 'verified' || result === 'wrong').length;
const verified = (outcomes: AttemptOutcome[]) =>
  outcomes.filter(({ result }) => result === 'verified').length;

async function rightInParallel({ store, keys, atOnce }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  const outcomes = await atOnce(50, (one) =>
    one.attempt(anAttempt({ challenge, tally }, { given: 'right' })),
  );
  assert.equal(verified(outcomes), 1);
  assert.equal(outcomes.filter(({ result }) => result === 'consumed').length, 49);
}

async function wrongInParallel({ store, keys, atOnce }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  const outcomes = await atOnce(200, (one, n) =>
    one.attempt(anAttempt({ challenge, tally }, { given: `wrong${n}` })),
  );
  assert.equal(compared(outcomes), 5);
  assert.equal(outcomes.filter(({ result }) => result === 'exhausted').length, 195);
  const right = await store.attempt(anAttempt({ challenge, tally }, { given: 'right' }));
  assert.deepEqual(right, { result: 'exhausted' });
  assert.equal((await store.readTally(tally, NOW)).failures, 5);
}

async function mixedInParallel({ store, keys, atOnce }: Bench): Promise<void> {
  for (const place of [0, 3, 4, 5, 6, 100]) {
    const { challenge, tally } = keys('challenge', 'tally');
    await store.openChallenge(challenge, aChallenge());
    const given = (index: number) => (index === place ? 'right' : `wrong${index}`);
    const outcomes = await atOnce(200, (one, n) =>
      one.attempt(anAttempt({ challenge, tally }, { given: given(n) })),
    );
    assert.ok(verified(outcomes) <= 1);
    assert.ok(compared(outcomes) <= 5);
  }
}

async function manyChallenges({ store, keys }: Bench): Promise<void> {
  const { tally } = keys('tally');
  const outcomes: AttemptOutcome[] = [];
  for (let round = 0; round < 20; round++) {
    const challenge = tally.replace('tally', `challenge${round}`) as typeof tally;
    await store.openChallenge(challenge, aChallenge());
    for (let tries = 0; tries < 5; tries++)
      outcomes.push(await store.attempt(anAttempt({ challenge, tally })));
  }
  assert.equal(compared(outcomes), 30);
  assert.equal(outcomes.filter(({ result }) => result === 'disabled').length, 70);
}

async function manyChallengesAtOnce({ store, keys, atOnce }: Bench): Promise<void> {
  const { tally } = keys('tally');
  const challenge = (index: number) => tally.replace('tally', `challenge${index}`) as typeof tally;
  await atOnce(20, (one, index) => one.openChallenge(challenge(index), aChallenge()));
  const outcomes = await atOnce(100, (one, index) =>
    one.attempt(anAttempt({ challenge: challenge(index % 20), tally })),
  );
  assert.equal(compared(outcomes), 30);
  assert.equal((await store.readTally(tally, NOW)).failures, 30);
}

async function resending({ store, keys }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  const outcomes: AttemptOutcome[] = [];
  for (let round = 0; round < 5; round++) {
    const now = NOW + round * 200_000;
    for (let tries = 0; tries < 4; tries++)
      outcomes.push(await store.attempt(anAttempt({ challenge, tally }, { now })));
    await store.resend({
      challenge,
      now: now + 200_000,
      ttl: 300_000,
      maxSends: 9,
      maxTries: 5,
      channel: 'sms',
    });
  }
  assert.equal(compared(outcomes), 5);
}

async function waiting({ store, keys, atOnce }: Bench): Promise<void> {
  const { challenge, tally } = keys('challenge', 'tally');
  await store.openChallenge(challenge, aChallenge());
  const outcomes = await atOnce(50, (one) =>
    one.attempt(anAttempt({ challenge, tally }, { delays: [1000] })),
  );
  assert.equal(compared(outcomes), 1);
  assert.equal(outcomes.filter(({ result }) => result === 'wait').length, 49);
}
