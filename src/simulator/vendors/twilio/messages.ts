import { randomBytes } from 'node:crypto';
import type { Network, Refusal, SimMessage, SimReason, SimReply, SimRequest } from '../../stand-in.ts';
import { refuse, reply, TWILIO_ACCOUNT } from './account.ts';

/** Why a message does not arrive, in Twilio's numbers; one of another owner is like any other to it. */
export const ERROR_CODES: Readonly<Record<SimReason, number>> = {
  filtered: 30007,
  'opted-out': 21610,
  'unknown-number': 30005,
  recycled: 30005,
  throttled: 30022,
  unreachable: 30003,
};

/** POST Messages.json. */
export function send({ form }: SimRequest, network: Network): SimReply {
  const fault = faultOf(form);
  if (fault) return refuse(400, ...fault);
  const callback = form.get('StatusCallback');
  const submitted = network.submit(
    {
      vendorId: `SM${randomBytes(16).toString('hex')}`,
      channel: 'sms',
      to: form.get('To')!,
      from: form.get('From') ?? form.get('MessagingServiceSid')!,
      text: form.get('Body')!,
      ...(callback === null ? {} : { callbackUrl: callback }),
      extra: Object.fromEntries(form),
    },
    ['opted-out', 'unknown-number', 'throttled'],
  );
  return submitted.taken ? reply(201, messageOf(submitted.message)) : refusalOf(submitted.refusal);
}

/** What Twilio checks before it takes a message, in its numbers and words. */
function faultOf(form: URLSearchParams): [number, string] | undefined {
  const to = form.get('To') ?? '';
  if (!/^\+[1-9]\d{6,14}$/.test(to)) return [21211, `Invalid 'To' Phone Number: ${to}`];
  if (form.has('From') === form.has('MessagingServiceSid'))
    return [21603, "A 'From' phone number is required."];
  const body = form.get('Body') ?? '';
  if (body === '') return [21602, 'Message body is required.'];
  if (body.length > 1600) return [21617, 'The concatenated message body exceeds the 1600 character limit.'];
  if (!isAddress(form.get('StatusCallback'))) return [21609, "The 'StatusCallback' URL is not a valid URL."];
  const period = Number(form.get('ValidityPeriod') ?? 36_000);
  if (!Number.isInteger(period) || period < 1 || period > 36_000)
    return [90007, 'Invalid validity period value.'];
  return choiceFault(form);
}

function choiceFault(form: URLSearchParams): [number, string] | undefined {
  const among = (field: string, ...values: string[]) => values.includes(form.get(field) ?? values[0]!);
  if (!among('ContentRetention', 'retain', 'discard')) return [30029, 'Invalid ContentRetention.'];
  if (!among('AddressRetention', 'retain', 'obfuscate')) return [30030, 'Invalid AddressRetention.'];
  return among('RiskCheck', 'enable', 'disable') ? undefined : [20001, 'Invalid RiskCheck.'];
}

/** An address for webhooks may be absent. */
export const isAddress = (text: string | null): boolean =>
  text === null || /^https?:/.test(URL.canParse(text) ? new URL(text).protocol : '');

/** What Twilio refuses at once, SMS and calls alike. */
export function refusalOf(refusal: Refusal): SimReply {
  if (refusal === 'throttled') return refuse(429, 20429, 'Too Many Requests', { 'retry-after': '7' });
  if (refusal === 'opted-out') return refuse(400, 21610, 'Attempt to send to unsubscribed recipient');
  return refuse(400, 21211, "Invalid 'To' Phone Number");
}

/** A message as the API shows it. */
export function messageOf({ vendorId, to, from, text, state, reason, extra, at }: SimMessage): object {
  const date = new Date(at).toUTCString().replace('GMT', '+0000');
  return {
    sid: vendorId,
    account_sid: TWILIO_ACCOUNT.accountSid,
    to,
    from,
    body: extra?.['ContentRetention'] === 'discard' ? '' : text,
    status: state === 'accepted' ? 'queued' : state,
    direction: 'outbound-api',
    num_segments: '1',
    error_code: state === 'undelivered' ? ERROR_CODES[reason ?? 'unreachable'] : null,
    error_message: null,
    date_created: date,
    date_updated: date,
  };
}
