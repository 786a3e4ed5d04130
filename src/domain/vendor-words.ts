import type { GatewayEvent, Link, RejectionClass, SendOutcome } from '../ports/gateway.ts';

const CLASSES: ReadonlySet<unknown> = new Set<RejectionClass>([
  ...(['temporary', 'throttled', 'quota', 'auth', 'unknown'] as const),
  ...(['number', 'recycled', 'opt-out', 'blocked', 'unreachable', 'permanent'] as const),
]);
const RECEIPTS: ReadonlySet<unknown> = new Set([
  ...['accepted', 'sent', 'delivered', 'undelivered', 'expired', 'unknown'],
]);
const CALLS: ReadonlySet<unknown> = new Set([
  ...['ringing', 'answered', 'heard', 'machine', 'completed', 'busy', 'no-answer', 'failed'],
]);

/**
 * What a gateway answered, as the port has it. Gateways of others may answer anything: what makes no sense may have left,
 * and a code that could quote a number or a text is not passed on (LOG-02).
 *
 * @param digits The code that was sent.
 */
export function readOutcome(value: unknown, digits = NO_CODE): SendOutcome {
  const { outcome, vendorId, class: reason, code, retryAfter } = (value ?? {}) as Record<string, unknown>;
  const said = codeOf(code, digits);
  if (outcome === 'accepted') return { outcome, ...(isName(vendorId) ? { vendorId } : {}) };
  if (outcome === 'rejected') return { outcome, class: classOf(reason), ...said, ...pauseOf(retryAfter) };
  return { outcome: 'ambiguous', ...(outcome === 'ambiguous' ? said : { code: 'no-outcome' }) };
}

/** Whether this is an event as the port has them: what a gateway made of a vendor's words may be anything (GWY-04). */
export function isEvent(value: unknown): value is GatewayEvent {
  if (typeof value !== 'object' || value === null) return false;
  const { type, state, from, id, vendorId } = value as Record<string, unknown>;
  if (![id, vendorId].every((name) => name === undefined || isName(name))) return false;
  if (type === 'inbound') return typeof from === 'string';
  return (type === 'receipt' && RECEIPTS.has(state)) || (type === 'call' && CALLS.has(state));
}

/** How a gateway says its connection stands; undefined where that makes no sense. */
export function readLink(value: unknown): Link | undefined {
  const { state, code } = (value ?? {}) as Record<string, unknown>;
  if (state !== 'up' && state !== 'lost' && state !== 'refused') return undefined;
  return { state, ...codeOf(code, NO_CODE) };
}

/** A class we know; anything else is `unknown`. */
export const classOf = (reason: unknown): RejectionClass =>
  CLASSES.has(reason) ? (reason as RejectionClass) : 'unknown';

/** A code that nobody has. */
const NO_CODE = '-';

/** Neither the code of the message nor so many digits that they could be a number, however they are set apart. */
function codeOf(code: unknown, digits: string): { code?: string } {
  if (typeof code !== 'string' || !/^[\w.:-]{1,60}$/.test(code)) return {};
  const bare = code.replace(/[.:_-]/g, '');
  return bare.includes(digits) || /\d{7}/.test(bare) ? {} : { code };
}

/**
 * The vendor's id of a message as events may have it; undefined where it could quote the number or the code, or is none.
 *
 * @param digits The code; where nobody knows it any more, what is as long as a code is left out.
 */
export function nameToTell(vendorId: string | undefined, e164: string, digits?: string): string | undefined {
  if (vendorId === undefined || !/^[\w.:+/=@-]{1,100}$/.test(vendorId)) return undefined;
  const bare = vendorId.replace(/\W|_/g, '');
  const code = digits === undefined ? /^\d{1,10}$/.test(bare) : bare.includes(digits);
  return code || bare.includes(e164.slice(-6)) ? undefined : vendorId;
}

const pauseOf = (retryAfter: unknown): { retryAfter?: number } =>
  typeof retryAfter === 'number' && retryAfter > 0 ? { retryAfter } : {};

/** An id that may lie in the store. */
const isName = (name: unknown): name is string =>
  typeof name === 'string' && name.length > 0 && name.length <= 200;
