import { z } from 'zod';
import type { GatewayEvent, ReceiptState, RejectionClass } from '../../ports/gateway.ts';

type Receipt = Extract<GatewayEvent, { type: 'receipt' }>;

const word = z.string().nullish().catch(undefined);
/** As receipts and inquiries have it. Inquiries also hold number and text, which are not read (LOG-02). */
const messageSchema = z.object({
  object: z.literal('message'),
  id: z.string().regex(/^[\w-]{1,100}$/),
  tags: z.array(z.string()).nullish().catch(undefined),
  result: word,
  status: word,
  sent_result: word,
  carrier: word,
  sent_at: word,
  received_at: word,
});
type KaradenMessage = z.output<typeof messageSchema>;

const listSchema = z.object({ object: z.literal('list'), data: z.array(z.unknown()) });

/** The messages of a list; undefined where it is none. */
export function readList(body: unknown): unknown[] | undefined {
  const parsed = listSchema.safeParse(body);
  return parsed.success ? parsed.data.data : undefined;
}

const CARRIERS = new Set(['docomo', 'au', 'softbank', 'rakuten']);

/** What a message tells; nothing where it is no message, or says nothing that we know. */
export function eventsOf(body: unknown): Receipt[] {
  const parsed = messageSchema.safeParse(body);
  if (!parsed.success) return [];
  const message = parsed.data;
  const told = toldBy(message);
  if (!told) return [];
  const id = message.tags?.find((tag) => /^[\w-]{22}$/.test(tag));
  const at = Date.parse((told.state === 'delivered' ? message.received_at : message.sent_at) ?? '');
  return [
    {
      type: 'receipt',
      ...(id === undefined ? {} : { id }),
      vendorId: message.id,
      ...told,
      ...(Number.isNaN(at) ? {} : { at }),
      ...(message.carrier && CARRIERS.has(message.carrier) ? { carrier: message.carrier } : {}),
    },
  ];
}

type Told = { state: ReceiptState; class?: RejectionClass; code?: string };

const BY_SENT_RESULT: Readonly<Record<string, Told>> = {
  received: { state: 'delivered' },
  unconnected: { state: 'undelivered', class: 'unreachable', code: 'unconnected' },
  // Why is not said, no such number or refused by the phone; but it is an end, unlike `unconnected`, so the same text would
  // meet it again by another gateway.
  error: { state: 'undelivered', class: 'permanent', code: 'sent_result.error' },
  unknown: { state: 'unknown' },
};
const BY_STATUS: Readonly<Record<string, Told>> = {
  waiting: { state: 'accepted' },
  done: { state: 'sent' },
  error: { state: 'undelivered', class: 'unknown', code: 'status.error' },
  processing_error: { state: 'undelivered', class: 'unknown', code: 'status.processing_error' },
  // Nobody here cancels: the time that the message had (`limited_at`) ran out, or somebody used the vendor's console.
  canceled: { state: 'expired', code: 'status.canceled' },
};

/** While the vendor is still at it, a phone that is out of range now may yet be reached. */
function toldBy({ result, sent_result: sentResult, status }: KaradenMessage): Told | undefined {
  const settled = result !== 'processing' || sentResult === 'received';
  return (settled ? own(BY_SENT_RESULT, sentResult) : undefined) ?? own(BY_STATUS, status);
}

const own = (table: Readonly<Record<string, Told>>, name: string | null | undefined): Told | undefined =>
  name && Object.hasOwn(table, name) ? table[name] : undefined;
