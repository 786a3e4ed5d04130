import { equalText } from '../../equal-text.ts';
import { isFromFuture } from '../../ports/clock.ts';
import type { AttemptOutcome, AttemptRequest, ChallengeState, Tally } from '../../ports/store.ts';

/** A tally with the time of its last failure; older records do not have it. */
export type TimedTally = Tally & { failedAt?: number };

/** The tally as it counts now: a wait that was set by a clock that was ahead is over (attack 17). */
export function tallyAt({ failures, notBefore, failedAt = 0 }: TimedTally, now: number): Tally {
  return { failures, notBefore: isFromFuture(failedAt, now) ? 0 : notBefore };
}

interface Decision {
  outcome: AttemptOutcome;
  /** What to write in the same step; absent when nothing was compared. */
  changes?: { challenge: ChallengeState; tally: TimedTally };
}

/**
 * Decides an attempt in the order of `AttemptOutcome`. The try is counted before the codes are compared (OTP-13), and
 * the caller writes the count and the verdict in one transaction, so nobody learns a verdict that was not counted.
 */
export function decideAttempt(
  state: ChallengeState | undefined,
  tally: Tally,
  request: AttemptRequest,
): Decision {
  if (!state) return { outcome: { result: 'unknown' } };
  const refused = refusal(state, tally, request);
  if (refused) return { outcome: refused };

  const expected = request.expected[state.generation - 1];
  if (expected === undefined) return { outcome: { result: 'stale', generation: state.generation } };

  const challenge = { ...state, tries: state.tries + 1 };
  return equalText(expected, request.given)
    ? verified(challenge)
    : wrong(challenge, tally.failures + 1, request);
}

function refusal(state: ChallengeState, tally: Tally, request: AttemptRequest): AttemptOutcome | undefined {
  if (tally.failures >= request.ceiling) return { result: 'disabled', failures: tally.failures };
  if (state.status !== 'live') return { result: state.status };
  if (state.tries >= request.maxTries) return { result: 'exhausted' };
  if (state.expiresAt <= request.now || isFromFuture(state.issuedAt, request.now))
    return { result: 'expired' };
  if (tally.notBefore > request.now) return { result: 'wait', retryAt: tally.notBefore };
  return undefined;
}

function verified(challenge: ChallengeState): Decision {
  const { data, channel, expiresAt } = challenge;
  return {
    outcome: { result: 'verified', data, channel, expiresAt },
    changes: { challenge: { ...challenge, status: 'consumed' }, tally: { failures: 0, notBefore: 0 } },
  };
}

function wrong(challenge: ChallengeState, failures: number, request: AttemptRequest): Decision {
  const { now, delays, maxTries, ceiling } = request;
  const delay = delays[Math.min(failures, delays.length) - 1] ?? 0;
  const retryAt = now + delay;
  const triesLeft = maxTries - challenge.tries;
  return {
    outcome: { result: 'wrong', triesLeft, failures, retryAt, disabled: failures >= ceiling },
    changes: { challenge, tally: { failures, notBefore: delay > 0 ? retryAt : 0, failedAt: now } },
  };
}
