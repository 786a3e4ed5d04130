import { z } from 'zod';
import type { CallState, GatewayEvent, ReceiptState, RejectionClass } from '../../ports/gateway.ts';
import { keywordOf } from '../wire/keywords.ts';
import { wordOf } from '../wire/outcome.ts';

/**
 * What a configuration set publishes about a message (AWS End User Messaging SMS User Guide, "Example event data"), and what
 * two-way SMS publishes about a text from a phone.
 */
const status = z.object({
  eventType: z.string(),
  eventTimestamp: z.number().optional(),
  isFinal: z.boolean().optional(),
  messageId: z.string().min(1).max(100).optional(),
  mcc: z
    .string()
    .regex(/^\d{3}$/)
    .optional()
    .catch(undefined),
  mnc: z
    .string()
    .regex(/^\d{2,3}$/)
    .optional()
    .catch(undefined),
  context: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
const inbound = z.object({ originationNumber: z.string().max(20), messageBody: z.string().max(2000) });

/** Reads the `Message` of a notification; nothing where it is about something else. */
export function readEvents(message: string): GatewayEvent[] {
  const told = parse(message);
  const text = inbound.safeParse(told);
  if (text.success) {
    return [
      { type: 'inbound', from: text.data.originationNumber, keyword: keywordOf(text.data.messageBody) },
    ];
  }
  const parsed = status.safeParse(told);
  if (!parsed.success) return [];
  const named = namesOf(parsed.data);
  return named === undefined ? [] : eventOf(parsed.data, named);
}

type Status = z.output<typeof status>;
type Names = { id?: string; vendorId?: string; at?: number };

/** Our own id travels in the context that `SendTextMessage` was given. */
function namesOf({ context, messageId, eventTimestamp }: Status): Names | undefined {
  const own = context && Object.hasOwn(context, 'id') ? context['id'] : undefined;
  const id = typeof own === 'string' && /^[\w-]{22}$/.test(own) ? own : undefined;
  if (id === undefined && messageId === undefined) return undefined;
  return {
    ...(id === undefined ? {} : { id }),
    ...(messageId === undefined ? {} : { vendorId: messageId }),
    ...(eventTimestamp === undefined ? {} : { at: eventTimestamp }),
  };
}

function eventOf({ eventType, isFinal, mcc, mnc }: Status, names: Names): GatewayEvent[] {
  const call = CALLS.get(eventType);
  if (call !== undefined) return [{ type: 'call', state: call, ...names }];
  const receipt = RECEIPTS.get(eventType);
  if (receipt === undefined) return [];
  const [state, reason] = receipt;
  return [
    {
      type: 'receipt',
      // Where a country has no receipts of phones, the carrier's yes is all that ever comes, and it is final.
      state: eventType === 'TEXT_SUCCESSFUL' && isFinal !== true ? 'sent' : state,
      ...(reason === undefined ? {} : { class: reason }),
      code: wordOf(eventType),
      ...(mcc && mnc ? { carrier: mcc + mnc } : {}),
      ...names,
    },
  ];
}

const RECEIPTS = new Map<string, readonly [ReceiptState, RejectionClass?]>(
  Object.entries({
    TEXT_QUEUED: ['accepted'],
    TEXT_PENDING: ['accepted'],
    TEXT_SENT: ['sent'],
    TEXT_SUCCESSFUL: ['delivered'],
    TEXT_DELIVERED: ['delivered'],
    TEXT_BLOCKED: ['undelivered', 'blocked'],
    TEXT_CARRIER_BLOCKED: ['undelivered', 'blocked'],
    TEXT_SPAM: ['undelivered', 'blocked'],
    TEXT_PROTECT_BLOCKED: ['undelivered', 'blocked'],
    TEXT_UNREACHABLE: ['undelivered', 'unreachable'],
    TEXT_CARRIER_UNREACHABLE: ['undelivered', 'temporary'],
    TEXT_INVALID: ['undelivered', 'number'],
    TEXT_INVALID_MESSAGE: ['undelivered', 'permanent'],
    TEXT_TTL_EXPIRED: ['expired'],
    TEXT_UNKNOWN: ['unknown'],
  }),
);

/** `VOICE_INITIATED` says nothing that the answer to the request did not say. */
const CALLS = new Map<string, CallState>(
  Object.entries({
    VOICE_RINGING: 'ringing',
    VOICE_ANSWERED: 'answered',
    VOICE_COMPLETED: 'completed',
    VOICE_BUSY: 'busy',
    VOICE_NO_ANSWER: 'no-answer',
    VOICE_FAILED: 'failed',
    VOICE_TTL_EXPIRED: 'failed',
  }),
);

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
