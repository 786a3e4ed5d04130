import type { Gateway, GatewayFinding, RawWebhook, SendOutcome, Webhook } from '../ports/gateway.ts';
import { newsOf, sendOutcomeOf } from './twilio/answers.ts';
import { eventsOf } from './twilio/events.ts';
import { callForm, messageForm } from './twilio/request.ts';
import { type TwilioSettings, twilioSettings } from './twilio/settings.ts';
import { NOTHING, readOut, sayFarewell } from './twilio/twiml.ts';
import { outcomeOf, rejected } from './wire/outcome.ts';
import { formOf } from './wire/request.ts';
import { twilioScheme } from './wire/schemes/twilio.ts';
import { insecureFinding, openClient, readSettings } from './wire/settings.ts';

/**
 * Text messages and calls through Twilio: Messages and Calls of the API of 2010-04-01, signed webhooks, inline TwiML. A
 * code is read after a key was pressed, never to whatever picks up (GWY-08, lesson 25). Settings and what to order:
 * docs/gateways/twilio.md.
 *
 * @param settings As in a configuration file: accountSid, authToken, and from, messagingServiceSid or callFrom at least.
 * @throws ConfigurationError naming each field that is wrong.
 */
export function createTwilioGateway(settings: unknown): Gateway {
  const read = readSettings(twilioSettings, settings, 'twilio');
  const texts = read.from !== undefined || read.messagingServiceSid !== undefined;
  const calls = read.callFrom !== undefined;
  return {
    name: read.name ?? 'twilio',
    enabled: read.enabled,
    channels: [...(texts ? (['sms'] as const) : []), ...(calls ? (['voice'] as const) : [])],
    ...(read.countries ? { countries: read.countries } : {}),
    ...(texts ? { maxUnits: 1600 } : {}),
    ...(calls ? { callGuard: 'key-press' } : {}),
    ...api(read),
    webhook: webhook(read),
    findings: () => [...insecureFinding(read.insecure), ...(texts ? retentionFinding(read) : [])],
  };
}

/** What goes out to Twilio. */
function api(settings: TwilioSettings): Pick<Gateway, 'send' | 'poll' | 'close'> {
  const client = openClient('twilio', 'baseUrl', settings.baseUrl, settings, [
    '/2010-04-01',
    '/2010-04-01/Accounts',
    `/2010-04-01/Accounts/${settings.accountSid}`,
    '/Messages.json',
    '/Calls.json',
  ]);
  const account = `${settings.baseUrl.replace(/\/+$/, '')}/2010-04-01/Accounts/${settings.accountSid}`;
  const headers = { authorization: authorizationOf(settings), accept: 'application/json' };
  const post = async (path: string, form: URLSearchParams, signal: AbortSignal): Promise<SendOutcome> => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const url = `${account}/${path}`;
    const sent = await client.call({
      method: 'POST',
      url,
      headers: { ...headers, ...type },
      body: form.toString(),
      signal,
    });
    return outcomeOf(sent, sendOutcomeOf);
  };
  return {
    async send(message, { now, signal }) {
      if (message.channel === 'sms')
        return post('Messages.json', messageForm(message, settings, now), signal);
      const form = callForm(message, settings);
      // Without an address to ask after the key press, the code would have to be read to whatever picks up (lesson 25).
      return form ? post('Calls.json', form, signal) : rejected('permanent', 'no_answer_address');
    },
    async poll({ vendorId, channel }, { now, signal }) {
      if (!/^[A-Z]{2}\w{1,60}$/.test(vendorId ?? '')) return [];
      const url = `${account}/${channel === 'sms' ? 'Messages' : 'Calls'}/${vendorId}.json`;
      const told = await client.call({ method: 'GET', url, headers, signal });
      return told.sent === 'answered' ? newsOf(told.answer, channel, now) : [];
    },
    close: () => client.close(),
  };
}

function authorizationOf({ accountSid, authToken, apiKeySid, apiKeySecret }: TwilioSettings): string {
  const pair = apiKeySid === undefined ? [accountSid, authToken[0]] : [apiKeySid, apiKeySecret];
  return `Basic ${Buffer.from(pair.join(':')).toString('base64')}`;
}

/** What Twilio tells and asks. Status callbacks come in any order; the core merges them (GWY-04). */
function webhook(settings: TwilioSettings): Webhook {
  const scheme = twilioScheme({ authTokens: settings.authToken });
  const type = 'text/xml; charset=utf-8';
  return {
    authenticate: (request) => scheme.verify(request),
    parse(request) {
      const form = fieldsOf(request);
      const events = form ? eventsOf(form, request.receivedAt) : [];
      // Twilio would send what is in the body of an answer to the phone, unless it is TwiML that says nothing.
      const asks = events.some((event) => event.type === 'inbound');
      return asks ? { events, reply: { status: 200, type, body: NOTHING } } : { events };
    },
    answer(request, script) {
      const pressed = /^[\d*#]+$/.test(fieldsOf(request)?.get('Digits') ?? '');
      const body = pressed ? readOut(script, settings) : sayFarewell(script, settings);
      return { pressed, reply: { status: 200, type, body } };
    },
  };
}

/** Bytes; Twilio's own are a few hundred. Half a million fields would only cost time. */
const LARGEST = 65_536;
const fieldsOf = (request: RawWebhook): URLSearchParams | undefined =>
  request.body.length > LARGEST ? undefined : formOf(request);

/** Not on by itself: an account without Message Redaction would have every message refused (30029, 30030). */
function retentionFinding({ contentRetention, addressRetention }: TwilioSettings): GatewayFinding[] {
  if (contentRetention === 'discard' && addressRetention === 'obfuscate') return [];
  return [
    {
      severity: 'warning',
      message:
        'Twilio keeps numbers and texts, codes included, where anybody with access to its console can read them',
      fix: 'Order Message Redaction, then set contentRetention to discard and addressRetention to obfuscate',
    },
  ];
}
