import { createHash, createHmac, randomUUID } from 'node:crypto';
import type { ReportHow, SimCallback, SimChange, SimInbound, SimMessage } from '../../stand-in.ts';
import { VONAGE_ACCOUNT } from './account.ts';
import { statusOf } from './calls.ts';
import { ERROR_CODES } from './messages.ts';

const { apiKey, applicationId, signatureSecret } = VONAGE_ACCOUNT;

/** JSON posted to an address of ours, signed as told. */
function post(
  url: string,
  body: object,
  { signature, now }: Pick<ReportHow, 'signature' | 'now'>,
): SimCallback {
  const text = JSON.stringify(body);
  const secret = signature === 'right' ? signatureSecret : 'somebody else';
  return {
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      ...(signature === 'none' ? {} : { authorization: `Bearer ${tokenFor(text, secret, now)}` }),
    },
    body: text,
  };
}

/** Signed by hand, because reports are made at once; that it is the same token, the gateway finds out with jose. */
function tokenFor(body: string, secret: string, now: number): string {
  const claims = {
    iat: Math.floor(now / 1000),
    jti: randomUUID(),
    iss: 'Vonage',
    payload_hash: createHash('sha256').update(body).digest('hex'),
    api_key: apiKey,
    application_id: applicationId,
  };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, claims].map(part).join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Vonage's words for what happens to a message; `submitted` is when it went out to the carrier. */
const MESSAGE_STATUS: Partial<Record<SimChange['state'], string>> = {
  sent: 'submitted',
  delivered: 'delivered',
};

/** Networks of Japan, as receipts name them. */
const NETWORKS: Partial<Record<SimMessage['carrier'], string>> = {
  docomo: '44010',
  au: '44051',
  softbank: '44020',
  rakuten: '44011',
};

/** What tells of a message; nothing of one that was only taken. */
export function messageReport(
  message: SimMessage,
  change: SimChange,
  how: ReportHow,
): SimCallback | undefined {
  const { vendorId, reference, to, from, carrier } = message;
  const url = message.callbackUrl ?? how.webhook;
  if (url === undefined || change.state === 'accepted') return undefined;
  const network = NETWORKS[carrier];
  const body = {
    message_uuid: vendorId,
    to: to.slice(1),
    from,
    timestamp: new Date(change.at).toISOString(),
    // Refused by a list or a rule, or tried in vain.
    status: MESSAGE_STATUS[change.state] ?? (change.reason === 'unreachable' ? 'undeliverable' : 'rejected'),
    ...(change.state === 'undelivered'
      ? { error: problemOf(ERROR_CODES[change.reason ?? 'unreachable']) }
      : {}),
    ...(reference === undefined ? {} : { client_ref: reference }),
    ...(network === undefined ? {} : { destination: { network_code: network } }),
    usage: { currency: 'EUR', price: '0.0333' },
    channel: 'sms',
    sms: { count_total: '1' },
  };
  return post(url, body, how);
}

/** In webhooks the title is the number (RFC 7807 otherwise). */
const problemOf = (code: number): object => ({
  type: `https://developer.vonage.com/api-errors/messages#${code}`,
  title: code,
  detail: 'The message could not be delivered',
  instance: 'bf0ca0bf927b3b52e3cb03217e1a1ddf',
});

/** What tells of a call. */
export function callReport(message: SimMessage, change: SimChange, how: ReportHow): SimCallback | undefined {
  const url = message.callbackUrl ?? how.webhook;
  if (url === undefined) return undefined;
  const status = statusOf(change.state, message);
  const name = status === 'machine' ? { call_uuid: message.vendorId } : { uuid: message.vendorId };
  return post(url, { ...name, ...callFields(message, change.at), status, direction: 'outbound' }, how);
}

const callFields = ({ to, from, extra }: SimMessage, at: number): object => ({
  from: from.slice(1),
  to: to.slice(1),
  conversation_uuid: extra!['conversation'],
  timestamp: new Date(at).toISOString(),
});

/** What asks what to do next: the keys, or that there were none in time. */
export function inputReport(message: SimMessage, address: string, digits: string, now: number): SimCallback {
  const body = {
    speech: { results: [] },
    dtmf: { digits, timed_out: digits === '' },
    uuid: message.vendorId,
    ...callFields(message, now),
  };
  return post(address, body, { signature: 'right', now });
}

/** A message from a phone. */
export function inbound({ from, to, text }: SimInbound, how: ReportHow): SimCallback | undefined {
  if (how.webhook === undefined) return undefined;
  const body = {
    channel: 'sms',
    message_uuid: randomUUID(),
    to: to.replace(/^\+/, ''),
    from: from.slice(1),
    timestamp: new Date(how.now).toISOString(),
    text,
    sms: { num_messages: '1', keyword: (text.trim().split(/\s/, 1)[0] ?? '').toUpperCase() },
    message_type: 'text',
  };
  return post(how.webhook, body, how);
}
