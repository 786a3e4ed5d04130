import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { GatewayEvent } from '../../ports/gateway.ts';
import { CLASSES } from './failures.ts';

const words = (text: string) => new Set(text.split(' '));
const RECEIPTS = words('accepted sent delivered undelivered expired unknown');
const CALLS = words('ringing answered heard machine completed busy no-answer failed');
const FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  receipt: words('type id vendorId state class code at carrier unproved'),
  call: words('type id vendorId state at unproved'),
  inbound: words('type from keyword at'),
};

/**
 * Fails for anything that is no event of the port. There is none that verifies a code or resets a count, so whatever a
 * webhook holds cannot do that (GWY-04, attack 7).
 */
export function checkEvents(events: readonly GatewayEvent[], now: number): void {
  assert.ok(Array.isArray(events), 'events are a list');
  for (const event of events) checkEvent(event, now);
}

function checkEvent(event: GatewayEvent, now: number): void {
  const fields = Object.entries(event).filter(([, value]) => value !== undefined);
  for (const [field] of fields) {
    assert.ok(
      Object.hasOwn(FIELDS, event.type) && FIELDS[event.type]!.has(field),
      `an event of type ${inspect(event.type)} has no ${field}`,
    );
  }
  if (event.at !== undefined) checkTime(event.at, now);
  if (event.type === 'inbound') {
    assert.equal(typeof event.from, 'string');
    assert.ok(event.keyword === null || event.keyword === 'stop' || event.keyword === 'start');
    return;
  }
  assert.ok((event.type === 'receipt' ? RECEIPTS : CALLS).has(event.state), `state ${inspect(event.state)}`);
  for (const name of [event.id, event.vendorId]) assert.ok(name === undefined || typeof name === 'string');
  if (event.type === 'receipt') checkReceipt(event);
}

function checkReceipt({
  state,
  class: reason,
  code,
  carrier,
}: Extract<GatewayEvent, { type: 'receipt' }>): void {
  if (reason !== undefined) {
    assert.ok(CLASSES.has(reason), `class ${inspect(reason)}`);
    assert.ok(state === 'undelivered' || state === 'expired', `${inspect(state)} has no class`);
  }
  if (code !== undefined) assert.match(code, /^[\w.:-]{1,60}$/, 'a code is a word (LOG-02)');
  if (carrier !== undefined) assert.match(carrier, /^[a-z0-9-]{2,24}$/);
}

/** Vendors' clocks are off, and some know only the minute; but seconds for milliseconds would be 1970. */
function checkTime(at: number, now: number): void {
  assert.ok(
    Number.isFinite(at) && Math.abs(now - at) < 3 * 86_400_000,
    `at ${inspect(at)}, while it is ${now}`,
  );
}
