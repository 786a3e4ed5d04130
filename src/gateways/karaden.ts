import { z } from 'zod';
import type {
  Gateway,
  GatewayContext,
  GatewayEvent,
  OutboundMessage,
  SendOutcome,
  SentMessage,
} from '../ports/gateway.ts';
import { readAnswer } from './karaden/answer.ts';
import { eventsOf, readList } from './karaden/message.ts';
import type { HttpAnswer, HttpClient } from './wire/client.ts';
import { outcomeOf, rejected } from './wire/outcome.ts';
import { jsonOf } from './wire/request.ts';
import { commonSettings, insecureFinding, openClient, readSettings, secret } from './wire/settings.ts';

const { countries: _, ...common } = commonSettings;
const schema = z.strictObject({
  ...common,
  baseUrl: z.string().default('https://prg.karaden.jp/api').describe('Address of the API (GWY-01)'),
  tenantId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'must be letters, digits, dashes and underscores' })
    .describe('Tenant'),
  token: secret('API token').regex(/^[\x21-\x7e]+$/, {
    error: 'must be printable ASCII without spaces or line breaks',
  }),
  serviceId: z.int().positive().describe('Service setting that sends; the sender number belongs to it'),
  version: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/, { error: 'must be a date such as 2024-03-01' })
    .default('2024-03-01')
    .describe('Karaden-Version'),
});
type KaradenSettings = z.output<typeof schema>;

/**
 * Karaden SMS API (PRG, public since 2023; 空電プッシュ of the same house is another API). Japan only, text only.
 *
 * Receipts are not signed and not retried as far as any document says, so each is only a reason to ask again.
 *
 * @param settings As `docs/gateways/karaden.md` says.
 * @throws ConfigurationError naming every field that is wrong.
 */
export function createKaradenGateway(settings: unknown): Gateway {
  const own = readSettings(schema, settings, 'karaden');
  const adds = [`/${own.tenantId}`, `/${own.tenantId}/messages`];
  const client = openClient('karaden', 'baseUrl', own.baseUrl, own, adds);
  return {
    name: own.name ?? 'karaden',
    enabled: own.enabled,
    channels: ['sms'],
    countries: ['JP'],
    maxUnits: 660,
    send: (message, context) => send(own, client, message, context),
    poll: (message, context) => poll(own, client, message, context),
    webhook: {
      authenticate: () => ({ result: 'unsigned' }),
      parse: (request) => ({
        events: eventsOf(jsonOf(request)).map((event) => ({ ...event, unproved: true })),
      }),
    },
    findings: () => insecureFinding(own.insecure),
    close: () => client.close(),
  };
}

const addressOf = ({ baseUrl, tenantId }: KaradenSettings, rest: string): string =>
  `${baseUrl.replace(/\/+$/, '')}/${tenantId}/messages${rest}`;

const headersOf = ({ token, version }: KaradenSettings) => ({
  authorization: `Bearer ${token}`,
  'karaden-version': version,
  accept: 'application/json',
});

async function send(
  settings: KaradenSettings,
  client: HttpClient,
  message: OutboundMessage,
  { now, signal }: GatewayContext,
): Promise<SendOutcome> {
  const national = nationalOf(message.to);
  if (national === undefined) return rejected('number', 'not-a-mobile-of-japan');
  const transported = await client.call({
    method: 'POST',
    url: addressOf(settings, ''),
    headers: { ...headersOf(settings), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams([
      ['service_id', String(settings.serviceId)],
      ['to', national],
      ['body', message.text],
      ['tags[]', message.id],
      // The account may shorten addresses by default; the text of a code is not to be rewritten.
      ['is_shorten', '0'],
      ['limited_at', timeInJapan(Math.max(message.expiresAt, now + LEAST))],
    ]).toString(),
    signal,
  });
  return outcomeOf(transported, readAnswer);
}

/** The vendor wants 11 digits; landlines have 10, and take no SMS. */
function nationalOf(e164: string): string | undefined {
  const [, rest] = /^\+81([6-9]0\d{8})$/.exec(e164) ?? [];
  return rest === undefined ? undefined : `0${rest}`;
}

/** The vendor refuses a time that has passed, and its clock is not ours: a message gets a minute at least. */
const LEAST = 60_000;

/** ISO 8601 with the offset said, as the vendor writes it: no assumption about a time zone is left to make. */
const timeInJapan = (at: number): string =>
  `${new Date(at + 9 * 3_600_000).toISOString().slice(0, 19)}+09:00`;

/** By the vendor's id where it is known; by our tag after a send without an answer. */
async function poll(
  settings: KaradenSettings,
  client: HttpClient,
  { id, vendorId }: SentMessage,
  { signal }: GatewayContext,
): Promise<GatewayEvent[]> {
  const known = vendorId !== undefined && UUID.test(vendorId);
  const query = new URLSearchParams({ service_id: String(settings.serviceId), tag: id, per_page: '10' });
  const transported = await client.call({
    method: 'GET',
    url: addressOf(settings, known ? `/${vendorId}` : `?${query}`),
    headers: headersOf(settings),
    signal,
  });
  if (transported.sent !== 'answered' || transported.answer.status !== 200) return [];
  return found(transported.answer)
    .flatMap(eventsOf)
    .filter((event) => event.id === id);
}
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const found = (answer: HttpAnswer): unknown[] => {
  const body = answer.json();
  return readList(body) ?? [body];
};
