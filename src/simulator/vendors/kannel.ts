import { randomUUID } from 'node:crypto';
import { equalText } from '../../equal-text.ts';
import type { Network, Refusal, SimChange, SimReply, SimRequest, StandIn } from '../stand-in.ts';

const CREDENTIALS = { username: 'simulated', password: 'simulated-kannel-password' };
/** It says that it is a fault that passes, and nothing of pace. */
const AT_ONCE: readonly Refusal[] = ['throttled'];
/** `dlr-mask` and `%d` (Kannel user guide 1.4.5, "Delivery reports"). */
const REPORTS: Partial<Record<SimChange['state'], number>> = {
  delivered: 1,
  undelivered: 2,
  accepted: 8,
};

/**
 * Kannel's smsbox: `GET /cgi-bin/sendsms`, an answer in words, and receipts at the address that the request names. It signs
 * nothing, and gives a message no id that the sender could see.
 */
export function createKannelStandIn(): StandIn {
  return {
    vendor: 'kannel',
    credentials: CREDENTIALS,
    answer: (request, network) => sendsms(request, network),
    report({ callbackUrl, extra }, { state, at }) {
      const report = REPORTS[state];
      if (callbackUrl === undefined || report === undefined || !(Number(extra?.['mask']) & report))
        return undefined;
      return get(expand(callbackUrl, { d: String(report), T: String(Math.floor(at / 1000)), A: 'ACK/' }));
    },
    inbound({ from, to, text }, { webhook }) {
      return webhook === undefined ? undefined : get(`${webhook}?${new URLSearchParams({ from, to, text })}`);
    },
  };
}

const get = (url: string) => ({ method: 'GET' as const, url, headers: {}, body: '' });

/** Escapes are filled in percent-encoded; `%%` is the sign itself, and an unknown one vanishes. */
const expand = (url: string, values: Record<string, string>): string =>
  url.replace(/%(.)/g, (_, letter: string) =>
    letter === '%' ? '%' : encodeURIComponent(values[letter] ?? ''),
  );

function sendsms({ method, path, query }: SimRequest, network: Network): SimReply {
  if (method !== 'GET' || path !== '/cgi-bin/sendsms') return words(404, 'Unknown request.');
  const given = (name: string) => query.get(name) ?? '';
  const known = [
    equalText(given('username'), CREDENTIALS.username),
    equalText(given('password'), CREDENTIALS.password),
  ];
  if (!known.every(Boolean)) return words(403, 'Authorization failed for sendsms');
  if (!/^\+\d{7,15}$/.test(given('to')) || given('text') === '')
    return words(400, 'Missing receiver or text, rejected');
  const validity = given('validity');
  const submitted = network.submit(
    {
      vendorId: randomUUID(),
      channel: 'sms',
      to: given('to'),
      from: given('from'),
      text: asSent(given('text'), given('coding'), given('charset')),
      ...(query.has('dlr-url') ? { callbackUrl: given('dlr-url') } : {}),
      extra: {
        mask: given('dlr-mask'),
        ...(validity === '' ? {} : { expiresAt: String(network.now() + Number(validity) * 60_000) }),
      },
    },
    AT_ONCE,
  );
  return submitted.taken
    ? words(202, '0: Accepted for delivery')
    : words(503, 'Temporal failure, try again later.');
}

/** Without `coding=2` the text goes out in 7 bits, and what has no place in them becomes a question mark. */
const asSent = (text: string, coding: string, charset: string): string =>
  coding === '2' && charset === 'UTF-8' ? text : text.replace(/[^\u0000-\u00ff\u0393-\u03a9\u20ac]/gu, '?');

const words = (status: number, body: string): SimReply => ({
  status,
  headers: { 'content-type': 'text/html' },
  body,
});
