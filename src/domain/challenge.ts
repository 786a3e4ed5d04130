import { SekishoError } from '../errors.ts';
import { clientPolicy } from '../options.ts';
import { type ChallengeState, type Channel, type Key, key, type NewChallenge } from '../ports/store.ts';
import { type Bound, codeOf, newChallengeId } from './challenge-codes.ts';
import type { Core } from './core.ts';
import type { Cause } from './delivery.ts';
import { dispatch } from './dispatch.ts';
import { eventsOf, type Flow, flowNumber } from './flow.ts';
import { mayBeUsualCode, type Release } from './limits.ts';
import { maskPhone, type Phone, readPhone } from './phone.ts';
import { orGiveBack, permitSend } from './send-permit.ts';

/** The record outlives its last code, so that a late entry hears "expired" and not "unknown"; PRV-05 allows 24 h. */
const KEPT_AFTER = 3_600_000;

/** How a send was asked for. */
export interface SendOrder {
  /** Address of the browser, as far as known. */
  ip: string | undefined;
  locale: string;
  /** Undefined: by SMS where the number takes it, else by voice. */
  channel?: Channel | undefined;
  /** Nobody pressed a button: why the code goes another way by itself, and the number of the send that it follows. */
  follows?: { cause: Cause; send: number };
  /** Gateways that had their chance with this code. */
  avoid?: readonly string[];
}

export const challengeKey = (tag: string, id: string): Key => key(tag, 'challenge', id);

/**
 * Sends the first code of a challenge. Three steps, one after the other: count the send, record challenge and flow,
 * hand the code over; nothing leaves that is not on record (OPS-01).
 *
 * @param record Writes the flow with this challenge id.
 * @throws SekishoError `send_too_early`, `send_limit`, `number_not_allowed`, `authenticator_disabled`, `sms_stopped`,
 *   `codes_paused`.
 */
export async function sendFirstCode(
  core: Core,
  uid: string,
  flow: Bound & Pick<Flow, 'to'>,
  order: SendOrder,
  record: (challengeId: string) => Promise<Flow>,
): Promise<Flow> {
  // A store that lost its data must not make anybody pay for a code that binds nothing.
  if (flow.authenticatorId === null) await core.assertStoreKept();
  const phone = allowedNumber(core, uid, flow);
  const channel = chooseChannel(core, uid, flow, phone, order.channel);
  const release = await permitSend(
    core,
    { ...flow, challengeId: null },
    { ...order, about: eventsOf(uid, flow) },
    phone,
    channel,
  );
  const unproved = flow.authenticatorId === null;
  const usual = await orGiveBack(
    release,
    unproved ? mayBeUsualCode(core, phone.e164) : Promise.resolve(true),
  );
  const now = core.clock.now();
  const expiresAt = now + core.options.code.ttl * 1000;
  const id = newChallengeId(core, !usual);
  const keepUntil = expiresAt + KEPT_AFTER;
  const challenge = { data: null, now, expiresAt, keepUntil, channel };
  const [, recorded] = await orGiveBack(
    release,
    Promise.all([openChallenge(core, challengeKey(flow.tag, id), challenge), record(id)]),
  );
  announce(core, uid, recorded, phone, { ...order, channel, generation: 1, send: 1, expiresAt, release });
  return recorded;
}

async function openChallenge(core: Core, name: Key, challenge: NewChallenge): Promise<void> {
  if (await core.store.openChallenge(name, challenge)) return;
  throw new SekishoError('store_unavailable', 'A new challenge was there already');
}

/**
 * Sends the code of a challenge again, or a new one when its time is half over (OTP-09). Tries are not given back
 * (OTP-04, lesson 7).
 *
 * @returns false when the challenge is no longer on record, or its code was entered and yet nothing came of it (the store
 *   failed in between): nothing was sent, a new one may be begun.
 * @throws SekishoError as above, `send_limit` also when the challenge has had all its sends, `interaction_gone` when
 *   it is over.
 */
export async function sendAgain(core: Core, uid: string, flow: Flow, order: SendOrder): Promise<boolean> {
  const phone = allowedNumber(core, uid, flow);
  const channel = chooseChannel(core, uid, flow, phone, order.channel);
  const release = await permitSend(core, flow, { ...order, about: eventsOf(uid, flow) }, phone, channel);
  const { code } = core.options;
  const outcome = await orGiveBack(
    release,
    core.store.resend({
      challenge: challengeKey(flow.tag, flow.challengeId!),
      now: core.clock.now(),
      ttl: code.ttl * 1000,
      maxSends: code.sends,
      maxTries: code.tries,
      channel,
      ...(order.follows ? { after: order.follows.send } : {}),
    }),
  );
  if (!outcome.sent) {
    await release();
    if (outcome.reason === 'unknown') return false;
    if (outcome.reason === 'spent' && (await readChallenge(core, flow))?.status === 'consumed') return false;
    if (outcome.reason !== 'sends') throw new SekishoError('interaction_gone', 'The challenge is over');
    core.emit(
      { type: 'send.refused', limit: 'challenge', number: maskPhone(phone.e164) },
      eventsOf(uid, flow),
    );
    throw new SekishoError('send_limit', 'This sign-in has had all its messages');
  }
  const { generation, sends: send, expiresAt } = outcome;
  announce(core, uid, flow, phone, { ...order, channel, generation, send, expiresAt, release });
  return true;
}

function announce(
  core: Core,
  uid: string,
  flow: Flow,
  phone: Phone,
  sent: {
    channel: Channel;
    generation: number;
    send: number;
    locale: string;
    expiresAt: number;
    release: Release;
    avoid?: readonly string[];
    follows?: { cause: Cause };
  },
): void {
  const { purpose, tag, clientId, accountId } = flow;
  const { channel, generation, send, locale, expiresAt, release, avoid = [], follows } = sent;
  const about = eventsOf(uid, flow);
  core.emit({ type: 'challenge.sent', purpose, channel, number: maskPhone(phone.e164), send }, about);
  const challengeId = flow.challengeId!;
  const code = codeOf(core, uid, flow, phone.e164, challengeId, generation);
  const { androidAppHash: appHash } = clientPolicy(core.options, clientId);
  dispatch(core, {
    ...{ phone, code, channel, purpose, locale, appHash, uid, tag, challengeId, expiresAt, avoid },
    holder: flow.authenticatorId === null ? undefined : (accountId ?? undefined),
    ...{ send, cause: follows?.cause, release },
    about,
  });
}

/** Rules about numbers are asked again at each send: a country may have been closed since (lesson 24). */
function allowedNumber(core: Core, uid: string, flow: Pick<Flow, 'to'>): Phone {
  const e164 = flowNumber(core, uid, flow);
  if (e164 === undefined) throw new SekishoError('interaction_mismatch', 'There is no number to send to yet');
  return readPhone(e164, core.options.countries);
}

/** @throws SekishoError `number_not_allowed` when no gateway at hand reaches this number. */
function chooseChannel(core: Core, uid: string, flow: Bound, phone: Phone, wanted?: Channel): Channel {
  const possible = core.exchange.channelsTo(phone);
  const channel = wanted && possible.includes(wanted) ? wanted : possible[0];
  if (channel) return channel;
  const number = maskPhone(phone.e164);
  core.emit({ type: 'send.refused', limit: 'unreachable', number }, eventsOf(uid, flow));
  throw new SekishoError(
    'number_not_allowed',
    `No gateway reaches a number of ${phone.country} that takes ${phone.channels.join(', ')}`,
  );
}

export async function readChallenge(core: Core, flow: Flow): Promise<ChallengeState | undefined> {
  return flow.challengeId === null
    ? undefined
    : core.store.readChallenge(challengeKey(flow.tag, flow.challengeId));
}

/** No code that was sent for the flow works from now on, and no call reads it out. */
export async function closeChallenge(core: Core, flow: Flow): Promise<void> {
  if (flow.challengeId !== null) await core.store.closeChallenge(challengeKey(flow.tag, flow.challengeId));
}
