import { createHttpClient, type HttpAnswer } from '../../../src/gateways/wire/client.ts';
import { byStatus, outcomeOf, rejected, retryAfterOf } from '../../../src/gateways/wire/outcome.ts';
import { jsonOf } from '../../../src/gateways/wire/request.ts';
import { type HmacSettings, hmacScheme } from '../../../src/gateways/wire/schemes/hmac.ts';
import type {
  CallState,
  Gateway,
  GatewayEvent,
  OutboundMessage,
  ReceiptState,
  RejectionClass,
  SendOutcome,
  Webhook,
} from '../../../src/ports/gateway.ts';

/** A vendor that does not exist, with everything that a vendor can have. */
export interface AcmeSettings {
  baseUrl: string;
  key: string;
  secret: string;
  from: string;
}

export const acmeSignature = (secret: string): HmacSettings => ({
  ...{ secrets: [secret], header: 'acme-signature', digest: 'sha256', encoding: 'hex' },
  ...{ template: '{timestamp}.{body}', timestampHeader: 'acme-time' },
});

export function createAcmeGateway({ baseUrl, key, secret, from }: AcmeSettings): Gateway {
  const client = createHttpClient({ insecure: true, totalTimeout: 4000 });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return {
    name: 'acme',
    channels: ['sms', 'voice'],
    countries: ['JP'],
    maxUnits: 660,
    callGuard: 'key-press',
    idempotent: true,
    async send(message, { signal }) {
      const body = requestOf(message, from);
      if (!body) return rejected('permanent', 'no_answer_address');
      const call = { method: 'POST', url: `${baseUrl}/messages`, headers, body, signal } as const;
      return outcomeOf(await client.call(call), outcomeIn);
    },
    async poll({ id }, { signal }) {
      const url = `${baseUrl}/messages?ref=${encodeURIComponent(id)}`;
      const told = await client.call({ method: 'GET', url, headers, signal });
      return told.sent === 'answered' && told.answer.status === 200 ? eventsIn(told.answer.json()) : [];
    },
    webhook: webhookWith(secret),
    findings: ({ production }) =>
      production ? [{ severity: 'fatal', message: 'sends over http', fix: 'Use a real vendor' }] : [],
    close: () => client.close(),
  };
}

function requestOf(message: OutboundMessage, from: string): string | undefined {
  const { id, to, sender, channel, text, call, webhookUrl, expiresAt } = message;
  if (channel === 'voice' && !call?.answerUrl) return undefined;
  const what =
    channel === 'sms'
      ? { text }
      : { call: { say: call!.invitation, end: call!.farewell, ask: call!.answerUrl } };
  return JSON.stringify({ to, from: sender ?? from, ...what, ref: id, hook: webhookUrl, until: expiresAt });
}

const REASONS: Readonly<Record<string, RejectionClass>> = {
  no_number: 'number',
  opted_out: 'opt-out',
  filtered: 'blocked',
  no_phone: 'unreachable',
};
const classOf = (reason: unknown): RejectionClass => REASONS[String(reason)] ?? 'unknown';

function outcomeIn(answer: HttpAnswer): SendOutcome | undefined {
  const { id, error } = (answer.json() ?? {}) as { id?: unknown; error?: unknown };
  if (answer.status === 202)
    return typeof id === 'string' ? { outcome: 'accepted', vendorId: id } : undefined;
  if (answer.status === 429) return rejected('throttled', '429', retryAfterOf(answer.headers));
  return typeof error === 'string' ? rejected(classOf(error), error) : byStatus(answer);
}

const RECEIPTS: readonly unknown[] = ['sent', 'delivered', 'undelivered'] satisfies ReceiptState[];
const CALLS: readonly unknown[] = [
  ...(['ringing', 'answered', 'heard', 'machine', 'completed', 'busy', 'no-answer'] satisfies CallState[]),
];

function eventsIn(told: unknown): GatewayEvent[] {
  const { ref, id, state, reason, from, text } = (told ?? {}) as Record<string, unknown>;
  if (typeof from === 'string' && typeof text === 'string') {
    const word = text.trim().toLowerCase();
    return [{ type: 'inbound', from, keyword: word === 'stop' || word === 'start' ? word : null }];
  }
  if (typeof ref !== 'string' || typeof id !== 'string') return [];
  if (CALLS.includes(state)) return [{ type: 'call', id: ref, vendorId: id, state: state as CallState }];
  if (!RECEIPTS.includes(state)) return [];
  const why = state === 'undelivered' ? { class: classOf(reason) } : {};
  return [{ type: 'receipt', id: ref, vendorId: id, state: state as ReceiptState, ...why }];
}

function webhookWith(secret: string): Webhook {
  const scheme = hmacScheme(acmeSignature(secret));
  return {
    authenticate: (request) => scheme.verify(request),
    parse: (request) => ({ events: eventsIn(jsonOf(request)) }),
    answer(request, { text, farewell }) {
      const { key } = (jsonOf(request) ?? {}) as { key?: unknown };
      const pressed = typeof key === 'string' && /^[\d*#]$/.test(key);
      return { pressed, reply: { status: 200, type: 'text/plain', body: pressed ? text : farewell } };
    },
  };
}
