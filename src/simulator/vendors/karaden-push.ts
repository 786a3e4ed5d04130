import { randomBytes } from 'node:crypto';
import { equalText } from '../../equal-text.ts';
import type { Network, Refusal, SimMessage, SimReply, SimRequest, StandIn } from '../stand-in.ts';

const CREDENTIALS = { token: 'simulated-karaden-push-token', securityCode: 'simulated-security-code' };
/** No public program knows an answer to too many requests: a plain 429 here is made up. */
const AT_ONCE: readonly Refusal[] = ['unknown-number', 'opted-out', 'throttled'];
const CARRIERS: Record<SimMessage['carrier'], string> = {
  docomo: '1',
  softbank: '2',
  au: '3',
  rakuten: '5',
  other: '5',
};

/**
 * 空電プッシュ v2, as public programs speak to it; its specification is not public. HTTP 200 says nothing: what counts is
 * `status`. It reports nothing by itself, and quotes the text when it is asked.
 */
export function createKaradenPushStandIn(): StandIn {
  return {
    vendor: 'karaden-push',
    credentials: CREDENTIALS,
    answer(request, network) {
      const { method, path, form, query } = request;
      if (!isKnown(method === 'POST' ? form : query)) return reply('201');
      return ROUTES[`${method} ${path}`]?.(request, network) ?? { status: 404, body: '' };
    },
  };
}

function isKnown(given: URLSearchParams): boolean {
  const fits = [
    equalText(given.get('Token') ?? '', CREDENTIALS.token),
    equalText(given.get('SecurityCode') ?? '', CREDENTIALS.securityCode),
  ];
  return fits.every(Boolean);
}

const ROUTES: Record<string, (request: SimRequest, network: Network) => SimReply> = {
  'POST /karadenqueue.json': queue,
  'GET /karadeninquiry.json': inquire,
  'GET /karadeninquiry_tr.json': inquireByCode,
};

const TEXTS = ['DocomoMessage', 'SoftbankMessage', 'AuMessage', 'OptionMessage'] as const;

function queue({ form }: SimRequest, network: Network): SimReply {
  const to = form.get('To') ?? '';
  const texts = TEXTS.map((name) => form.get(name) ?? '');
  if (!/^0[6-9]0\d{8}$/.test(to)) return reply('202');
  if (texts.some((text) => text === '' || text.length > 660)) return reply('301');
  const code = form.get('TrackingCode') ?? '';
  if (!/^[\w-]{0,50}$/.test(code)) return reply('205');
  const permitted = form.get('PermitDate');
  if (permitted !== null && !/^\d{8}$/.test(permitted)) return reply('301');
  const submitted = network.submit(
    {
      vendorId: randomBytes(12).toString('hex'),
      channel: 'sms',
      to: `+81${to.slice(1)}`,
      from: 'karaden',
      text: texts[0]!,
      ...(code === '' ? {} : { reference: code }),
      extra: { permitDate: permitted ?? '', takenAt: minuteOf(network.now()) },
    },
    AT_ONCE,
  );
  if (submitted.taken) return reply('100', { messageId: submitted.message.vendorId });
  if (submitted.refusal === 'throttled') return { status: 429, headers: { 'retry-after': '5' }, body: '' };
  return reply(submitted.refusal === 'unknown-number' ? '202' : '203');
}

function inquire({ query }: SimRequest, network: Network): SimReply {
  const message = network.find({ vendorId: query.get('messageId') ?? '' });
  return message ? reply('100', told(message)) : reply('206');
}

function inquireByCode({ query }: SimRequest, network: Network): SimReply {
  const message = network.find({ reference: query.get('TrackingCode') ?? '' });
  const days = ['Startdate', 'Enddate'].map((name) => query.get(name) ?? '');
  if (days.some((day) => !/^\d{12}$/.test(day))) return reply('205');
  const takenAt = message?.extra?.['takenAt'] ?? '';
  const inside = message && days[0]! <= takenAt && takenAt <= days[1]!;
  const list = inside ? [{ messageId: message.vendorId, ...told(message) }] : [];
  return reply('100', { maxrecord: String(list.length), list });
}

/** The history check only looks when it was given a date to look from. */
function told(message: SimMessage) {
  const { state, reason, carrier, text, at, extra } = message;
  const over = state === 'delivered' || state === 'undelivered';
  const recycled = state === 'undelivered' && reason === 'recycled' && extra?.['permitDate'] !== '';
  return {
    messagestatus: recycled ? '3' : state === 'accepted' ? '0' : '1',
    resultstatus: recycled || !over ? '0' : resultOf(message),
    carrier: over ? CARRIERS[carrier] : '5',
    senddate: inJapan(at).replaceAll('-', '/'),
    ...Object.fromEntries(TEXTS.map((name) => [name[0]!.toLowerCase() + name.slice(1), text])),
    click: '0',
  };
}

const resultOf = ({ state, reason }: SimMessage): string =>
  state === 'delivered' ? '1' : reason === 'unreachable' || reason === undefined ? '2' : '3';

const inJapan = (at: number): string =>
  new Date(at + 9 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
const minuteOf = (at: number): string => inJapan(at).replace(/\D/g, '').slice(0, 12);

const reply = (status: string, more: object = {}): SimReply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ status, ...more }),
});
