import { z } from 'zod';
import type { GatewayEvent } from '../../ports/gateway.ts';
import { isTimeFormat, readTime } from './dates.ts';
import { pathSchema, pathsSchema, textAt } from './path.ts';
import { matches, predicateSchema } from './predicate.ts';
import { safeWord } from './word.ts';

/** Why something failed, as `RejectionClass` has it. */
export const classSchema = z.enum([
  ...(['temporary', 'throttled', 'quota', 'auth', 'unknown', 'number'] as const),
  ...(['recycled', 'opt-out', 'blocked', 'unreachable', 'permanent'] as const),
]);
const callState = z.enum([
  ...(['ringing', 'answered', 'heard', 'machine', 'completed', 'busy', 'no-answer', 'failed'] as const),
]);

const rule = z
  .strictObject({
    when: predicateSchema,
    state: z.enum(['accepted', 'sent', 'delivered', 'undelivered', 'expired', 'unknown']).optional(),
    class: classSchema.optional(),
    call: z.union([callState, z.array(callState).min(1)]).optional(),
  })
  .refine(({ state, call }) => (state === undefined) !== (call === undefined), {
    error: 'must hold either state, for a message, or call, for a call',
  })
  .refine(({ state, class: reason }) => reason === undefined || state === 'undelivered', {
    error: 'may hold a class only beside the state undelivered',
    path: ['class'],
  });

/** How news of a vendor are read, from a webhook or a poll. */
export const mapSchema = z.strictObject({
  id: pathsSchema.optional().describe('Our reference'),
  vendorId: pathsSchema.optional().describe("The vendor's own id"),
  code: pathsSchema.optional().describe('The code for why it failed'),
  carrier: z
    .strictObject({ path: pathSchema, names: z.record(z.string(), z.string().regex(/^[a-z0-9-]{1,20}$/)) })
    .optional()
    .describe('The network, and our names for its codes'),
  at: z
    .strictObject({
      path: pathsSchema,
      format: z.string().refine(isTimeFormat, {
        error: 'must be iso, unix, unix-ms, or a pattern such as yyyy/MM/dd HH:mm:ss',
      }),
    })
    .optional()
    .describe('When it happened'),
  rules: z.array(rule).min(1).describe('The first one that holds says what happened'),
});
export type EventMap = z.output<typeof mapSchema>;

/** Random, of ours, and nothing else (`OutboundMessage.id`). */
const OUR_ID = /^[A-Za-z0-9_-]{22}$/;
/** Fit for an address and a log. */
const VENDOR_ID = /^[\x21-\x7e]{1,200}$/;

/** The vendor's own id of a message; undefined where there is none, or where it is nothing to rely on. */
export function vendorIdAt(
  value: unknown,
  paths: string | readonly string[] | undefined,
): string | undefined {
  const found = paths === undefined ? undefined : textAt(value, paths);
  return found !== undefined && VENDOR_ID.test(found) ? found : undefined;
}

/**
 * What an item of a webhook or of a poll tells. Nothing where no rule holds, and nothing where it names a message that
 * cannot be ours: guessing would tell of another person's message.
 */
export function eventsOf(item: unknown, map: EventMap, offset: number): GatewayEvent[] {
  const said = map.rules.find(({ when }) => matches(when, { body: item }));
  const id = map.id === undefined ? undefined : textAt(item, map.id);
  if (!said || (id !== undefined && !OUR_ID.test(id))) return [];
  const vendorId = vendorIdAt(item, map.vendorId);
  const at = timeAt(item, map, offset);
  const known = {
    ...(id === undefined ? {} : { id }),
    ...(vendorId === undefined ? {} : { vendorId }),
    ...(at === undefined ? {} : { at }),
  };
  if (said.call) return [said.call].flat().map((state) => ({ type: 'call', state, ...known }));
  return [{ type: 'receipt', state: said.state!, ...detailsOf(item, map, said), ...known }];
}

function detailsOf(
  item: unknown,
  { code, carrier }: EventMap,
  { state, class: reason }: EventMap['rules'][number],
) {
  const failed = state === 'undelivered' || state === 'expired';
  const word = failed && code !== undefined ? safeWord(textAt(item, code)) : '';
  const network = carrier && textAt(item, carrier.path);
  const known = network !== undefined && Object.hasOwn(carrier!.names, network);
  return {
    ...(reason === undefined ? {} : { class: reason }),
    ...(word === '' ? {} : { code: word }),
    ...(known ? { carrier: carrier!.names[network] } : {}),
  };
}

function timeAt(item: unknown, { at }: EventMap, offset: number): number | undefined {
  const text = at && textAt(item, at.path);
  return text === undefined ? undefined : readTime(text, at!.format, offset);
}
