import { SekishoError } from '../errors.ts';
import type { Gateway, GatewayEvent } from '../ports/gateway.ts';
import { carrierIn, rememberCarrier } from './carrier.ts';
import type { Core } from './core.ts';
import { claim, type Message, type News, readDelivery, recordNews } from './delivery.ts';
import { fallBack } from './fallback.ts';
import { findMessage, idOf, type Known, keepEarly } from './messages.ts';
import { resumeSms, stopSms } from './opt-out.ts';
import { maskPhone, readPhone } from './phone.ts';
import { hasArrived, hasFailed, isFinal, stateTold } from './receipt.ts';
import { within } from './risk.ts';
import { learnTiming } from './timing.ts';
import { classOf, isEvent } from './vendor-words.ts';

type Told = Exclude<GatewayEvent, { type: 'inbound' }>;

/**
 * Takes in what a gateway's vendor told. Nothing here touches a challenge, a counter or a factor (DESIGN 4, GWY-04); events
 * about messages that this gateway did not carry say nothing.
 *
 * @param about The message that the address named; an event about another one is dropped.
 */
export async function receive(
  core: Core,
  gateway: Gateway,
  events: readonly GatewayEvent[],
  about?: string,
): Promise<void> {
  const told = Array.isArray(events) ? events.slice(0, MOST).filter(isEvent) : [];
  for (const event of told) {
    if (event.type === 'inbound') await hear(core, event);
    else await hearOf(core, gateway, event, about);
  }
}
/** A batch that is longer comes from nobody we know. */
const MOST = 500;

/** STOP and START of a person (opt-out). Numbers of countries we do not send to have nothing to stop. */
async function hear(
  core: Core,
  { from, keyword }: Extract<GatewayEvent, { type: 'inbound' }>,
): Promise<void> {
  if (keyword !== 'stop' && keyword !== 'start') return;
  const e164 = numberOf(core, from);
  if (e164 === undefined) return;
  await (keyword === 'stop' ? stopSms(core, e164) : resumeSms(core, e164));
}

/** Vendors write numbers with and without plus. */
function numberOf(core: Core, from: string): string | undefined {
  for (const spelling of [from, `+${from}`]) {
    try {
      return readPhone(spelling, core.options.countries).e164;
    } catch (error) {
      if (!(error instanceof SekishoError)) throw error;
    }
  }
  return undefined;
}

async function hearOf(core: Core, gateway: Gateway, event: Told, about: string | undefined): Promise<void> {
  const id = event.id ?? (await idByVendor(core, gateway, event, about));
  if (id === undefined || (about !== undefined && id !== about)) return;
  const known = await findMessage(core, gateway.name, id);
  if (!known) return;
  // Asking takes as long as the vendor takes, and the vendor who told us is waiting for our answer.
  if (event.unproved && gateway.poll) return core.background('poll', () => ask(core, gateway, known));
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
  if (id === undefined && about === undefined) await keepEarly(core, gateway.name, event.vendorId, event);
  return id ?? about;
}

async function settle(core: Core, gateway: Gateway, known: Known, event: Told): Promise<void> {
  const { tag, challengeId, channel, sentAt, e164 } = known;
  const { messages } = await readDelivery(core, tag, challengeId);
  const before = messages.find(({ id }) => id === known.id);
  const receipt = event.type === 'receipt' ? event : undefined;
  const state = stateTold(event, before?.state ?? 'sending', gateway.callGuard);
  const carrier = carrierIn(receipt?.carrier);
  const news: News = {
    ...{ id: known.id, gateway: gateway.name, channel, sentAt, state },
    ...(receipt?.class && hasFailed(state) ? { class: classOf(receipt.class) } : {}),
    ...(carrier ? { carrier } : {}),
    ...(event.vendorId ? { vendorId: event.vendorId } : {}),
  };
  const change = await recordNews(core, tag, challengeId, news, 'receipt');
  if (carrier) await rememberCarrier(core, e164, carrier);
  if (!change || change.after.state === change.before?.state) return;
  announce(core, known, change.after);
  await learn(core, known, change.after);
  if (change.after.class === 'opt-out' && channel === 'sms') await stopSms(core, e164);
  if (hasFailed(change.after.state)) await fallBack(core, known, change.after, 'undelivered');
}

function announce(core: Core, { channel, e164, sentAt }: Known, { state, gateway, class: reason }: Message) {
  core.emit({
    type: 'delivery.receipt',
    ...{ channel, gateway, state },
    number: maskPhone(e164),
    seconds: Math.round((core.clock.now() - sentAt) / 1000),
    ...(reason ? { class: reason } : {}),
  });
}

/** Only what the network did is learnt: a person who said STOP, or has no such number, says nothing about it. */
async function learn(core: Core, { channel, sentAt }: Known, message: Message): Promise<void> {
  const { state, class: reason, gateway, carrier } = message;
  const network = hasArrived(state) || reason === undefined || reason === 'temporary' || reason === 'blocked';
  if (channel !== 'sms' || !isFinal(state) || state === 'unknown' || !network) return;
  const seconds = (core.clock.now() - sentAt) / 1000;
  await learnTiming(core, { gateway, arrived: hasArrived(state), seconds, ...(carrier ? { carrier } : {}) });
}

/** A gateway is not asked about the same message more often than that. */
const ASKED_EVERY = 5000;
const PATIENCE = 8000;

/**
 * Asks the vendor how a message got on, at most every five seconds over all processes. The waiting page and receipts that
 * prove nothing are what drives it; there is no timer (a restart loses nothing).
 */
async function ask(core: Core, gateway: Gateway, known: Known): Promise<void> {
  const { tag, challengeId, id, e164: to, channel, sentAt } = known;
  const now = core.clock.now();
  if (!gateway.poll) return;
  const mine = await claim(core, tag, challengeId, id, (message) =>
    isFinal(message.state) || now - (message.polledAt ?? 0) < ASKED_EVERY
      ? undefined
      : { ...message, polledAt: now },
  );
  if (!mine) return;
  const { messages } = await readDelivery(core, tag, challengeId);
  const vendorId = messages.find((message) => message.id === id)?.vendorId;
  const asked = { id, to, channel, sentAt, ...(vendorId ? { vendorId } : {}) };
  const context = { now, signal: AbortSignal.timeout(PATIENCE) };
  const events = await within(PATIENCE + 250, gateway.poll(asked, context));
  for (const event of events.filter(isEvent)) {
    if (event.type !== 'inbound' && (event.id ?? id) === id) await settle(core, gateway, known, event);
  }
}

/** Asks about what a person at the waiting page is waiting for; after the response, and only where there is news to be had. */
export function askAbout(core: Core, messages: readonly Message[]): void {
  const waiting = messages.at(-1);
  if (!waiting || isFinal(waiting.state)) return;
  const gateway = core.exchange.find(waiting.gateway);
  if (!gateway?.poll || core.clock.now() - (waiting.polledAt ?? waiting.sentAt) < ASKED_EVERY) return;
  core.background('poll', async () => {
    const known = await findMessage(core, gateway.name, waiting.id);
    if (known) await ask(core, gateway, known);
  });
}
