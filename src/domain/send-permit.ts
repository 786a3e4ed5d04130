import { SekishoError } from '../errors.ts';
import type { EventCommon } from '../events.ts';
import { type Channel, type Key, key, type Tally } from '../ports/store.ts';
import type { SendOrder } from './challenge.ts';
import type { Bound } from './challenge-codes.ts';
import type { Core } from './core.ts';
import { findAuthenticator } from './enrolment.ts';
import type { Flow } from './flow.ts';
import { type Release, reserveSend } from './limits.ts';
import { isStopped } from './opt-out.ts';
import { maskPhone, type Phone } from './phone.ts';

/**
 * Failures count per authenticator, over all challenges (lesson 6). While a number is being bound they count per challenge:
 * the codes of a stranger's sign-up are of no use to the owner's, and its wrong ones must not make the owner wait (fault B.2).
 * What bounds guesses then is that challenges are counted; see `mayBeUsualCode`.
 */
export const tallyKey = (flow: Pick<Flow, 'tag' | 'authenticatorId' | 'challengeId'>): Key =>
  key(flow.tag, 'tally', flow.authenticatorId ?? `binding:${flow.challengeId ?? ''}`);

/**
 * Counts the send, and refuses it where no code could verify any more (OTP-05), none could be entered before it ends (fault
 * B.3), or the person said STOP. Answers what gives the send back.
 */
export async function permitSend(
  core: Core,
  flow: Bound & Pick<Flow, 'challengeId'>,
  { ip, follows, about }: SendOrder & { about: Omit<EventCommon, 'time'> },
  { e164 }: Phone,
  channel: Channel,
): Promise<Release> {
  const confirmed = flow.authenticatorId !== null;
  const accountId = flow.accountId ?? undefined;
  const looking = Promise.all([
    core.store.readTally(tallyKey(flow), core.clock.now()),
    channel === 'sms' && isStopped(core, e164),
    isStillBound(core, flow),
  ]);
  looking.catch(() => undefined); // it is waited for below
  const automatic = follows !== undefined;
  const release = await reserveSend(core, { e164, confirmed, accountId, ip, channel, automatic, about });
  const [tally, stopped, bound] = await orGiveBack(release, looking);
  const disabled = confirmed && tally.failures >= core.options.failures.ceiling;
  const paused = automatic ? tally.notBefore > core.clock.now() : isPaused(core, tally);
  if (bound && !disabled && !stopped && !paused) return release;
  // Whoever types a stranger's number in learns what it said; not without end.
  await release(stopped && !confirmed ? ['number', 'tries', 'voice'] : undefined);
  if (!bound) throw new SekishoError('interaction_gone', 'The number was taken off the account meanwhile');
  if (disabled)
    throw new SekishoError('authenticator_disabled', 'Too many wrong codes: the number must be bound again');
  if (stopped)
    throw new SekishoError('sms_stopped', 'The person at this number said STOP: only calls are possible');
  core.emit({ type: 'send.refused', limit: 'failures', number: maskPhone(e164) }, about);
  throw new SekishoError('codes_paused', 'No code could be entered in time', { retryAt: tally.notBefore });
}

/**
 * Whether the wait after wrong codes is too long for a code that is sent now (fault B.3): it would be paid for, and end
 * before it may be entered. A code lives on for half of its time at least when it is sent again, and a person needs some of
 * that.
 */
export const isPaused = ({ clock, options }: Core, { notBefore }: Pick<Tally, 'notBefore'>): boolean =>
  notBefore - clock.now() >= options.code.ttl * 500;

/** Whether the number still is the account's; after a loss nothing goes to the old one (BND-08). */
async function isStillBound(core: Core, { authenticatorId, accountId }: Bound): Promise<boolean> {
  return authenticatorId === null || (await findAuthenticator(core, accountId!))?.id === authenticatorId;
}

/** Where the work fails nothing is sent, and the send that was counted is given back. */
export async function orGiveBack<T>(release: Release, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await release();
    throw error;
  }
}
