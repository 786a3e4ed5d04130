import { isFromFuture } from '../../ports/clock.ts';
import type {
  AttemptOutcome,
  AttemptRequest,
  ChallengeState,
  Channel,
  Key,
  ResendOutcome,
  ResendRequest,
  Store,
  Tally,
} from '../../ports/store.ts';
import { ATTEMPT } from './attempt-script.ts';
import { CLOSE_CHALLENGE, OPEN_CHALLENGE, RESEND } from './challenge-scripts.ts';
import { keepFor, LEAST_KEPT } from './expiry.ts';
import type { Link } from './link.ts';

type ChallengeMethods = Pick<
  Store,
  'openChallenge' | 'readChallenge' | 'resend' | 'closeChallenge' | 'attempt' | 'readTally'
>;

/** Challenges and the failures of their authenticators: one hash each. */
export function challenges(link: Link): ChallengeMethods {
  return {
    async openChallenge(key, { data, now, expiresAt, keepUntil, channel }) {
      const keep = keepFor(keepUntil, now);
      const args = [now, JSON.stringify(data), expiresAt, keepUntil, channel, keep];
      return (await link.run(OPEN_CHALLENGE, [key], args)) === 1;
    },
    readChallenge: async (key) => stateFrom(await link.commands.hgetall(link.name(key)), link.guard.term),
    resend: (request) => resend(link, request),
    async closeChallenge(key) {
      await link.run(CLOSE_CHALLENGE, [key], []);
    },
    attempt: (request) => attempt(link, request),
    readTally: (key, now) => readTally(link, key, now),
  };
}

function stateFrom(hash: Record<string, string>, current: string): ChallengeState | undefined {
  const { data, status, channel, term = current } = hash;
  if (data === undefined) return undefined;
  const number = (field: string) => Number(hash[field]);
  return {
    data: JSON.parse(data),
    status: status as ChallengeState['status'],
    generation: number('generation'),
    issuedAt: number('issuedAt'),
    // A code of another term is void: it ended at no time that is left to come.
    expiresAt: term === current ? number('expiresAt') : 0,
    sentAt: number('sentAt'),
    tries: number('tries'),
    sends: number('sends'),
    channel: channel as Channel,
  };
}

async function resend({ run }: Link, request: ResendRequest): Promise<ResendOutcome> {
  const { challenge, now, ttl, maxSends, maxTries, channel, after } = request;
  const head = [now, ttl, maxSends, maxTries, channel, LEAST_KEPT];
  const reply = await run(RESEND, [challenge], [...head, after ?? '']);
  const [sent, ...rest] = reply as [number, ...unknown[]];
  if (sent === 0) return { sent: false, reason: rest[0] as 'unknown' | 'spent' | 'sends' };
  const [generation, expiresAt, sends, rotated] = rest as [number, number, number, number];
  return { sent: true, generation, expiresAt, sends, rotated: rotated === 1 };
}

async function attempt({ run }: Link, request: AttemptRequest): Promise<AttemptOutcome> {
  const { challenge, tally, now, given, maxTries, ceiling, tallyExpiresAt, expected, delays } = request;
  const keep = keepFor(tallyExpiresAt, now);
  const head = [now, given, maxTries, ceiling, tallyExpiresAt ?? '', keep, expected.length];
  const reply = await run(ATTEMPT, [challenge, tally], [...head, ...expected, ...delays]);
  return outcomeFrom(reply as [AttemptOutcome['result'], ...unknown[]]);
}

function outcomeFrom([result, ...rest]: [AttemptOutcome['result'], ...unknown[]]): AttemptOutcome {
  const numbers = rest as number[];
  switch (result) {
    case 'disabled':
      return { result, failures: numbers[0]! };
    case 'wait':
      return { result, retryAt: numbers[0]! };
    case 'stale':
      return { result, generation: numbers[0]! };
    case 'verified': {
      const [data, channel, expiresAt] = rest as [string, Channel, number];
      return { result, data: JSON.parse(data), channel, expiresAt };
    }
    case 'wrong': {
      const [triesLeft, failures, retryAt, disabled] = numbers as [number, number, number, number];
      return { result, triesLeft, failures, retryAt, disabled: disabled === 1 };
    }
    default:
      return { result };
  }
}

async function readTally({ commands, name }: Link, key: Key, now: number): Promise<Tally> {
  const [failures, notBefore, expiresAt, failedAt] = await commands.hmget(
    name(key),
    'failures',
    'notBefore',
    'expiresAt',
    'failedAt',
  );
  const over = Boolean(expiresAt) && Number(expiresAt) <= now;
  if (!failures || over) return { failures: 0, notBefore: 0 };
  const ahead = isFromFuture(Number(failedAt ?? 0), now);
  return { failures: Number(failures), notBefore: ahead ? 0 : Number(notBefore) };
}
