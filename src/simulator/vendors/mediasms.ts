import { randomUUID } from 'node:crypto';
import { equalText } from '../../equal-text.ts';
import { signBasic } from '../../gateways/wire/schemes/shared-secret.ts';
import type { Network, Refusal, SimReply, SimRequest, StandIn } from '../stand-in.ts';

const CREDENTIALS = { username: 'simulated', password: 'simulated-mediasms-password' };
const AT_ONCE: readonly Refusal[] = ['unknown-number', 'throttled'];

/**
 * MediaSMS: a form, and a code as the whole answer. What its receipts look like is not public; the form here, with the
 * parameters of the send and a code, is a guess.
 */
export function createMediasmsStandIn(): StandIn {
  return {
    vendor: 'mediasms',
    credentials: CREDENTIALS,
    answer: (request, network) =>
      request.path === '/api/' ? send(request, network) : { status: 404, body: '' },
    report(message, { state }, { webhook }) {
      const wanted = message.extra?.['status'] === '1';
      if (webhook === undefined || !wanted || (state !== 'delivered' && state !== 'undelivered'))
        return undefined;
      return {
        method: 'POST',
        url: webhook,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          smsid: message.reference ?? '',
          mobilenumber: `0${message.to.slice(3)}`,
          status: state === 'delivered' ? '200' : '550',
        }).toString(),
      };
    },
  };
}

function send(request: SimRequest, network: Network): SimReply {
  const given = (name: string) => request.form.get(name) ?? '';
  const wrong = problemOf(request);
  if (wrong) return code(wrong);
  const [to, text, reference] = [given('mobilenumber'), given('smstext'), given('smsid')];
  if (network.find({ reference })) return code('587');
  const message = {
    vendorId: randomUUID(),
    channel: 'sms',
    to: `+81${to.slice(1)}`,
    from: 'mediasms',
  } as const;
  const extra = { status: given('status') };
  const submitted = network.submit({ ...message, text, reference, extra }, AT_ONCE);
  if (submitted.taken) return code('200');
  return code(submitted.refusal === 'unknown-number' ? '560' : '597');
}

function problemOf({ method, form, headers }: SimRequest): string | undefined {
  const fits = (name: string, pattern: RegExp) => pattern.test(form.get(name) ?? '');
  if (method !== 'POST') return '405';
  if (!isKnown(form, headers.authorization ?? '')) return '401';
  if (!fits('mobilenumber', /^0[26-9]0\d{8}$/)) return '560';
  if (!isText(form.get('smstext') ?? '')) return '585';
  return fits('smsid', /^[\w-]{1,50}$/) ? undefined : '574';
}

/** A line break counts as two, and one character of two bytes makes all of them such. */
function isText(text: string): boolean {
  const count = text.replace(/\r?\n/g, '\r\n').length;
  return text.trim() !== '' && count <= (/[^\0-\x7f]/.test(text) ? 70 : 140);
}

/** HTTP Basic, or the same in the form. */
function isKnown(form: URLSearchParams, authorization: string): boolean {
  const { username, password } = CREDENTIALS;
  const given = form.has('username')
    ? signBasic(form.get('username')!, form.get('password') ?? '')
    : authorization;
  return equalText(given, signBasic(username, password));
}

/** How the vendor says everything: HTTP 200, and the code as text. */
const code = (body: string): SimReply => ({ status: 200, headers: { 'content-type': 'text/html' }, body });
