import type { CallScript, GatewayEvent, RawWebhook, Webhook } from '../../ports/gateway.ts';
import { keywordOf } from '../wire/keywords.ts';
import { mediaTypeOf, textOf } from '../wire/request.ts';
import { readBody } from './body.ts';
import { minutesOf } from './dates.ts';
import { ENCODERS } from './encode.ts';
import { eventsOf } from './event.ts';
import { asText, itemsAt, textAt } from './path.ts';
import { matches } from './predicate.ts';
import type { WebhookSettings } from './schema.ts';
import { render, type Template } from './template.ts';
import { answerValues } from './values.ts';
import { createCheck } from './verify.ts';

/**
 * What the vendor tells, by configuration. Where nothing but the address holds a secret, anybody who got to know it could
 * have said it: then receipts are `unproved`, and count after a poll said the same, where there is one.
 */
export function createWebhook(settings: WebhookSettings, timeOffset: string, called: string): Webhook {
  const check = createCheck(settings.verify, called);
  const offset = minutesOf(timeOffset);
  const { answer } = settings;
  return {
    authenticate: check ?? (() => ({ result: 'unsigned' })),
    parse(request) {
      const items = itemsAt(payloadOf(request, settings.payload), settings.items);
      const told = items.flatMap((item) => [...inboundOf(item, settings), ...news(item, settings, offset)]);
      const events = check ? told : told.map(asUnproved);
      return settings.reply ? { events, reply: settings.reply } : { events };
    },
    ...(answer ? { answer: (request, call) => say(request, call, settings) } : {}),
  };
}

const asUnproved = (event: GatewayEvent): GatewayEvent =>
  event.type === 'inbound' ? event : { ...event, unproved: true };

const news = (item: unknown, { map }: WebhookSettings, offset: number): GatewayEvent[] =>
  map ? eventsOf(item, map, offset) : [];

function inboundOf(item: unknown, { inbound }: WebhookSettings): GatewayEvent[] {
  if (!inbound || (inbound.when && !matches(inbound.when, { body: item }))) return [];
  const from = textAt(item, inbound.from);
  const text = textAt(item, inbound.text);
  if (from === undefined || text === undefined || !/^\+?[\d ().-]{5,30}$/.test(from)) return [];
  const keyword = keywordOf(text, inbound.stop, inbound.start);
  return [{ type: 'inbound', from, keyword }];
}

type Payload = WebhookSettings['payload'];
const FORM = 'application/x-www-form-urlencoded';

/** What came, as something paths lead through; undefined where it is not what was configured. */
function payloadOf(request: RawWebhook, payload: Payload): unknown {
  if (typeof payload === 'object') {
    const form = payloadOf(request, 'form') as Record<string, unknown> | undefined;
    const inner = asText(form?.[payload.field]);
    return inner === undefined ? undefined : readBody(payload.format, inner);
  }
  if (payload === 'query') return readBody('form', request.url.search.slice(1));
  if (payload === 'any') return payloadOf(request, kindOf(request));
  if (payload === 'form' && mediaTypeOf(request) !== FORM) return undefined;
  const text = textOf(request);
  return text === undefined ? undefined : readBody(payload, text);
}

function kindOf(request: RawWebhook): 'json' | 'form' | 'query' | 'xml' {
  if (request.body.length === 0) return 'query';
  const type = mediaTypeOf(request);
  if (type === FORM) return 'form';
  return type?.endsWith('/xml') || type?.endsWith('+xml') ? 'xml' : 'json';
}

/** Says the text only after a key was pressed; a template that would say it before does not pass the settings. */
function say(request: RawWebhook, call: CallScript, { answer, payload, items }: WebhookSettings) {
  const [item] = itemsAt(payloadOf(request, payload), items);
  const pressed = item !== undefined && matches(answer!.pressed, { body: item });
  const script = pressed ? call : { ...call, text: '' };
  const fields = render(answer![pressed ? 'read' : 'otherwise'], answerValues(script, request), 0);
  const type =
    answer!.type ?? (answer!.encoding === 'xml' ? 'application/xml; charset=utf-8' : 'application/json');
  return { pressed, reply: { status: 200, type, body: ENCODERS[answer!.encoding](fields as Template) } };
}
