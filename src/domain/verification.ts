import { type ErrorCode, SekishoError } from '../errors.ts';
import type { Options } from '../options.ts';
import { type AttemptOutcome, type AttemptRequest, type Channel, key } from '../ports/store.ts';
import { challengeKey, closeChallenge } from './challenge.ts';
import { codeLength, expectedCodes } from './challenge-codes.ts';
import { blind, MalformedCode, readCode } from './code.ts';
import type { Core } from './core.ts';
import { type Message, newestOf, readDelivery } from './delivery.ts';
import { type Authenticator, findAuthenticator } from './enrolment.ts';
import type { Fact } from './factors.ts';
import { eventsOf, type Flow, flowNumber, lockFlow } from './flow.ts';
import { isWorthTelling, tellAccount } from './notices.ts';
import { hasFailed } from './receipt.ts';
import { readRemedies } from './remedies.ts';
import { tallyKey } from './send-permit.ts';
import { countUses } from './uses.ts';

/** A code that did not verify. */
export class CodeRefused extends SekishoError {
  /** Wrong codes that may still be entered; undefined where that says nothing. */
  readonly triesLeft: number | undefined;
  constructor(code: ErrorCode, options: { retryAt?: number; triesLeft?: number } = {}) {
    super(code, `The code was refused: ${code}`, options);
    this.triesLeft = options.triesLeft;
  }
}

/** What a right code proves: this number, just now. */
export interface Proof {
  fact: Fact;
  e164: string;
}

/** Malformed entries cost no try, but do not come without end (OTP-16). */
const MALFORMED_PER_CHALLENGE = 20;
const DAY = 86_400_000;

/**
 * Checks a code for the flow, at most one round trip. Counting, comparing and consuming are one step of the store
 * (OTP-12); everything here only prepares and interprets it.
 *
 * @throws CodeRefused with `code_wrong`, `code_expired`, `code_used`, `code_exhausted`, `attempt_too_early`,
 *   `authenticator_disabled`; MalformedCode. After the last try the flow has ended (lesson 8).
 */
export async function verifyCode(core: Core, uid: string, flow: Flow, entry: string): Promise<Proof> {
  if (flow.ended === 'locked') throw new CodeRefused('code_exhausted');
  if (flow.ended === 'disabled') throw new CodeRefused('authenticator_disabled');
  if (flow.challengeId === null) throw new CodeRefused('code_expired');
  const code = await readEntry(core, uid, flow, entry);
  // Before anything is looked at: what is ended meanwhile ends this proof too (SES-11).
  const at = core.clock.now();
  const [outcome, bound, signedOut, { messages }] = await Promise.all([
    attempt(core, uid, flow, code),
    boundTo(core, flow),
    signedOutSince(core, flow),
    readDelivery(core, flow.tag, flow.challengeId),
  ]);
  await settle(core, uid, flow, outcome);
  if (outcome.result !== 'verified') throw refusal(outcome);
  // The store may have been slow, and support may have taken the number away meanwhile (OTP-02, BND-08).
  if (core.clock.now() >= outcome.expiresAt || bound?.id !== (flow.authenticatorId ?? bound?.id))
    throw new CodeRefused('code_expired');
  if (signedOut)
    throw new SekishoError('interaction_gone', 'The account was signed out everywhere meanwhile');
  const about = eventsOf(uid, flow);
  const channel = channelOf(messages) ?? outcome.channel;
  core.emit({ type: 'code.verified', purpose: flow.purpose, channel }, about);
  return { fact: { method: channel === 'voice' ? 'tel' : 'sms', at }, e164: flowNumber(core, uid, flow)! };
}

async function readEntry(core: Core, uid: string, flow: Flow, entry: string): Promise<string> {
  try {
    return readCode(entry, codeLength(core, flow.challengeId));
  } catch (error) {
    if (!(error instanceof MalformedCode)) throw error;
    const { outcomes } = await countUses(core.store, [
      {
        key: key(flow.tag, 'malformed', flow.challengeId!),
        now: core.clock.now(),
        windows: [{ window: DAY, max: MALFORMED_PER_CHALLENGE }],
        cooldown: [],
      },
    ]);
    if (outcomes[0]!.granted) throw error;
    await Promise.all([closeChallenge(core, flow), lockFlow(core, uid, 'locked')]);
    throw new CodeRefused('code_exhausted');
  }
}

function attempt(core: Core, uid: string, flow: Flow, code: string): Promise<AttemptOutcome> {
  const { options, clock, store } = core;
  const now = clock.now();
  return store.attempt({
    challenge: challengeKey(flow.tag, flow.challengeId!),
    tally: tallyKey(flow),
    now,
    expected: expectedCodes(core, uid, flow),
    given: blind(code),
    maxTries: options.code.tries,
    ...(flow.authenticatorId === null ? whileBinding(options, now) : onceBound(options)),
  });
}

type Waits = Pick<AttemptRequest, 'ceiling' | 'delays' | 'tallyExpiresAt'>;

const onceBound = ({ failures }: Options): Waits => ({
  ceiling: failures.ceiling,
  delays: failures.delays.map((delay) => delay * 1000),
  tallyExpiresAt: null,
});

/** There is no authenticator to disable, and no wait is longer than a code can outlive (fault B.2). */
const whileBinding = ({ code, failures }: Options, now: number): Waits => ({
  ceiling: code.tries + 1,
  delays: failures.delays.map((delay) => Math.min(delay, code.ttl / 4) * 1000),
  tallyExpiresAt: now + DAY,
});

/** By which way the code came: the last one that did not fail. A call that nobody answered told no code (OID-01). */
const channelOf = (messages: readonly Message[]): Channel | undefined =>
  newestOf(messages.filter(({ state }) => !hasFailed(state)))?.channel;

async function boundTo(core: Core, flow: Flow): Promise<Authenticator | undefined> {
  return flow.authenticatorId === null ? undefined : findAuthenticator(core, flow.accountId!);
}

/** Whether the first factor of the flow was given before the account was signed out everywhere (SES-11). */
async function signedOutSince(core: Core, { accountId, facts }: Flow): Promise<boolean> {
  if (accountId === null) return false;
  const { sessions } = await readRemedies(core, accountId);
  return facts.some(({ at }) => at <= sessions);
}

/** Reports a failure, and ends the flow after the last one: the first factor has to be given again (lesson 8). */
async function settle(core: Core, uid: string, flow: Flow, outcome: AttemptOutcome): Promise<void> {
  if (outcome.result === 'verified') return;
  const about = eventsOf(uid, flow);
  const failures = 'failures' in outcome ? { failures: outcome.failures } : {};
  core.emit(
    { type: 'code.refused', purpose: flow.purpose, code: REFUSALS[outcome.result], ...failures },
    about,
  );
  if (outcome.result === 'disabled') await lockFlow(core, uid, 'disabled');
  if (outcome.result === 'wrong') await settleWrong(core, uid, flow, outcome, about);
}

async function settleWrong(
  core: Core,
  uid: string,
  flow: Flow,
  outcome: Extract<AttemptOutcome, { result: 'wrong' }>,
  about: ReturnType<typeof eventsOf>,
): Promise<void> {
  // While a number is being bound nobody else's factor is at stake.
  if (flow.authenticatorId !== null && isWorthTelling(outcome.failures))
    tellAccount(core, flow.accountId!, { notice: 'wrong_codes' });
  if (outcome.disabled) core.emit({ type: 'authenticator.disabled', failures: outcome.failures }, about);
  if (outcome.triesLeft === 0) {
    core.emit({ type: 'challenge.exhausted', purpose: flow.purpose, failures: outcome.failures }, about);
  }
  if (outcome.disabled || outcome.triesLeft === 0) {
    await lockFlow(core, uid, outcome.disabled ? 'disabled' : 'locked');
  }
}

const REFUSALS: Record<AttemptOutcome['result'], ErrorCode> = {
  unknown: 'code_expired',
  disabled: 'authenticator_disabled',
  consumed: 'code_used',
  closed: 'code_expired',
  exhausted: 'code_exhausted',
  expired: 'code_expired',
  wait: 'attempt_too_early',
  stale: 'internal',
  verified: 'internal',
  wrong: 'code_wrong',
};

function refusal(outcome: AttemptOutcome): CodeRefused {
  if (outcome.result === 'wait') return new CodeRefused('attempt_too_early', { retryAt: outcome.retryAt });
  if (outcome.result !== 'wrong') return new CodeRefused(REFUSALS[outcome.result]);
  if (outcome.disabled) return new CodeRefused('authenticator_disabled');
  if (outcome.triesLeft === 0) return new CodeRefused('code_exhausted');
  return new CodeRefused('code_wrong', { triesLeft: outcome.triesLeft, retryAt: outcome.retryAt });
}
