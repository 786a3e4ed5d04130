import { randomUUID } from 'node:crypto';
import type { Network, Refusal, SimReason, SimReply, SimRequest } from '../../stand-in.ts';
import { refuse, reply } from './account.ts';

/** Why a message does not arrive, in Vonage's numbers. */
export const ERROR_CODES: Readonly<Record<SimReason, number>> = {
  filtered: 1210,
  'opted-out': 1240,
  'unknown-number': 1300,
  recycled: 1190,
  throttled: 1241,
  unreachable: 1220,
};

/** The body of POST /v1/messages, as far as it is checked. */
interface Message {
  channel?: unknown;
  message_type?: unknown;
  to?: unknown;
  from?: unknown;
  text?: unknown;
  client_ref?: unknown;
  webhook_url?: unknown;
  ttl?: unknown;
  sms?: { encoding_type?: unknown };
}

/** POST /v1/messages. */
export function send({ json }: SimRequest, network: Network): SimReply {
  const body = (json ?? {}) as Message;
  const fault = faultOf(body);
  if (fault)
    return refuse(
      422,
      `/messages#${fault}`,
      'Invalid params',
      'The value of one or more parameters is invalid.',
    );
  const submitted = network.submit(
    {
      vendorId: randomUUID(),
      channel: 'sms',
      to: `+${body.to}`,
      from: String(body.from),
      text: String(body.text),
      ...(typeof body.client_ref === 'string' ? { reference: body.client_ref } : {}),
      ...(typeof body.webhook_url === 'string' ? { callbackUrl: body.webhook_url } : {}),
      extra: { ttl: String(body.ttl ?? ''), encoding: String(body.sms?.encoding_type ?? 'text') },
    },
    ['opted-out', 'unknown-number', 'throttled'],
  );
  return submitted.taken
    ? reply(202, { message_uuid: submitted.message.vendorId })
    : refusalOf(submitted.refusal);
}

const fits = (value: unknown, pattern: RegExp): boolean => typeof value === 'string' && pattern.test(value);
const within = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && Number(value) >= least && Number(value) <= most;

/** What Vonage checks before it takes a message, by its numbers for what is wrong. */
const CHECKS: readonly [number, (body: Message) => boolean][] = [
  [1400, ({ channel }) => channel === 'sms'],
  [1440, ({ message_type }) => message_type === 'text'],
  // Seven to fifteen digits, and no plus.
  [1430, ({ to }) => fits(to, /^[1-9]\d{6,14}$/)],
  [1420, ({ from }) => fits(from, /^(\d{3,15}|[A-Za-z0-9 ]{1,11})$/)],
  [1020, ({ text }) => fits(text, /^.{1,1000}$/s)],
  [1450, ({ client_ref = '-' }) => fits(client_ref, /^.{1,100}$/)],
  [1020, ({ webhook_url = 'https://a.example' }) => URL.canParse(String(webhook_url))],
  [1130, ({ ttl = 300 }) => within(ttl, 300, 259_200)],
  [1410, ({ sms }) => fits(sms?.encoding_type ?? 'text', /^(text|unicode|auto)$/)],
];
const faultOf = (body: Message): number | undefined => CHECKS.find(([, holds]) => !holds(body))?.[0];

/** What Vonage refuses at once. */
function refusalOf(refusal: Refusal): SimReply {
  if (refusal === 'throttled') {
    return refuse(429, '/messages#1000', 'Throttled', 'Please wait and retry', { 'retry-after': '7' });
  }
  return refusal === 'opted-out'
    ? refuse(422, '/messages#1240', 'Illegal Number', 'The user has sent a STOP message.')
    : refuse(
        422,
        '/messages#1430',
        'Invalid recipient',
        'The `to` parameter is invalid for the given channel.',
      );
}
