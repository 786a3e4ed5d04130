import { randomBytes, randomUUID } from 'node:crypto';
import { signTwilio } from '../../../gateways/wire/schemes/twilio.ts';
import type { ReportHow, SimCallback, SimChange, SimInbound, SimMessage } from '../../stand-in.ts';
import { TWILIO_ACCOUNT } from './account.ts';
import { CALL_STATUS } from './calls.ts';
import { ERROR_CODES } from './messages.ts';

const { accountSid, authToken } = TWILIO_ACCOUNT;

/** A form posted to an address of ours, signed as told. */
export function post(
  url: string,
  fields: Readonly<Record<string, string>>,
  signature: ReportHow['signature'] = 'right',
): SimCallback {
  const form = new URLSearchParams(fields);
  const token = signature === 'right' ? authToken : 'somebody else';
  return {
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'i-twilio-idempotency-token': randomUUID(),
      ...(signature === 'none' ? {} : { 'x-twilio-signature': signTwilio(token, url, form) }),
    },
    body: form.toString(),
  };
}

/** A status callback for a message; Twilio sends none for the state that its answer told. */
export function messageReport(
  message: SimMessage,
  change: SimChange,
  how: ReportHow,
): SimCallback | undefined {
  const { vendorId, callbackUrl, to, from } = message;
  if (callbackUrl === undefined || change.state === 'accepted') return undefined;
  const ended = change.state !== 'sent';
  return post(
    callbackUrl,
    {
      AccountSid: accountSid,
      ApiVersion: '2010-04-01',
      MessageSid: vendorId,
      MessageStatus: change.state,
      SmsSid: vendorId,
      SmsStatus: change.state,
      To: to,
      From: from,
      ...(ended ? { RawDlrDoneDate: doneDate(change.at) } : {}),
      ...(change.state === 'undelivered'
        ? { ErrorCode: String(ERROR_CODES[change.reason ?? 'unreachable']) }
        : {}),
    },
    how.signature,
  );
}

/** YYMMDDhhmm; this carrier's clock shows UTC. */
const doneDate = (at: number): string => new Date(at).toISOString().replace(/\D/g, '').slice(2, 12);

/** Twilio's names for what can be subscribed to; the ends of a call are all `completed`. */
const EVENTS: Readonly<Record<string, string>> = {
  queued: 'initiated',
  ringing: 'ringing',
  'in-progress': 'answered',
};

/** A status callback for a call, where it was subscribed to. */
export function callReport(message: SimMessage, change: SimChange, how: ReportHow): SimCallback | undefined {
  const { callbackUrl, extra } = message;
  const status = CALL_STATUS[change.state];
  const event = EVENTS[status] ?? 'completed';
  if (callbackUrl === undefined || !(extra?.['events'] || 'completed').split(' ').includes(event))
    return undefined;
  return post(callbackUrl, { ...callFields(message, change.at, status), ...duration(status) }, how.signature);
}

const duration = (status: string): Record<string, string> =>
  status === 'completed' ? { CallDuration: '6', SipResponseCode: '200' } : {};

/** What Twilio says about a call whenever it says anything. */
export const callFields = ({ vendorId, to, from }: SimMessage, at: number, status: string) => ({
  AccountSid: accountSid,
  ApiVersion: '2010-04-01',
  CallSid: vendorId,
  CallStatus: status === 'queued' ? 'initiated' : status,
  CallbackSource: 'call-progress-events',
  Direction: 'outbound-api',
  Called: to,
  Caller: from,
  To: to,
  From: from,
  Timestamp: new Date(at).toUTCString().replace('GMT', '+0000'),
});

/** A message from a phone. Words of an opt-out that is configured come with what they mean. */
export function inbound({ from, to, text }: SimInbound, how: ReportHow): SimCallback | undefined {
  if (how.webhook === undefined) return undefined;
  const sid = `SM${randomBytes(16).toString('hex')}`;
  const word = text.trim().toUpperCase();
  const fields = {
    ToCountry: 'JP',
    MessageSid: sid,
    SmsMessageSid: sid,
    SmsSid: sid,
    SmsStatus: 'received',
    AccountSid: accountSid,
    From: from,
    To: to,
    Body: text,
    NumMedia: '0',
    NumSegments: '1',
    ApiVersion: '2010-04-01',
    ...(['STOP', 'START', 'HELP'].includes(word) ? { OptOutType: word } : {}),
  };
  return post(how.webhook, fields, how.signature);
}
