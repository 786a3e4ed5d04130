import type { GatewayContext, GatewayEvent, SentMessage } from '../../ports/gateway.ts';
import { factsOf } from './answer.ts';
import type { Clients } from './clients.ts';
import { minutesOf } from './dates.ts';
import { writeRequest } from './encode.ts';
import { type EventMap, eventsOf } from './event.ts';
import { itemsAt, textAt } from './path.ts';
import { matches } from './predicate.ts';
import type { HttpGatewaySettings, PollSettings } from './schema.ts';
import { pollValues, type Writing } from './values.ts';

/**
 * Asks how a message got on: by the vendor's id, by ours, or by both in the order of the settings, until one of them tells
 * something. Ours also finds what became of a send that had no answer.
 */
export async function poll(
  settings: HttpGatewaySettings,
  clients: Clients,
  writing: Writing,
  message: SentMessage,
  context: GatewayContext,
): Promise<GatewayEvent[]> {
  for (const request of settings.poll ?? []) {
    if ((request.channel ?? message.channel) !== message.channel) continue;
    if (request.by === 'vendorId' && message.vendorId === undefined) continue;
    const events = await ask(settings, clients, writing, request, message, context);
    if (events.length > 0) return events;
  }
  return [];
}

async function ask(
  settings: HttpGatewaySettings,
  clients: Clients,
  writing: Writing,
  request: PollSettings,
  message: SentMessage,
  { now, signal }: GatewayContext,
): Promise<GatewayEvent[]> {
  const offset = minutesOf(settings.timeOffset);
  const whole = { ...request, url: clients.resolve(request.url) };
  const call = writeRequest(whole, settings.auth, pollValues(message, now, writing), offset);
  const transported = await clients.call({ ...call, signal });
  if (transported.sent !== 'answered') return [];
  const facts = factsOf(transported.answer, request.response);
  if (!matches(request.success, facts)) return [];
  const items = itemsAt(facts.body, request.items);
  return items
    .filter((item) => isAbout(item, request.map, message, items.length))
    .flatMap((item) => eventsOf(item, request.map, offset))
    .map((event) => ({ ...event, id: message.id }) as GatewayEvent);
}

/** A list can hold other messages, and what names none is only believed when it is the only one. */
function isAbout(item: unknown, map: EventMap, message: SentMessage, of: number): boolean {
  const id = map.id === undefined ? undefined : textAt(item, map.id);
  if (id !== undefined) return id === message.id;
  const vendorId = map.vendorId === undefined ? undefined : textAt(item, map.vendorId);
  if (vendorId !== undefined && message.vendorId !== undefined) return vendorId === message.vendorId;
  return of === 1;
}
