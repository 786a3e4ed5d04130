import { randomBytes } from 'node:crypto';
import { equalText } from '../../equal-text.ts';
import type { Network, Refusal, SimReply, StandIn } from '../stand-in.ts';
import { notificationBody, statusBody } from './zettai-reach/status.ts';

const CREDENTIALS = {
  token: '1234567890abcdefghijklmnopqrstuv',
  clientId: '12345',
  smsCode: '24680',
};
/** The vendor's answer to too many requests is not published: a plain 429 here is made up. */
const AT_ONCE: readonly Refusal[] = ['throttled'];
const PHONE = /^(\+81|0)(([26789]0[1-9][0-9]{7}$)|(20[1-9][0-9]{10}$))/;

/**
 * 絶対リーチ!SMS as its OpenAPI description 1.4.7 has it: HTTP 200 whatever happens, no id of its own, and number and text
 * repeated everywhere. Its receipts carry no signature.
 */
export function createZettaiReachStandIn(): StandIn {
  return {
    vendor: 'zettai-reach',
    credentials: CREDENTIALS,
    answer(request, network) {
      const route = ROUTES[`${request.method} ${request.path}`];
      if (!route) return { status: 404, body: 'Not Found' };
      return route(request.method === 'GET' ? request.query : request.form, network);
    },
    report(message, change, { webhook }) {
      // Without a tag there are no receipts.
      if (webhook === undefined || change.state === 'accepted' || !message.reference) return undefined;
      return {
        method: 'POST',
        url: webhook,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          json: JSON.stringify(notificationBody(message, change, CREDENTIALS.clientId)),
        }).toString(),
      };
    },
  };
}

type Fields = URLSearchParams;
const ROUTES: Readonly<Record<string, (fields: Fields, network: Network) => SimReply>> = {
  'POST /p5/api/mt.json': send,
  'GET /p5/api/status.json': status,
  'GET /p5/api/numbercleaning.json': cleaning,
};

function send(fields: Fields, network: Network): SimReply {
  const phoneNumber = e164Of(fields.get('phoneNumber') ?? '');
  const text = fields.get('message') ?? '';
  const reply = (code: number, message: string) => coded(code, message, { phoneNumber, smsMessage: text });
  const tag = fields.get('clientTag') ?? '';
  const problem =
    problemOf(fields, ['token', 'clientId', 'smsCode', 'message', 'phoneNumber']) ?? lengthProblem(text, tag);
  if (problem) return reply(...problem);
  if (tag && network.find({ reference: tag })) return reply(400, 'Duplicate client tag.');
  const submitted = network.submit(
    {
      vendorId: randomBytes(16).toString('hex'),
      channel: 'sms',
      to: phoneNumber,
      from: fields.get('smsCode')!,
      text,
      ...(tag ? { reference: tag } : {}),
    },
    AT_ONCE,
  );
  return submitted.taken ? reply(0, 'Success.') : { status: 429, body: 'Too Many Requests' };
}

/** By tag; the vendor's other way, all messages of a day, is not played. */
function status(fields: Fields, network: Network): SimReply {
  const problem = problemOf(fields, ['token', 'clientId', 'clientTag']);
  if (problem) return coded(...problem, { status: [] });
  const message = network.find({ reference: fields.get('clientTag')! });
  return coded(0, 'Success.', { status: message ? [statusBody(message)] : [] });
}

/** The fate of the next message says who has the number; unknown ones are not in the vendor's database. */
function cleaning(fields: Fields, network: Network): SimReply {
  const phoneNumber = e164Of(fields.get('phoneNumber') ?? '');
  const referenceDate = fields.get('referenceDate') ?? '';
  const problem =
    problemOf(fields, ['token', 'clientId', 'phoneNumber', 'referenceDate']) ??
    (isReferenceDate(referenceDate, network.now()) ? undefined : invalid('referenceDate'));
  const fate = network.foresee(phoneNumber);
  const owner = fate === 'recycled' ? 'T' : fate === 'unknown-number' ? 'ERROR' : 'N';
  return coded(...(problem ?? ([0, 'Success.'] as const)), {
    phoneNumber,
    referenceDate,
    status: problem ? 'ERROR' : owner,
  });
}

type Problem = readonly [code: number, message: string];
const invalid = (field: string): Problem => [110, `Invalid ${field}.`];

const CHECKS: Readonly<Record<string, (value: string) => boolean>> = {
  token: (value) => equalText(value, CREDENTIALS.token),
  clientId: (value) => value === CREDENTIALS.clientId,
  smsCode: (value) => value === CREDENTIALS.smsCode,
  phoneNumber: (value) => PHONE.test(value),
};

function problemOf(fields: Fields, required: readonly string[]): Problem | undefined {
  const missing = required.find((name) => !fields.get(name));
  if (missing) return [100, `Required ${missing}.`];
  const wrong = required.find((name) => CHECKS[name]?.(fields.get(name)!) === false);
  return wrong ? invalid(wrong) : undefined;
}

function lengthProblem(text: string, tag: string): Problem | undefined {
  if ([...text].length > 660) return [120, 'message too long.'];
  return tag.length > 200 ? [120, 'clientTag too long.'] : undefined;
}

const TWO_YEARS = 731 * 86_400_000;

/** Of the last two years, today included, in Japan. */
function isReferenceDate(text: string, now: number): boolean {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(text) ?? [];
  const at = Date.parse(`${year}-${month}-${day}T00:00:00+09:00`);
  return at <= now && at >= now - TWO_YEARS;
}

const e164Of = (phoneNumber: string): string => phoneNumber.replace(/^0/, '+81');

const coded = (responseCode: number, responseMessage: string, more: object): SimReply => ({
  status: 200,
  headers: { 'content-type': 'application/json;charset=UTF-8' },
  body: JSON.stringify({ responseCode, responseMessage, ...more }),
});
