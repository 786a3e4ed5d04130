import type { Gateway, RawWebhook, SendOutcome, Webhook } from '../ports/gateway.ts';
import { sendOutcomeOf } from './vonage/answers.ts';
import { eventsOf } from './vonage/events.ts';
import { authorizationOf } from './vonage/login.ts';
import { readOut, sayFarewell } from './vonage/ncco.ts';
import { callBody, messageBody } from './vonage/request.ts';
import { type VonageSettings, vonageSettings } from './vonage/settings.ts';
import { outcomeOf, rejected } from './wire/outcome.ts';
import { jsonOf } from './wire/request.ts';
import { jwtScheme } from './wire/schemes/jwt.ts';
import { insecureFinding, openClient, readSettings } from './wire/settings.ts';

/**
 * Text messages through the Messages API of Vonage (v1) and calls through its Voice API (v1), signed webhooks, inline call
 * control objects. A code is read after a key was pressed, never to whatever picks up (GWY-08, lesson 25). Settings and
 * what to order: docs/gateways/vonage.md.
 *
 * @param settings As in a configuration file: signatureSecret, an application or an API key, and from or callFrom at least.
 * @throws ConfigurationError naming each field that is wrong.
 */
export function createVonageGateway(settings: unknown): Gateway {
  const read = readSettings(vonageSettings, settings, 'vonage');
  const texts = read.from !== undefined;
  const calls = read.callFrom !== undefined;
  return {
    name: read.name ?? 'vonage',
    enabled: read.enabled,
    channels: [...(texts ? (['sms'] as const) : []), ...(calls ? (['voice'] as const) : [])],
    ...(read.countries ? { countries: read.countries } : {}),
    ...(texts ? { maxUnits: 1000 } : {}),
    ...(calls ? { callGuard: 'key-press' } : {}),
    ...api(read),
    webhook: webhook(read),
    findings: () => insecureFinding(read.insecure),
  };
}

const JSON_TYPE = 'application/json';

/** What goes out to Vonage. */
function api(settings: VonageSettings): Pick<Gateway, 'send' | 'close'> {
  const client = openClient('vonage', 'baseUrl', settings.baseUrl, settings, [
    '/v1',
    '/v1/messages',
    '/v1/calls',
  ]);
  const root = settings.baseUrl.replace(/\/+$/, '');
  return {
    async send(message, { now, signal }): Promise<SendOutcome> {
      const texts = message.channel === 'sms';
      const body = texts ? messageBody(message, settings, now) : callBody(message, settings);
      // Without an address to ask after the key press, the code would have to be read to whatever picks up (lesson 25).
      if (!body) return rejected('permanent', 'no_answer_address');
      const authorization = await authorizationOf(settings, now);
      const headers = { authorization, accept: JSON_TYPE, 'content-type': JSON_TYPE };
      const url = `${root}/v1/${texts ? 'messages' : 'calls'}`;
      const sent = await client.call({ method: 'POST', url, headers, body: JSON.stringify(body), signal });
      return outcomeOf(sent, (answer) => sendOutcomeOf(answer, texts ? 'message_uuid' : 'uuid'));
    },
    close: () => client.close(),
  };
}

/** What Vonage tells and asks. */
function webhook(settings: VonageSettings): Webhook {
  const scheme = jwtScheme({
    secrets: settings.signatureSecret,
    header: 'authorization',
    issuer: 'Vonage',
    claims: ['payload_hash'],
  });
  return {
    async authenticate(request) {
      const proof = await scheme.verify(request);
      // After a fault of its own Vonage may leave the signature out, and brings a signed one when it gets a 5xx.
      return proof.result === 'refused' && proof.reason === 'missing'
        ? { result: 'refused', reason: 'unavailable' }
        : proof;
    },
    parse: (request) => ({ events: eventsOf(jsonOf(request), request.receivedAt) }),
    answer(request, script) {
      const pressed = wasPressed(request);
      const ncco = pressed ? readOut(script, settings) : sayFarewell(script, settings);
      return { pressed, reply: { status: 200, type: JSON_TYPE, body: JSON.stringify(ncco) } };
    },
  };
}

/** Vonage asks after a key as well as without one; older parts of it write the keys as plain text. */
function wasPressed(request: RawWebhook): boolean {
  const { dtmf } = (jsonOf(request) ?? {}) as { dtmf?: unknown };
  const keys = typeof dtmf === 'object' && dtmf !== null ? (dtmf as { digits?: unknown }).digits : dtmf;
  return typeof keys === 'string' && /^[\d*#]+$/.test(keys);
}
