import type { Gateway, GatewayEvent } from '../ports/gateway.ts';
import { key } from '../ports/store.ts';
import { carrierIn, rememberCarrier } from './carrier.ts';
import { challengeKey } from './challenge.ts';
import type { Core } from './core.ts';
import { claim, type Message, type News, newestOf, readDelivery, recordNews } from './delivery.ts';
import { fallBack } from './fallback.ts';
import { digest } from './keys.ts';
import { findMessage, idOf, type Known, keepEarly } from './messages.ts';
import { hear, stopSms } from './opt-out.ts';
import { maskPhone } from './phone.ts';
import { hasArrived, hasFailed, isFinal, type MessageState, stateTold } from './receipt.ts';
import { within } from './risk.ts';
import { learnTiming } from './timing.ts';
import { classOf, isEvent, nameToTell } from './vendor-words.ts';

type Told = Exclude<GatewayEvent, { type: 'inbound' }>;

/**
 * Takes in what a gateway's vendor told. Nothing here touches a challenge, a counter or a factor (DESIGN 4, GWY-04); events
 * about messages that this gateway did not carry say nothing.
 *
 * @param about The message that the address named; an event about another one is dropped.
 * @param at When this was told for the first time, for what a person said and nobody knows when.
 */
export async function receive(
  core: Core,
  gateway: Gateway,
  events: readonly GatewayEvent[],
  about?: string,
  at = core.clock.now(),
): Promise<void> {
  const told = Array.isArray(events) ? events.slice(0, MOST).filter(isEvent) : [];
  let failure: unknown;
  for (const event of told) {
    try {
      // The address of one message proves nothing about what other people say.
      if (event.type === 'inbound') await (about === undefined && hear(core, event, at));
      else await hearOf(core, gateway, event, about);
    } catch (error) {
      // One event must not hold up the others; the vendor comes again, and what was taken in says nothing new then.
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
}
/** A batch that is longer comes from nobody we know. */
const MOST = 500;

async function hearOf(core: Core, gateway: Gateway, event: Told, about: string | undefined): Promise<void> {
  const id = event.id ?? (await idByVendor(core, gateway, event, about));
  if (id === undefined || (about !== undefined && id !== about)) return;
  const known = await findMessage(core, gateway.name, id);
  if (!known) return;
  // Asking takes as long as the vendor takes, and the vendor who told us is waiting for our answer.
  if (event.unproved && gateway.poll) {
    // Where the answer to its send was lost, nobody but the address says that this name is the message's.
    const named = about === undefined ? undefined : event.vendorId;
    return core.background('poll', () => askSoon(core, gateway, known, named));
  }
  await settle(core, gateway, known, event);
}

async function idByVendor(
  core: Core,
  gateway: Gateway,
  event: Told,
  about: string | undefined,
): Promise<string | undefined> {
  if (event.vendorId === undefined || gateway.correlation !== 'vendorId') return about;
  const id = await idOf(core, gateway.name, event.vendorId);
  if (id !== undefined || about !== undefined) return id ?? about;
  return keepEarly(core, gateway.name, event.vendorId, event);
}

async function settle(core: Core, gateway: Gateway, known: Known, event: Told): Promise<void> {
  const { tag, challengeId, channel, e164, id } = known;
  const told = await recordNews(core, tag, challengeId, id, ({ state }) =>
    newsOf(event, stateTold(event, state, gateway.callGuard)),
  );
  if (!told) return;
  // Done again when the vendor comes again, for we may have been cut off: each of these happens once, whoever asks.
  if (saysStop(told.after) && channel === 'sms') await stopSms(core, e164, told.after.at);
  if (told.after.state !== told.before.state) await learnFrom(core, known, told.after, event);
  // While the gateway has not answered, another one may be asked yet: the dispatch acts on it then.
  if (hasFailed(told.after.state) && told.before.state !== 'sending')
    await fallBack(core, known, told.after, 'undelivered');
}

const saysStop = ({ state, class: reason }: Message): boolean => reason === 'opt-out' && hasFailed(state);

function newsOf(event: Told, state: MessageState): News {
  const { vendorId } = event;
  if (event.type === 'call') return { state, ...(vendorId ? { vendorId } : {}) };
  const carrier = carrierIn(event.carrier);
  return {
    state,
    ...(event.class && hasFailed(state) ? { class: classOf(event.class) } : {}),
    ...(carrier ? { carrier } : {}),
    ...(vendorId ? { vendorId } : {}),
  };
}

/** What it says about networks; losing some of it is no reason to hear the vendor again. */
async function learnFrom(core: Core, known: Known, message: Message, event: Told): Promise<void> {
  announce(core, known, message);
  const carrier = event.type === 'receipt' ? carrierIn(event.carrier) : undefined;
  try {
    if (carrier) await rememberCarrier(core, known.e164, carrier);
    await learn(core, known, message);
  } catch (error) {
    core.fault('timing', error);
  }
}

function announce(core: Core, { id, channel, e164, sentAt, about }: Known, message: Message) {
  const { state, gateway, class: reason } = message;
  const vendorId = nameToTell(message.vendorId, e164);
  core.emit(
    {
      type: 'delivery.receipt',
      ...{ channel, gateway, state, message: id },
      number: maskPhone(e164),
      seconds: Math.round((core.clock.now() - sentAt) / 1000),
      ...(reason ? { class: reason } : {}),
      ...(vendorId ? { vendorId } : {}),
    },
    about,
  );
}

/** Only what the network did is learnt: a person who said STOP, or has no such number, says nothing about it. */
async function learn(core: Core, known: Known, message: Message): Promise<void> {
  const { state, gateway, carrier } = message;
  if (known.channel !== 'sms' || !(hasArrived(state) || isLoss(known, message))) return;
  const seconds = (core.clock.now() - known.sentAt) / 1000;
  await learnTiming(core, { gateway, arrived: hasArrived(state), seconds, ...(carrier ? { carrier } : {}) });
}

/**
 * Whether the network lost it. Phones that are switched off let messages expire, so that alone blames nobody; and whoever
 * types numbers in could make any gateway look broken with phones of his own, so only numbers that were proved count.
 */
function isLoss({ proved }: Known, { state, class: reason }: Message): boolean {
  if (!proved || !hasFailed(state)) return false;
  return reason === undefined ? state !== 'expired' : reason === 'temporary' || reason === 'blocked';
}

/** Milliseconds: how often the waiting page, and how often receipts that prove nothing, may have a vendor asked. */
const ASKED_EVERY = 5000;
const ASKED_BY_RECEIPTS = 1000;
const PATIENCE = 8000;

/**
 * Asks the vendor how a message got on, not more often than that over all processes. The waiting page and receipts that
 * prove nothing are what drives it; there is no timer (a restart loses nothing).
 *
 * @param named What the vendor may call it, for as long as the answer to its send did not say.
 * @returns false when it was asked too recently.
 */
async function ask(
  core: Core,
  gateway: Gateway,
  known: Known,
  pause: number,
  named?: string,
): Promise<boolean> {
  const { tag, challengeId, id, e164: to, channel, sentAt } = known;
  const now = core.clock.now();
  if (!gateway.poll) return true;
  const mine = await claim(core, tag, challengeId, id, (message) =>
    isFinal(message.state) || now - (message.polledAt ?? 0) < pause
      ? undefined
      : { ...message, polledAt: now },
  );
  const { messages } = await readDelivery(core, tag, challengeId);
  const message = messages.find((one) => one.id === id);
  if (!mine) return !message || isFinal(message.state);
  const vendorId = message?.vendorId ?? named;
  const asked = { id, to, channel, sentAt, ...(vendorId ? { vendorId } : {}) };
  const context = { now, signal: AbortSignal.timeout(PATIENCE) };
  const events = await within(PATIENCE + 250, gateway.poll(asked, context));
  for (const event of events.filter(isEvent)) {
    if (event.type !== 'inbound' && (event.id ?? id) === id) await settle(core, gateway, known, event);
  }
  return true;
}

/** Messages whose next question waits for the second to be over, in this process. */
const waiting = new Set<string>();

/** A receipt is no less true because another one came a moment before: it is asked about a second later, once. */
async function askSoon(core: Core, gateway: Gateway, known: Known, named: string | undefined): Promise<void> {
  if ((await ask(core, gateway, known, ASKED_BY_RECEIPTS, named)) || waiting.has(known.id)) return;
  waiting.add(known.id);
  try {
    await new Promise((resolve) => setTimeout(resolve, ASKED_BY_RECEIPTS));
  } finally {
    waiting.delete(known.id);
  }
  await ask(core, gateway, known, 0, named);
}

/** Asks about what a person at the waiting page is waiting for; after the response, and only where there is news to be had. */
export function askAbout(core: Core, messages: readonly Message[]): void {
  const newest = newestOf(messages);
  if (!newest || isFinal(newest.state)) return;
  const gateway = core.exchange.find(newest.gateway);
  if (!gateway?.poll || core.clock.now() - (newest.polledAt ?? newest.sentAt) < ASKED_EVERY) return;
  core.background('poll', async () => {
    const known = await findMessage(core, gateway.name, newest.id);
    if (known) await ask(core, gateway, known, ASKED_EVERY);
  });
}

/** A vendor may ask twice; whoever found the address in a log gets no more than that out of it. */
const READ_AT_MOST = 3;
const READ_WITHIN = 600_000;

/**
 * Whether the code of a call may be read out now: it is still awaited, and has not been read out too often. Counts the
 * reading; a store that cannot count says no (OPS-01). `dead`: its time is up, or another code took its place (OTP-09).
 *
 * @param expiresAt When the code in the call dies; it tells the codes of one challenge apart, for each lives longer.
 */
export async function readable(
  core: Core,
  gateway: string,
  id: string,
  expiresAt: number,
): Promise<'yes' | 'no' | 'dead'> {
  if (core.clock.now() >= expiresAt) return 'dead';
  const known = await findMessage(core, gateway, id);
  if (!known) return 'no';
  const challenge = await core.store.readChallenge(challengeKey(known.tag, known.challengeId));
  if (challenge?.status !== 'live') return 'no';
  if (challenge.expiresAt !== expiresAt) return 'dead';
  const counted = await core.store.reserve({
    key: key(digest(`read ${id}`), 'read'),
    now: core.clock.now(),
    windows: [{ window: READ_WITHIN, max: READ_AT_MOST }],
    cooldown: [],
  });
  return counted.granted ? 'yes' : 'no';
}
