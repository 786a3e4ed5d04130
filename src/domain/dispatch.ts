import { randomBytes } from 'node:crypto';
import type { Purpose } from '../events.ts';
import type { Gateway, OutboundMessage, RejectionClass, SendOutcome } from '../ports/gateway.ts';
import type { Channel } from '../ports/store.ts';
import { usualCarrier } from './carrier.ts';
import type { Core } from './core.ts';
import { type News, recordNews } from './delivery.ts';
import { findAuthenticator } from './enrolment.ts';
import type { Way } from './exchange.ts';
import { answerUrl, messageUrl, wordingOf } from './hooks.ts';
import { rememberMessage, rememberVendorId } from './messages.ts';
import { stopSms } from './opt-out.ts';
import { takeTurn } from './pace.ts';
import { maskPhone, type Phone } from './phone.ts';
import { within } from './risk.ts';
import { isTroubled } from './timing.ts';
import { readOutcome } from './vendor-words.ts';
import { composeCall, composeSms, type Ending } from './wording.ts';

/** A code on its way to a phone. */
export interface Letter {
  phone: Phone;
  code: string;
  channel: Channel;
  purpose: Purpose;
  locale: string;
  /** Hash of the client's Android app, which then ends the SMS. */
  appHash: string | undefined;
  uid: string;
  /** Account that has the number; undefined while it is being bound. */
  holder: string | undefined;
  /** Where the outcome is noted. */
  tag: string;
  challengeId: string;
  /** When the code dies. */
  expiresAt: number;
  /** The first message of its challenge: nothing is on record yet. */
  first: boolean;
  /** Gateways that had their chance with this code. */
  avoid?: readonly string[];
}

/** A gateway that has not answered by then is left alone; what it was given may still arrive (GWY-02). */
const PATIENCE = 8000;

/** Refusals after which another gateway may try: they are about the gateway, not about the message (D.2 of the facts). */
const PASSED_ON: ReadonlySet<RejectionClass> = new Set([
  'temporary',
  'throttled',
  'quota',
  'auth',
  'unknown',
]);

/**
 * Hands a code over after the response went out (THR-06): the page never waits for a vendor. The challenge is on record
 * already, so nothing is sent that nobody counted (OPS-01). One gateway after the other is asked until one takes it, says
 * something final, or leaves it open; only a plain refusal of its own leads to the next (GWY-05).
 */
export function dispatch(core: Core, letter: Letter): void {
  core.background('dispatch', async () => {
    const ways = await sortedWays(core, letter);
    let last: Handed | undefined;
    for (const [at, way] of ways.entries()) {
      if (!(await takeTurn(core, way.gateway, at === ways.length - 1))) continue;
      last = await handOver(core, way, letter);
      if (last.outcome.outcome !== 'rejected' || !PASSED_ON.has(last.outcome.class)) break;
    }
    await note(core, letter, last ?? nobody(core, letter));
  });
}

/** Ways that work come first: a closed circuit, and no trouble with the network of this phone as far as receipts tell. */
async function sortedWays(core: Core, { phone, channel, avoid = [] }: Letter): Promise<Way[]> {
  const all = core.exchange.waysTo(phone, channel);
  const fresh = all.filter(({ gateway }) => !avoid.includes(gateway.name));
  const ways = fresh.length > 0 ? fresh : all;
  if (ways.length < 2) return ways;
  const now = core.clock.now();
  const carrier = await usualCarrier(core, phone.e164);
  const marks = await Promise.all(
    ways.map(async (way) => ({
      way,
      // The circuit is asked last: who may try whether a gateway is back must also get to try.
      bad:
        (await isTroubled(core, way.gateway.name, carrier)) ||
        !core.exchange.breaker(way.gateway).allows(now),
    })),
  );
  return [...marks.filter(({ bad }) => !bad), ...marks.filter(({ bad }) => bad)].map(({ way }) => way);
}

interface Handed {
  id: string;
  gateway: string;
  sentAt: number;
  outcome: SendOutcome;
}

async function handOver(core: Core, way: Way, letter: Letter): Promise<Handed> {
  const id = randomBytes(16).toString('base64url');
  const { gateway } = way;
  const sentAt = core.clock.now();
  // A receipt may be quicker than the answer, so whose message it is has to be on record before.
  if (gateway.webhook || gateway.listen || gateway.poll)
    await rememberMessage(core, id, gateway.name, letter);
  const message = compose(core, way, letter, id, await provedAt(core, gateway, letter));
  let outcome = await attempt(core, way, message);
  if (outcome.outcome === 'ambiguous' && gateway.idempotent) outcome = await attempt(core, way, message);
  report(core, way, letter, outcome);
  return { id, gateway: gateway.name, sentAt, outcome };
}

async function attempt(core: Core, { gateway }: Way, message: OutboundMessage): Promise<SendOutcome> {
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    return readOutcome(
      await within(PATIENCE + 250, gateway.send(message, { now: core.clock.now(), signal })),
    );
  } catch {
    return { outcome: 'ambiguous' }; // its words may hold the number or the text, so they are not passed on (LOG-02)
  }
}

function report(core: Core, { gateway }: Way, { phone, channel }: Letter, outcome: SendOutcome): void {
  // What a person or a carrier decided says nothing about the gateway; a wait without an answer does.
  const ok =
    outcome.outcome === 'accepted' || (outcome.outcome === 'rejected' && !PASSED_ON.has(outcome.class));
  const breaker = core.exchange.breaker(gateway);
  const now = core.clock.now();
  if (outcome.outcome === 'rejected' && outcome.retryAfter) breaker.pause(now, outcome.retryAfter);
  const change = breaker.report(ok, now);
  if (change) core.emit({ type: 'gateway.circuit', gateway: gateway.name, circuit: change });
  core.emit({
    type: 'delivery.finished',
    channel,
    number: maskPhone(phone.e164),
    gateway: gateway.name,
    outcome: outcome.outcome,
    ...(outcome.outcome === 'rejected' ? { class: outcome.class } : {}),
    ...(outcome.outcome !== 'accepted' && outcome.code !== undefined ? { code: outcome.code } : {}),
  });
}

/** Every gateway was too busy, or none is left that serves the number. */
function nobody(core: Core, { phone, channel }: Letter): Handed {
  core.emit({
    type: 'delivery.finished',
    channel,
    number: maskPhone(phone.e164),
    gateway: 'none',
    outcome: 'rejected',
    class: 'throttled',
  });
  const outcome = { outcome: 'rejected', class: 'throttled' } as const;
  return { id: randomBytes(16).toString('base64url'), gateway: 'none', sentAt: core.clock.now(), outcome };
}

async function note(core: Core, letter: Letter, { id, gateway, outcome, sentAt }: Handed): Promise<void> {
  const { tag, challengeId, channel, phone, first } = letter;
  const news: News = {
    ...{ id, gateway, channel, sentAt, state: outcome.outcome },
    ...(outcome.outcome === 'rejected' ? { class: outcome.class } : {}),
    ...(outcome.outcome === 'accepted' && outcome.vendorId ? { vendorId: outcome.vendorId } : {}),
  };
  const change = await recordNews(core, tag, challengeId, news, first ? 'first send' : 'send');
  const taker = core.exchange.find(gateway);
  if (news.vendorId && taker?.correlation === 'vendorId') {
    const early = await rememberVendorId(core, gateway, news.vendorId, id);
    if (early.length > 0) core.receive(taker, early);
  }
  if (news.class === 'opt-out' && channel === 'sms') await stopSms(core, phone.e164);
  if (change?.after.state === 'rejected')
    await core.undelivered({ ...letter, id, gateway, sentAt, e164: phone.e164 }, change.after);
}

/** Minimal: the day is told to nobody but a vendor who compares it (PRV-04). */
async function provedAt(core: Core, gateway: Gateway, { holder }: Letter): Promise<number | undefined> {
  if (!gateway.checksOwner || holder === undefined) return undefined;
  return (await findAuthenticator(core, holder))?.boundAt;
}

function compose(
  core: Core,
  way: Way,
  letter: Letter,
  id: string,
  proved: number | undefined,
): OutboundMessage {
  const { gateway, sender, originLine } = way;
  const { phone, channel, locale, expiresAt } = letter;
  const message = {
    ...{ id, to: phone.e164, channel, digits: letter.code, locale, expiresAt },
    ...(sender ? { sender } : {}),
    ...(proved === undefined ? {} : { provedAt: proved }),
    ...(gateway.webhook ? { webhookUrl: messageUrl(core, gateway.name, id) } : {}),
  };
  const wording = wordingOf(core, letter);
  if (channel === 'sms') return { ...message, text: composeSms(wording, endingOf(core, letter, originLine)) };
  const { text, invitation, farewell } = composeCall(wording);
  const asks = gateway.webhook?.answer ? { answerUrl: answerUrl(core, gateway.name, id, letter) } : {};
  return { ...message, text, call: { invitation, farewell, ...asks } };
}

/** The hash of an app and the line of a host both want to be last, so a client has one of them. */
function endingOf({ options }: Core, { appHash }: Letter, originLine: boolean): Ending {
  if (appHash !== undefined) return { appHash };
  return originLine ? { host: new URL(options.issuer).hostname } : null;
}
