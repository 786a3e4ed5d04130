import type {
  Gateway,
  GatewayContext,
  GatewayEvent,
  OutboundMessage,
  SendOutcome,
  SentMessage,
} from '../ports/gateway.ts';
import type { HttpClient } from './wire/client.ts';
import { outcomeOf, rejected } from './wire/outcome.ts';
import { formOf } from './wire/request.ts';
import { insecureFinding, openClient, readSettings } from './wire/settings.ts';
import { readAnswer } from './zettai-reach/answer.ts';
import { checkOwner } from './zettai-reach/cleaning.ts';
import { readPush, readStatus } from './zettai-reach/receipt.ts';
import { type ZettaiReachSettings, zettaiReachSettings } from './zettai-reach/settings.ts';

/**
 * 絶対リーチ!SMS of AI CROSS (API 1.4.7, CommonMT). Japan only, text only. Our id is the vendor's `clientTag`, which it
 * takes once: a send without an answer is tried again, and one more message cannot come of it (GWY-02).
 *
 * The vendor repeats number and text, and with it the code, in answers, inquiries and receipts: none of that is read, let
 * alone passed on (LOG-02). Receipts are not signed, so each is only a reason to ask again.
 *
 * @param settings As `docs/gateways/zettai-reach.md` says.
 * @throws ConfigurationError naming every field that is wrong.
 */
export function createZettaiReachGateway(settings: unknown): Gateway {
  const own = readSettings(zettaiReachSettings, settings, 'zettai-reach');
  const client = openClient('zettai-reach', 'baseUrl', own.baseUrl, own, [
    '/p5',
    '/p5/api',
    '/p5/api/mt.json',
    '/p5/api/status.json',
  ]);
  return {
    name: own.name ?? 'zettai-reach',
    enabled: own.enabled,
    channels: ['sms'],
    countries: ['JP'],
    maxUnits: 660,
    idempotent: true,
    ...(own.numberCleaning ? { checksOwner: true } : {}),
    send: (message, context) => send(own, client, message, context),
    poll: (message, context) => poll(own, client, message, context),
    webhook: {
      authenticate: () => ({ result: 'unsigned' }),
      parse: (request) => ({ events: readPush(formOf(request)?.get('json') ?? '') }),
    },
    findings: () => insecureFinding(own.insecure),
    close: () => client.close(),
  };
}

/** As the vendor's specification has it: mobile numbers, 060 among them, and the 11 and 14 digits of machines. */
const REACHABLE = /^\+81(?:[26789]0[1-9][0-9]{7}|20[1-9][0-9]{10})$/;

async function send(
  settings: ZettaiReachSettings,
  client: HttpClient,
  message: OutboundMessage,
  context: GatewayContext,
): Promise<SendOutcome> {
  if (!REACHABLE.test(message.to)) return rejected('number', 'not-a-mobile-of-japan');
  const objection = await checkOwner(settings, client, message, context);
  if (objection) return objection;
  const transported = await client.call({
    method: 'POST',
    url: `${settings.baseUrl.replace(/\/+$/, '')}/p5/api/mt.json`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({
      token: settings.token,
      clientId: settings.clientId,
      smsCode: message.sender ?? settings.smsCode,
      message: message.text,
      phoneNumber: message.to,
      clientTag: message.id,
    }).toString(),
    signal: context.signal,
  });
  return outcomeOf(transported, readAnswer);
}

/** The token stands in the address, as the vendor wants it; no address of a request is logged anywhere here (LOG-02). */
async function poll(
  { baseUrl, token, clientId }: ZettaiReachSettings,
  client: HttpClient,
  { id, sentAt }: SentMessage,
  { now, signal }: GatewayContext,
): Promise<GatewayEvent[]> {
  const query = new URLSearchParams({ token, clientId, clientTag: id });
  const transported = await client.call({
    method: 'GET',
    url: `${baseUrl.replace(/\/+$/, '')}/p5/api/status.json?${query}`,
    headers: { accept: 'application/json' },
    signal,
  });
  if (transported.sent !== 'answered' || transported.answer.status !== 200) return [];
  return readStatus(transported.answer.json(), id, now - sentAt);
}
