import type {
  AttemptRequest,
  ChallengeState,
  Key,
  NewChallenge,
  ResendRequest,
  Tally,
} from '../../ports/store.ts';
import { decideAttempt, type TimedTally, tallyAt } from './attempt.ts';
import type { Direct } from './direct.ts';
import type { Entries } from './entries.ts';
import { decideResend } from './resend.ts';

type ChallengeMethods = Direct<
  'openChallenge' | 'readChallenge' | 'resend' | 'closeChallenge' | 'attempt' | 'readTally'
>;

/** Challenges and the failures of their authenticators. */
export function challenges(entries: Entries): ChallengeMethods {
  const challenge = (key: Key, now: number) => entries.live(key, now) as ChallengeState | undefined;
  const tally = (key: Key, now: number) =>
    tallyAt((entries.live(key, now) ?? { ...NO_FAILURES }) as unknown as TimedTally, now);

  return {
    openChallenge: (key, opening) =>
      entries.step(opening.now, () => {
        if (challenge(key, opening.now)) return false;
        entries.write(key, newChallenge(opening), opening.keepUntil);
        return true;
      }),
    readChallenge: (key) => entries.read(key)?.value as ChallengeState | undefined,
    resend: (request) => entries.step(request.now, () => resend(entries, request)),
    closeChallenge: (key) => entries.step(undefined, () => close(entries, key)),
    attempt: (request) =>
      entries.step(request.now, () => {
        const state = challenge(request.challenge, request.now);
        const decision = decideAttempt(state, tally(request.tally, request.now), request);
        if (decision.changes) save(entries, request, decision.changes);
        return decision.outcome;
      }),
    readTally: (key, now) => tally(key, now),
  };
}

const NO_FAILURES: Tally = { failures: 0, notBefore: 0 };

function newChallenge({ data, now, expiresAt, channel }: NewChallenge): ChallengeState {
  const times = { issuedAt: now, sentAt: now, expiresAt };
  return { data, status: 'live', generation: 1, ...times, tries: 0, sends: 1, channel };
}

function resend(entries: Entries, request: ResendRequest): ReturnType<ChallengeMethods['resend']> {
  const key = request.challenge;
  const before = entries.live(key, request.now) as ChallengeState | undefined;
  const { outcome, after } = decideResend(before, request);
  if (before && after) {
    // The record outlives the new code by as much as it would have outlived the old one.
    const keepUntil = entries.read(key)!.expiresAt! + after.expiresAt - before.expiresAt;
    entries.write(key, after, keepUntil);
  }
  return outcome;
}

function close(entries: Entries, key: Key): void {
  const entry = entries.read(key);
  if (entry) entries.write(key, { ...(entry.value as object), status: 'closed' }, entry.expiresAt);
}

function save(
  entries: Entries,
  request: AttemptRequest,
  changes: { challenge: ChallengeState; tally: TimedTally },
): void {
  entries.write(request.challenge, changes.challenge, entries.read(request.challenge)!.expiresAt);
  if (changes.tally.failures === 0) entries.remove(request.tally);
  else entries.write(request.tally, changes.tally, request.tallyExpiresAt);
}
