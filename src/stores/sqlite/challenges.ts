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
  const challenge = (key: Key, now: number) =>
    asOfTerm(entries.live(key, now) as Recorded | undefined, entries.term());
  const tally = (key: Key, now: number) =>
    tallyAt((entries.live(key, now) ?? { ...NO_FAILURES }) as unknown as TimedTally, now);

  return {
    openChallenge: (key, opening) =>
      entries.step(opening.now, () => {
        if (challenge(key, opening.now)) return false;
        entries.write(key, { ...newChallenge(opening), term: entries.term() }, opening.keepUntil);
        return true;
      }),
    readChallenge: (key) => asOfTerm(entries.read(key)?.value as Recorded | undefined, entries.term()),
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

/** As it is kept; records of older versions name no term. */
type Recorded = ChallengeState & { term?: string };

/** A code of another term is void: it ended at no time that is left to come. */
function asOfTerm(recorded: Recorded | undefined, current: string): ChallengeState | undefined {
  if (recorded === undefined) return undefined;
  const { term = current, ...state } = recorded;
  return term === current ? state : { ...state, expiresAt: 0 };
}

const NO_FAILURES: Tally = { failures: 0, notBefore: 0 };

function newChallenge({ data, now, expiresAt, channel }: NewChallenge): ChallengeState {
  const times = { issuedAt: now, sentAt: now, expiresAt };
  return { data, status: 'live', generation: 1, ...times, tries: 0, sends: 1, channel };
}

function resend(entries: Entries, request: ResendRequest): ReturnType<ChallengeMethods['resend']> {
  const key = request.challenge;
  const recorded = entries.live(key, request.now) as Recorded | undefined;
  const { outcome, after } = decideResend(asOfTerm(recorded, entries.term()), request);
  if (recorded && after) {
    // The record outlives the new code by as much as it would have outlived the old one.
    const keepUntil = entries.read(key)!.expiresAt! + after.expiresAt - recorded.expiresAt;
    entries.write(key, { ...after, term: entries.term() }, keepUntil);
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
  // What was compared is of this term.
  const challenge = { ...changes.challenge, term: entries.term() };
  entries.write(request.challenge, challenge, entries.read(request.challenge)!.expiresAt);
  if (changes.tally.failures === 0) entries.remove(request.tally);
  else entries.write(request.tally, changes.tally, request.tallyExpiresAt);
}
