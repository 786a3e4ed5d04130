import type { CallState, GatewayEvent, ReceiptState } from '../../ports/gateway.ts';
import { keywordOf, START_WORDS, STOP_WORDS } from '../wire/keywords.ts';
import { classOf, codeOf, EXPIRED } from './errors.ts';

/** Twilio's words for a message; those that say nothing yet, such as `queued`, are not here. */
const MESSAGE_STATES: Readonly<Record<string, ReceiptState>> = {
  accepted: 'accepted',
  queued: 'accepted',
  sending: 'accepted',
  sent: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  partially_delivered: 'undelivered',
  undelivered: 'undelivered',
  failed: 'undelivered',
  canceled: 'undelivered',
};

/**
 * Twilio's words for a call. `completed` says that somebody or something picked up; whether a key was pressed, the address
 * where Twilio asks for the text knows, so nothing here says `heard`.
 */
const CALL_STATES: Readonly<Record<string, CallState>> = {
  ringing: 'ringing',
  'in-progress': 'answered',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no-answer',
  failed: 'failed',
  canceled: 'failed',
};

interface Told {
  sid: string;
  status: string;
  /** As Twilio wrote it. */
  errorCode?: unknown;
  at?: number | undefined;
}

/** What Twilio says about a message, in a webhook or in an answer; undefined where it says nothing. */
export function receiptOf({ sid, status, errorCode, at }: Told): GatewayEvent | undefined {
  if (!Object.hasOwn(MESSAGE_STATES, status)) return undefined;
  const told = MESSAGE_STATES[status]!;
  const code = told === 'undelivered' ? codeOf(errorCode) : undefined;
  const state = code === EXPIRED ? 'expired' : told;
  return {
    type: 'receipt',
    vendorId: sid,
    state,
    ...(state === 'undelivered' ? { class: classOf(code) ?? 'unknown' } : {}),
    ...(code === undefined ? {} : { code: String(code) }),
    ...(at === undefined ? {} : { at }),
  };
}

/** What Twilio says about a call. */
export function callOf({ sid, status, at }: Told): GatewayEvent | undefined {
  if (!Object.hasOwn(CALL_STATES, status)) return undefined;
  return { type: 'call', vendorId: sid, state: CALL_STATES[status]!, ...(at === undefined ? {} : { at }) };
}

/** Reads a webhook: about a call, about a message, or from a phone. */
export function eventsOf(form: URLSearchParams, receivedAt: number): GatewayEvent[] {
  const event = eventOf(form, receivedAt);
  return event ? [event] : [];
}

function eventOf(form: URLSearchParams, receivedAt: number): GatewayEvent | undefined {
  const callSid = form.get('CallSid');
  if (callSid !== null) {
    return callOf({
      sid: callSid,
      status: form.get('CallStatus') ?? '',
      at: dateOf(form.get('Timestamp'), receivedAt),
    });
  }
  const status = form.get('MessageStatus');
  const sid = form.get('MessageSid') ?? form.get('SmsSid');
  if (status !== null && sid !== null) {
    const at = doneDateOf(form.get('RawDlrDoneDate'), receivedAt);
    return receiptOf({ sid, status, errorCode: form.get('ErrorCode'), at });
  }
  const from = form.get('From');
  if (from === null || !(form.has('Body') || form.has('OptOutType'))) return undefined;
  if (SAID.some((name) => form.getAll(name).length > 1)) return undefined;
  return { type: 'inbound', from, keyword: inboundKeyword(form) };
}

/**
 * What an inbound message is read by. The signature runs names and values together without a mark in between, so fields can
 * be cut another way under the same one; Twilio sends each of these once, and a second one says that somebody did (attack 7).
 */
const SAID = ['From', 'Body', 'OptOutType'];

/** Twilio lifts its own stop for these. */
const RESUMING_WORDS = [...START_WORDS, 'YES'];

/** With Advanced Opt-Out Twilio says itself what its words, in whatever language, mean. */
function inboundKeyword(form: URLSearchParams): 'stop' | 'start' | null {
  const type = form.get('OptOutType')?.toUpperCase();
  if (type === undefined) return keywordOf(form.get('Body') ?? '', STOP_WORDS, RESUMING_WORDS);
  if (type === 'STOP') return 'stop';
  return type === 'START' ? 'start' : null;
}

/** As Twilio writes times: RFC 2822. What lies after the webhook, or before today, is a mistake of a clock. */
export function dateOf(text: unknown, receivedAt: number): number | undefined {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return at > receivedAt - 86_400_000 && at <= receivedAt + 60_000 ? at : undefined;
}

/**
 * When the carrier says a message arrived: YYMMDDhhmm, in a time zone that each carrier chooses. It counts only where it
 * makes sense as UTC, that is, within the last 15 minutes; 15 minutes are the least that time zones differ by.
 */
function doneDateOf(text: string | null, receivedAt: number): number | undefined {
  const parts = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/
    .exec(text ?? '')
    ?.slice(1)
    .map(Number);
  if (!parts) return undefined;
  const [year, month, day, hour, minute] = parts as [number, number, number, number, number];
  const at = Date.UTC(2000 + year, month - 1, day, hour, minute);
  return at > receivedAt - 15 * 60_000 && at <= receivedAt + 60_000 ? at : undefined;
}
