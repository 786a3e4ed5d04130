import type {
  Gateway,
  GatewayContext,
  GatewayEvent,
  GatewayFinding,
  OutboundMessage,
  SendOutcome,
  SentMessage,
  Webhook,
} from '../ports/gateway.ts';
import { readAnswer } from './infobip/answer.ts';
import { readLog, readPush } from './infobip/report.ts';
import { requestFor } from './infobip/request.ts';
import { authorizationOf, type InfobipSettings, infobipSettings } from './infobip/settings.ts';
import type { HttpClient } from './wire/client.ts';
import { outcomeOf } from './wire/outcome.ts';
import { jsonOf } from './wire/request.ts';
import { hmacScheme } from './wire/schemes/hmac.ts';
import type { Scheme } from './wire/schemes/scheme.ts';
import { basicScheme } from './wire/schemes/shared-secret.ts';
import { insecureFinding, openClient, readSettings } from './wire/settings.ts';

/**
 * Infobip, and NTT CPaaS, which is Infobip under NTT's name: the address of the account is all that differs. Text messages
 * by SMS API v3; calls by an IVR scenario that asks for a key press, or else by speech with machine detection.
 *
 * @param settings As `docs/gateways/infobip.md` says.
 * @throws ConfigurationError naming every field that is wrong.
 */
export function createInfobipGateway(settings: unknown): Gateway {
  const own = readSettings(infobipSettings, settings, 'infobip');
  const client = openClient('infobip', 'baseUrl', own.baseUrl, own, PATHS);
  const vendor: Vendor = { settings: own, client, authorization: authorizationOf(own) };
  return {
    name: own.name ?? 'infobip',
    enabled: own.enabled,
    channels: own.voice ? ['sms', 'voice'] : ['sms'],
    ...(own.countries ? { countries: own.countries } : {}),
    ...(own.voice ? { callGuard: own.voice.scenarios ? 'key-press' : 'machine-detection' } : {}),
    send: (message, context) => send(vendor, message, context),
    poll: (message, context) => poll(vendor, message, context),
    webhook: webhookOf(own),
    findings: () => findingsOf(own),
    close: () => client.close(),
  };
}

/** What addresses in the vendor's documents go on with. */
const PATHS = [
  ...['/sms/3', '/sms/3/messages', '/sms/3/logs', '/sms/2/text/advanced'],
  ...['/tts/3', '/tts/3/advanced', '/tts/3/logs', '/voice/ivr/1', '/voice/ivr/1/messages'],
];

interface Vendor {
  settings: InfobipSettings;
  client: HttpClient;
  authorization: string;
}

const addressOf = ({ settings }: Vendor, path: string): string => settings.baseUrl.replace(/\/+$/, '') + path;

async function send(vendor: Vendor, message: OutboundMessage, context: GatewayContext): Promise<SendOutcome> {
  const { path, body } = requestFor(message, vendor.settings, context.now);
  const transported = await vendor.client.call({
    method: 'POST',
    url: addressOf(vendor, path),
    headers: {
      authorization: vendor.authorization,
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify(body),
    signal: context.signal,
  });
  return outcomeOf(transported, readAnswer);
}

/** Logs are asked, not reports: the vendor hands every report out once, and it may be meant for somebody else. */
async function poll(
  vendor: Vendor,
  { id, channel }: SentMessage,
  { signal }: GatewayContext,
): Promise<GatewayEvent[]> {
  const path = channel === 'sms' ? '/sms/3/logs' : '/tts/3/logs';
  const transported = await vendor.client.call({
    method: 'GET',
    url: addressOf(vendor, `${path}?${new URLSearchParams({ messageId: id })}`),
    headers: { authorization: vendor.authorization, accept: 'application/json' },
    signal,
  });
  if (transported.sent !== 'answered' || transported.answer.status !== 200) return [];
  return readLog(transported.answer.json(), id, channel, vendor.settings.voice?.scenarios !== undefined);
}

/**
 * Receipts of single messages are not signed; those of a notification profile are, as it says (GWY-03). What is not signed
 * counts after the log said the same. That has no key presses, so news of calls count as they are.
 */
function webhookOf({ webhook }: InfobipSettings): Webhook {
  const scheme = webhook && schemeOf(webhook);
  return {
    authenticate: (request) => (scheme ? scheme.verify(request) : { result: 'unsigned' }),
    parse(request) {
      const events = readPush(jsonOf(request));
      return { events: scheme ? events : events.map(asUnproved) };
    },
  };
}

const asUnproved = (event: GatewayEvent): GatewayEvent =>
  event.type === 'receipt' ? { ...event, unproved: true } : event;

function schemeOf({ basic, hmac }: NonNullable<InfobipSettings['webhook']>): Scheme {
  if (basic) return basicScheme({ user: basic.username, passwords: basic.password });
  const { secret, header, algorithm, encoding, prefix } = hmac!;
  return hmacScheme({
    ...{ secrets: secret, header: header.toLowerCase(), digest: algorithm, encoding, prefix },
    template: '{body}',
  });
}

function findingsOf({ insecure, token, voice }: InfobipSettings): GatewayFinding[] {
  const findings = insecureFinding(insecure);
  if (token !== undefined) {
    findings.push({
      severity: 'warning',
      message: 'authenticates with an OAuth 2 token, which runs out: nothing here renews it',
      fix: 'Use an API key with the rights to send only',
    });
  }
  if (voice && !voice.scenarios) {
    findings.push({
      severity: 'warning',
      message: 'tells people from answering machines by listening, which fails now and then',
      fix: 'Create the two IVR scenarios of docs/gateways/infobip.md and set voice.scenarios',
    });
  }
  return findings;
}
