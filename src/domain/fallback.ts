import { SekishoError } from '../errors.ts';
import type { RejectionClass } from '../ports/gateway.ts';
import type { Channel } from '../ports/store.ts';
import { readChallenge, sendAgain } from './challenge.ts';
import type { Core } from './core.ts';
import { type Cause, claim, type Message, newestOf, readDelivery } from './delivery.ts';
import { eventsOf, type Flow, loadFlow } from './flow.ts';
import type { Known } from './messages.ts';
import { isStopped } from './opt-out.ts';
import { maskPhone, type Phone, readPhone } from './phone.ts';
import { hasArrived, isFinal, type MessageState } from './receipt.ts';
import { usualSeconds } from './timing.ts';

type Step = 'gateway' | 'voice';
type Next = { channel: Channel; avoid: readonly string[] };

/** What still makes sense after a failure, by its reason: a phone that is switched off rings no better than it gets SMS. */
const SENSIBLE: Partial<Record<RejectionClass, readonly Step[]>> = {
  unreachable: [],
  recycled: [],
  number: [],
  'opt-out': ['voice'],
  blocked: ['voice'],
  permanent: ['voice'],
};

/**
 * Sends the same code another way, by itself, when a message did not arrive or is late, as far as the policy says. Same
 * challenge, same budget of sends and tries (OTP-09, GWY-05). Of several receipts, tabs and processes one does it: the
 * message is marked first. There is no timer behind it; a receipt or the waiting page calls.
 *
 * @returns whether something was sent.
 */
export async function fallBack(core: Core, known: Known, message: Message, cause: Cause): Promise<boolean> {
  if (message.followed || message.channel !== 'sms') return false;
  const { tag, challengeId, id, uid, locale } = known;
  const [flow, { messages }] = await Promise.all([loadFlow(core, uid), readDelivery(core, tag, challengeId)]);
  // A newer message, or another challenge, means that the person has moved on.
  if (!flow || flow.ended || flow.challengeId !== challengeId || newestOf(messages)?.id !== id) return false;
  if (!(await isWorthIt(core, flow, message, messages))) return false;
  const next = await nextWay(core, known, message, messages, stepsOf(core, flow, cause));
  if (!next) return false;
  const mine = await claim(core, tag, challengeId, id, (one) =>
    one.followed || (cause === 'late' && isFinal(one.state)) ? undefined : { ...one, followed: true },
  );
  if (!mine || !(await sendOn(core, uid, flow, { locale, ...next, follows: { cause, send: message.send } })))
    return false;
  const { gateway } = message;
  core.emit(
    {
      type: 'delivery.fallback',
      ...{ cause, channel: next.channel, gateway, number: maskPhone(known.e164), message: id },
    },
    eventsOf(uid, flow),
  );
  return true;
}

/** Milliseconds a code must live on for a call to be placed, answered and heard. */
const LEAST_LEFT = 45_000;

/** Whether nothing was sent since, the code lives long enough to be of use, and none of its messages has arrived. */
async function isWorthIt(
  core: Core,
  flow: Flow,
  { send }: Message,
  messages: readonly Message[],
): Promise<boolean> {
  const challenge = await readChallenge(core, flow);
  if (challenge?.status !== 'live' || challenge.sends !== send) return false;
  if (challenge.expiresAt - core.clock.now() < LEAST_LEFT) return false;
  return !messages.some(({ state, sentAt }) => hasArrived(state) && sentAt >= challenge.issuedAt);
}

async function sendOn(
  core: Core,
  uid: string,
  flow: Flow,
  order: { locale: string; follows: { cause: Cause; send: number } } & Next,
): Promise<boolean> {
  try {
    return await sendAgain(core, uid, flow, { ip: undefined, ...order });
  } catch (error) {
    // A limit that is reached is told by its own event; the page offers what is left.
    if (error instanceof SekishoError) return false;
    throw error;
  }
}

/**
 * What the policy lets be done. Nobody has proved to have a number that is being bound, and its network earns by a call and
 * decides what receipts say: it is called after a press only, which counts for the address that pressed (THR-03).
 */
const stepsOf = ({ options }: Core, { authenticatorId }: Flow, cause: Cause): readonly Step[] =>
  options.fallback[cause].filter((step) => step !== 'voice' || authenticatorId !== null);

async function nextWay(
  core: Core,
  { e164 }: Known,
  { class: reason, channel, state }: Message,
  messages: readonly Message[],
  steps: readonly Step[],
): Promise<Next | undefined> {
  const phone = phoneOf(core, e164);
  if (!phone) return undefined;
  const avoid = messages.map(({ gateway }) => gateway);
  const sensible = (reason && SENSIBLE[reason]) ?? ['gateway', 'voice'];
  for (const step of steps) {
    if (!sensible.includes(step)) continue;
    if (step === 'voice' && core.exchange.waysTo(phone, 'voice').length > 0)
      return { channel: 'voice', avoid: [] };
    // A refusal went through all gateways there are before it was one.
    if (step === 'gateway' && state !== 'rejected' && (await hasOther(core, phone, channel, avoid)))
      return { channel, avoid };
  }
  return undefined;
}

/** Undefined when its country was closed since. */
function phoneOf({ options }: Core, e164: string): Phone | undefined {
  try {
    return readPhone(e164, options.countries);
  } catch (error) {
    if (error instanceof SekishoError) return undefined;
    throw error;
  }
}

async function hasOther(core: Core, phone: Phone, channel: Channel, avoid: readonly string[]) {
  const others = core.exchange.waysTo(phone, channel).filter(({ gateway }) => !avoid.includes(gateway.name));
  return others.length > 0 && !(await isStopped(core, phone.e164));
}

/** Milliseconds since the epoch at which this message counts as late; undefined when nothing is waited for. */
export async function lateAt(core: Core, message: Message | undefined): Promise<number | undefined> {
  if (!message || hasArrived(message.state) || isFinal(message.state)) return undefined;
  return message.sentAt + (await usualSeconds(core, message.gateway, message.carrier)) * 1000;
}

const OPEN: ReadonlySet<MessageState> = new Set(['sending', 'ambiguous']);

/** Whether the policy lets a late message be followed by another one without a press (`fallback.late`). */
export async function mayFollowLate(core: Core, flow: Flow, message: Message | undefined): Promise<boolean> {
  if (stepsOf(core, flow, 'late').length === 0 || flow.ended) return false;
  // What left without an answer is never followed by itself: it may well be on its way (D.2 of the facts, rule 1). One that
  // is handed over for so long is the same: the answer was lost with the process, or could not be written down.
  if (!message || message.followed || OPEN.has(message.state)) return false;
  // Of a gateway that never reports, every message would be late.
  const { webhook, listen, poll } = core.exchange.find(message.gateway) ?? {};
  if (!webhook && !listen && !poll) return false;
  const late = await lateAt(core, message);
  return late !== undefined && core.clock.now() >= late;
}
