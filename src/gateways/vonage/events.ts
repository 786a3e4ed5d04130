import type { CallState, GatewayEvent, ReceiptState } from '../../ports/gateway.ts';
import { keywordOf } from '../wire/keywords.ts';
import { classOf, codeOf, EXPIRED } from './errors.ts';

/** Vonage's words for a message. It warns that carriers report some as delivered that were not. */
const MESSAGE_STATES: Readonly<Record<string, ReceiptState>> = {
  submitted: 'sent',
  delivered: 'delivered',
  read: 'delivered',
  rejected: 'undelivered',
  undeliverable: 'undelivered',
};

/**
 * Vonage's words for a call. `completed` says that somebody or something picked up; whether a key was pressed, the address
 * where Vonage asks for the text knows, so nothing here says `heard`.
 */
const CALL_STATES: Readonly<Record<string, CallState>> = {
  ringing: 'ringing',
  answered: 'answered',
  human: 'answered',
  machine: 'machine',
  completed: 'completed',
  busy: 'busy',
  unanswered: 'no-answer',
  timeout: 'no-answer',
  cancelled: 'failed',
  rejected: 'failed',
  failed: 'failed',
};

/** What Vonage posts, as far as it is looked at. */
interface Body {
  message_uuid?: unknown;
  uuid?: unknown;
  call_uuid?: unknown;
  status?: unknown;
  client_ref?: unknown;
  timestamp?: unknown;
  error?: unknown;
  destination?: unknown;
  from?: unknown;
  text?: unknown;
}

/** Reads a webhook: about a message, about a call, or from a phone. */
export function eventsOf(json: unknown, receivedAt: number): GatewayEvent[] {
  if (typeof json !== 'object' || json === null) return [];
  const body: Body = json;
  const event = receiptOf(body, receivedAt) ?? callOf(body, receivedAt) ?? inboundOf(body, receivedAt);
  return event ? [event] : [];
}

function receiptOf(body: Body, receivedAt: number): GatewayEvent | undefined {
  const told = own(MESSAGE_STATES, body.status);
  const vendorId = nameOf(body.message_uuid);
  if (told === undefined || vendorId === undefined) return undefined;
  const id = nameOf(body.client_ref);
  const code = told === 'undelivered' ? codeOf(body.error) : undefined;
  const state = code === EXPIRED ? 'expired' : told;
  const carrier = networkOf(body.destination);
  return {
    type: 'receipt',
    ...(id === undefined ? {} : { id }),
    vendorId,
    state,
    ...(state === 'undelivered' ? { class: classOf(code) ?? 'unknown' } : {}),
    ...(code === undefined ? {} : { code }),
    ...(carrier === undefined ? {} : { carrier }),
    ...timeOf(body.timestamp, receivedAt),
  };
}

function callOf(body: Body, receivedAt: number): GatewayEvent | undefined {
  const state = own(CALL_STATES, body.status);
  const vendorId = nameOf(body.uuid) ?? nameOf(body.call_uuid);
  if (state === undefined || vendorId === undefined) return undefined;
  return { type: 'call', vendorId, state, ...timeOf(body.timestamp, receivedAt) };
}

function inboundOf(
  { status, from, text, message_uuid, timestamp }: Body,
  receivedAt: number,
): GatewayEvent | undefined {
  const known = status === undefined && nameOf(message_uuid) !== undefined;
  if (!known || typeof from !== 'string' || typeof text !== 'string') return undefined;
  return { type: 'inbound', from, keyword: keywordOf(text), ...timeOf(timestamp, receivedAt) };
}

const own = <T>(values: Readonly<Record<string, T>>, word: unknown): T | undefined =>
  typeof word === 'string' && Object.hasOwn(values, word) ? values[word] : undefined;

/** A UUID, or our own reference. */
export const nameOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? value : undefined;

/** Networks of Japan (ITU-T E.212), by the names that receipts of Japanese vendors use. */
const NETWORKS: readonly [RegExp, string][] = [
  [/^44010$/, 'docomo'],
  [/^440(5[0-6]|7\d)$/, 'au'],
  [/^4402[01]$/, 'softbank'],
  [/^44011$/, 'rakuten'],
];

/** The network of the phone; any other by its country and network, such as `26201`. */
function networkOf(destination: unknown): string | undefined {
  const code = (destination as { network_code?: unknown } | null | undefined)?.network_code;
  if (typeof code !== 'string' || !/^\d{5,6}$/.test(code)) return undefined;
  return NETWORKS.find(([pattern]) => pattern.test(code))?.[1] ?? code;
}

/** ISO 8601. What lies after the webhook, or before today, is a mistake of a clock. */
function timeOf(text: unknown, receivedAt: number): { at?: number } {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return at > receivedAt - 86_400_000 && at <= receivedAt + 60_000 ? { at } : {};
}
