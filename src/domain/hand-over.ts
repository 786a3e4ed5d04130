import { randomBytes } from 'node:crypto';
import { SekishoError } from '../errors.ts';
import type { EventCommon, Purpose } from '../events.ts';
import type { Gateway, OutboundMessage, RejectionClass, SendOutcome } from '../ports/gateway.ts';
import type { Channel } from '../ports/store.ts';
import type { Core } from './core.ts';
import { beginMessage, type Cause, type Message, recordNews } from './delivery.ts';
import { findAuthenticator } from './enrolment.ts';
import type { Way } from './exchange.ts';
import { answerUrl, messageUrl, wordingOf } from './hooks.ts';
import type { Release } from './limits.ts';
import { type Known, rememberMessage, rememberVendorId } from './messages.ts';
import { maskPhone, type Phone } from './phone.ts';
import { within } from './risk.ts';
import { nameToTell, readOutcome } from './vendor-words.ts';
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
  /** Which send of the challenge it is, from 1. */
  send: number;
  /** Why it goes out though nobody pressed for it. */
  cause: Cause | undefined;
  /** Gateways that had their chance with this code. */
  avoid?: readonly string[];
  /** Gives back what the send counted for. */
  release: Release;
  /** Whose it is, for events. */
  about: Omit<EventCommon, 'time'>;
}

/** How a message stood after a gateway was asked; `done` when no other may be asked. */
export interface Handed {
  known: Known;
  message: Message;
  done: boolean;
}

/** A gateway that has not answered by then is left alone; what it was given may still arrive (GWY-02). */
const SEND_TIMEOUT_MS = 8000;
/** Until a gateway that does not heed the signal is left behind. */
const SIGNAL_GRACE_MS = 250;
/** A gateway answers, and what it said is written down. */
const RECORDING_MS = 1000;

/** Milliseconds after which a send has ended, or the process that made it (fault H.11). */
export const longestSend = (gateway: Gateway | undefined): number =>
  (gateway?.idempotent ? 2 : 1) * (SEND_TIMEOUT_MS + SIGNAL_GRACE_MS) + RECORDING_MS;

/** Stands where no gateway was asked; the name is refused for one. */
export const NOBODY = 'none';

/** Refusals after which another gateway may try: they are about the gateway, not about the message (D.2 of the facts). */
const PASSED_ON: ReadonlySet<RejectionClass> = new Set([
  'temporary',
  'throttled',
  'quota',
  'auth',
  'unknown',
]);

/** Asks one gateway to take a message, and writes down what it said. */
export async function handOver(core: Core, way: Way, letter: Letter, known: Known): Promise<Handed> {
  const { gateway } = way;
  const message = compose(core, way, letter, known.id, await provedAt(core, gateway, letter));
  const outcome = await attemptSafely(core, way, message);
  report(core, way, letter, known.id, outcome);
  const stands = await note(core, known, outcome);
  // A receipt may have been quicker than a refusal, and says that something left after all (GWY-05).
  const passedOn =
    outcome.outcome === 'rejected' && PASSED_ON.has(outcome.class) && stands.state === 'rejected';
  return { known, message: stands, done: !passedOn };
}

/** On record before anything leaves: whose message it is, and that it is on its way. */
export async function begin(
  core: Core,
  gateway: Gateway | undefined,
  letter: Letter,
  carrier: string | undefined,
): Promise<Known> {
  const { tag, challengeId, channel, send, cause, uid, locale, phone, about } = letter;
  const id = randomBytes(16).toString('base64url');
  const sentAt = core.clock.now();
  const message = {
    ...{ id, send, gateway: gateway?.name ?? NOBODY, channel, sentAt },
    ...(carrier ? { carrier } : {}),
    ...(cause ? { cause } : {}),
  };
  const reports = gateway && (gateway.webhook || gateway.listen || gateway.poll);
  await Promise.all([
    reports && rememberMessage(core, id, gateway.name, letter),
    beginMessage(core, tag, challengeId, message, send === 1),
  ]);
  const { e164 } = phone;
  return { id, gateway: message.gateway, channel, tag, challengeId, sentAt, uid, e164, locale, about };
}

/**
 * Where the same id makes one message only, an open end is tried once more. A refusal then is about the second try: it may
 * even come because the first one is under way (409), or from a check that is made before a send.
 */
async function attemptSafely(core: Core, way: Way, message: OutboundMessage): Promise<SendOutcome> {
  const first = await attempt(core, way, message);
  if (first.outcome !== 'ambiguous' || !way.gateway.idempotent) return first;
  const second = await attempt(core, way, message);
  return second.outcome === 'accepted' ? second : first;
}

async function attempt(core: Core, { gateway }: Way, message: OutboundMessage): Promise<SendOutcome> {
  const signal = AbortSignal.timeout(SEND_TIMEOUT_MS);
  try {
    const context = { now: core.clock.now(), signal };
    return readOutcome(
      await within(SEND_TIMEOUT_MS + SIGNAL_GRACE_MS, gateway.send(message, context)),
      message.digits,
    );
  } catch {
    return { outcome: 'ambiguous' }; // its words may hold the number or the text, so they are not passed on (LOG-02)
  }
}

function report(core: Core, { gateway }: Way, letter: Letter, id: string, outcome: SendOutcome): void {
  // What a person or a carrier decided says nothing about the gateway; a wait without an answer does.
  const ok =
    outcome.outcome === 'accepted' || (outcome.outcome === 'rejected' && !PASSED_ON.has(outcome.class));
  const breaker = core.exchange.breaker(gateway);
  const now = core.clock.now();
  if (outcome.outcome === 'rejected' && outcome.retryAfter) breaker.pause(now, outcome.retryAfter);
  const change = breaker.report(ok, now);
  if (change) core.emit({ type: 'gateway.circuit', gateway: gateway.name, circuit: change });
  tellFinished(core, letter, id, gateway.name, outcome);
}

/** Says what became of handing a message over; `gateway` is `NOBODY` where none was asked. */
export function tellFinished(
  core: Core,
  { phone, channel, code, about }: Letter,
  message: string,
  gateway: string,
  outcome: SendOutcome,
): void {
  const vendorId = outcome.outcome === 'accepted' && nameToTell(outcome.vendorId, phone.e164, code);
  core.emit(
    {
      type: 'delivery.finished',
      ...{ channel, number: maskPhone(phone.e164), gateway, outcome: outcome.outcome },
      ...(outcome.outcome === 'rejected' ? { class: outcome.class } : {}),
      ...(outcome.outcome !== 'accepted' && outcome.code !== undefined ? { code: outcome.code } : {}),
      ...{ message, ...(vendorId ? { vendorId } : {}) },
    },
    about,
  );
}

/**
 * Writes down what a gateway said, and takes in what was quicker than that. Tried once more where the store fails for a
 * moment: nobody else knows what was said.
 */
export async function note(core: Core, known: Known, outcome: SendOutcome): Promise<Message> {
  try {
    return await write(core, known, outcome);
  } catch {
    return write(core, known, outcome);
  }
}

async function write(core: Core, known: Known, outcome: SendOutcome): Promise<Message> {
  const { tag, challengeId, id, gateway } = known;
  const vendorId = outcome.outcome === 'accepted' ? outcome.vendorId : undefined;
  const told = await recordNews(core, tag, challengeId, id, {
    state: outcome.outcome,
    ...(outcome.outcome === 'rejected' ? { class: outcome.class } : {}),
    ...(vendorId ? { vendorId } : {}),
  });
  const taker = core.exchange.find(gateway);
  if (vendorId && taker?.correlation === 'vendorId') {
    const early = await rememberVendorId(core, gateway, vendorId, id);
    if (early.length > 0) core.receive(taker, early);
  }
  if (!told) throw new SekishoError('store_unavailable', 'A message that was begun is not on record');
  return told.after;
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
