import { randomBytes } from 'node:crypto';
import { equalText } from '../../equal-text.ts';
import { signBasic } from '../../gateways/wire/schemes/shared-secret.ts';
import type { Network, Refusal, SimChange, SimMessage, SimReply, SimRequest, StandIn } from '../stand-in.ts';

const CREDENTIALS = { sid: 'simulated-sid', authToken: 'simulated-xoxzo-token' };
/** The vendor's pages name no answer to too many requests: a plain 429 here is made up. */
const AT_ONCE: readonly Refusal[] = ['unknown-number', 'throttled'];
const SMS_STATES: Partial<Record<SimChange['state'], string>> = {
  accepted: 'QUEUED',
  sent: 'DELIVERING',
  delivered: 'DELIVERED',
  undelivered: 'FAILED',
};
/** The vendor's pages name no others; it does not know a machine from a person. */
const CALL_STATES: Partial<Record<SimChange['state'], string>> = {
  accepted: 'IN PROGRESS',
  ringing: 'IN PROGRESS',
  answered: 'IN PROGRESS',
  machine: 'IN PROGRESS',
  completed: 'ANSWERED',
  busy: 'BUSY',
  'no-answer': 'NOT ANSWERED',
  undelivered: 'FAILED',
};
/** When a call ended, the vendor says so. */
const ENDS = new Set<SimChange['state']>(['completed', 'busy', 'no-answer', 'undelivered']);

/** Xoxzo: SMS and calls by text to speech (docs.xoxzo.com). Nothing is signed. */
export function createXoxzoStandIn(): StandIn {
  return {
    vendor: 'xoxzo',
    credentials: CREDENTIALS,
    answer(request, network) {
      const { sid, authToken } = CREDENTIALS;
      if (!equalText(request.headers.authorization ?? '', signBasic(sid, authToken)))
        return json(401, { detail: 'Invalid username/password.' });
      return route(request, network);
    },
    report(message, change) {
      const { callbackUrl, channel } = message;
      const tells = channel === 'sms' ? change.state !== 'accepted' : ENDS.has(change.state);
      if (callbackUrl === undefined || !tells) return undefined;
      return {
        method: 'POST',
        url: callbackUrl,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(statusOf(message, change.state)).toString(),
      };
    },
  };
}

function route(request: SimRequest, network: Network): SimReply {
  const { method, path } = request;
  if (method === 'POST' && path === '/sms/messages/') return sendSms(request, network);
  if (method === 'POST' && path === '/voice/simple/playbacks/') return call(request, network);
  const [, vendorId] = /^\/(?:sms\/messages|voice\/calls)\/([\w-]+)\/$/.exec(path) ?? [];
  const message = method === 'GET' && vendorId !== undefined ? network.find({ vendorId }) : undefined;
  return message ? json(200, statusOf(message, message.state)) : json(404, { detail: 'Not found.' });
}

function sendSms({ form }: SimRequest, network: Network): SimReply {
  const missing = missingIn(form, ['message', 'recipient', 'sender']);
  if (missing) return json(400, missing);
  const vendorId = randomBytes(16).toString('hex');
  const message = { channel: 'sms', from: form.get('sender')!, text: form.get('message')! } as const;
  return submit(form, network, { vendorId, ...message }) ?? json(201, [{ msgid: vendorId }]);
}

function call({ form }: SimRequest, network: Network): SimReply {
  const missing = missingIn(form, ['caller', 'recipient', 'tts_message', 'tts_lang']);
  if (missing) return json(400, missing);
  const vendorId = randomBytes(16).toString('hex');
  const message = { channel: 'voice', from: form.get('caller')!, text: form.get('tts_message')! } as const;
  return submit(form, network, { vendorId, ...message }) ?? json(201, [{ callid: vendorId }]);
}

/** @returns what it was refused with; undefined where it was taken. */
function submit(
  form: URLSearchParams,
  network: Network,
  message: Pick<SimMessage, 'vendorId' | 'channel' | 'from' | 'text'>,
): SimReply | undefined {
  const callbackUrl = form.get('callbackurl');
  const to = form.get('recipient')!;
  const submitted = network.submit({ ...message, to, ...(callbackUrl ? { callbackUrl } : {}) }, AT_ONCE);
  if (submitted.taken) return undefined;
  return submitted.refusal === 'throttled'
    ? { ...json(429, { detail: 'Too many requests.' }), headers: { 'retry-after': '5' } }
    : json(400, { recipient: ['Unknown recipient.'] });
}

function missingIn(form: URLSearchParams, names: readonly string[]): Record<string, string[]> | undefined {
  const missing = names.filter((name) => !form.get(name));
  if (missing.length > 0)
    return Object.fromEntries(missing.map((name) => [name, ['This field is required.']]));
  return /^\+\d{7,15}$/.test(form.get('recipient')!) ? undefined : { recipient: ['Enter a valid number.'] };
}

function statusOf(message: SimMessage, state: SimChange['state']): Record<string, string> {
  const { channel, vendorId, to, from } = message;
  return channel === 'sms'
    ? { msgid: vendorId, status: SMS_STATES[state]!, recipient: to, sender: from, cost: '10' }
    : { callid: vendorId, status: CALL_STATES[state]!, recipient: to, caller: from, cost: '16' };
}

const json = (status: number, body: unknown): SimReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
