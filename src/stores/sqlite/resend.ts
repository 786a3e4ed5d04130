import { isFromFuture } from '../../ports/clock.ts';
import type { ChallengeState, ResendOutcome, ResendRequest } from '../../ports/store.ts';

interface Resend {
  outcome: ResendOutcome;
  /** The challenge to write, where something is sent. */
  after?: ChallengeState;
}

/**
 * Whether a challenge may send once more, and with which code (OTP-09). The tries are never given back (OTP-04).
 */
export function decideResend(state: ChallengeState | undefined, request: ResendRequest): Resend {
  if (!state) return refuse('unknown');
  if (state.status !== 'live' || state.tries >= request.maxTries) return refuse('spent');
  if (state.sends >= request.maxSends) return refuse('sends');

  const { now, ttl, channel, after: expected } = request;
  const byItself = expected !== undefined;
  const over = now >= state.expiresAt || isFromFuture(state.issuedAt, now);
  if (byItself && (over || state.sends !== expected)) return refuse('spent');
  const halfOver = now - state.issuedAt > (state.expiresAt - state.issuedAt) / 2;
  const rotated = !byItself && (over || halfOver);
  const again = { ...state, sends: state.sends + 1, sentAt: now, channel };
  const after = rotated
    ? { ...again, generation: state.generation + 1, issuedAt: now, expiresAt: now + ttl }
    : again;
  const { generation, expiresAt, sends } = after;
  return { outcome: { sent: true, generation, expiresAt, sends, rotated }, after };
}

function refuse(reason: 'unknown' | 'spent' | 'sends'): Resend {
  return { outcome: { sent: false, reason } };
}
