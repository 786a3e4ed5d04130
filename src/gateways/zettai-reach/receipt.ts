import { z } from 'zod';
import type { GatewayEvent, RejectionClass } from '../../ports/gateway.ts';
import { readResponse } from './response.ts';

type Receipt = Extract<GatewayEvent, { type: 'receipt' }>;

/** The specification says texts here and numbers there. */
const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? '' : String(value)))
  .catch('');
/** What receipts and inquiries have in common; number and text stand beside it, and are not read (LOG-02). */
const entrySchema = z.object({
  type: text,
  dateTime: text,
  carrierId: text,
  clientTag: text,
  statusId: text,
  detailedStatusId: text,
});
type Entry = z.output<typeof entrySchema>;

const pushSchema = z.object({ eventNotifications: z.array(z.unknown()) });
const inquirySchema = z.object({ status: z.array(z.unknown()) });

/** "Unknown" (0) may be what a message is before it is anything else; after a minute it is believed. */
const MINUTE = 60_000;

/** Receipts of a batch. They are not signed, so they are unproved (GWY-03). */
export function readPush(json: string): GatewayEvent[] {
  const parsed = pushSchema.safeParse(parse(json));
  if (!parsed.success) return [];
  return entriesOf(parsed.data.eventNotifications)
    .filter(({ type }) => type === 'DLR')
    .flatMap((entry) => eventOf(entry))
    .map((event) => ({ ...event, unproved: true }));
}

/**
 * The answer to an inquiry about one message.
 *
 * @param age Milliseconds since it was sent.
 */
export function readStatus(body: unknown, id: string, age: number): GatewayEvent[] {
  const parsed = inquirySchema.safeParse(body);
  if (readResponse(body)?.code !== 0 || !parsed.success) return [];
  return entriesOf(parsed.data.status)
    .filter(({ clientTag, statusId }) => clientTag === id && (statusId !== '0' || age > MINUTE))
    .flatMap((entry) => eventOf(entry));
}

const parse = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

const entriesOf = (entries: readonly unknown[]): Entry[] =>
  entries.flatMap((one) => {
    const parsed = entrySchema.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });

const STATES = { '0': 'unknown', '1': 'sent', '2': 'delivered', '3': 'undelivered' } as const;

function eventOf(entry: Entry): Receipt[] {
  const { clientTag, statusId, detailedStatusId: detail } = entry;
  if (!Object.hasOwn(STATES, statusId) || !/^[\w-]{22}$/.test(clientTag)) return [];
  const state = STATES[statusId as keyof typeof STATES];
  const at = timeOf(entry.dateTime);
  // Carrier and detail mean nothing before the end, says the specification.
  const carrier = state === 'delivered' || state === 'undelivered' ? carrierOf(entry) : undefined;
  return [
    {
      type: 'receipt',
      id: clientTag,
      state,
      ...(state === 'undelivered'
        ? { class: classOf(detail), code: /^\d{5}$/.test(detail) ? detail : 'status.3' }
        : {}),
      ...(at === undefined ? {} : { at }),
      ...(carrier === undefined ? {} : { carrier }),
    },
  ];
}

/**
 * Last three digits of `detailedStatusId`: why. The vendor adds and changes them without notice, so that one we do not know
 * leaves what `statusId` says.
 */
const REASONS: Readonly<Record<string, RejectionClass>> = {
  '721': 'temporary', // congestion
  '732': 'number', // no such number, or no longer served
  '821': 'temporary', // congestion
  '823': 'unreachable', // the network, out of range and switched off included
  '824': 'unreachable', // out of range, switched off
  '833': 'unreachable', // out of range, busy, switched off
  '834': 'blocked', // the phone, such as one that refuses SMS
};

const classOf = (detail: string): RejectionClass =>
  (/^\d{5}$/.test(detail) ? REASONS[detail.slice(2)] : undefined) ?? 'unknown';

const CARRIERS: Readonly<Record<string, string>> = {
  '101': 'au',
  '103': 'docomo',
  '105': 'softbank',
  '106': 'rakuten',
};
/** First two digits of `detailedStatusId`. */
const MODULES: Readonly<Record<string, string>> = {
  ...{ '11': 'au', '12': 'au', '13': 'au', '14': 'au' },
  ...{ '31': 'docomo', '32': 'docomo' },
  ...{ '51': 'softbank', '52': 'softbank' },
  ...{ '61': 'rakuten', '62': 'rakuten' },
};

const carrierOf = ({ carrierId, detailedStatusId }: Entry): string | undefined =>
  (/^\d{3}$/.test(carrierId) ? CARRIERS[carrierId] : undefined) ??
  (/^\d{5}$/.test(detailedStatusId) ? MODULES[detailedStatusId.slice(0, 2)] : undefined);

/** `2023/01/01 12:30:00` in receipts, `20230101 123030123` in inquiries; the time of Japan is taken for granted. */
function timeOf(dateTime: string): number | undefined {
  const [year, month, day, time] =
    /^(\d{4})\/?(\d\d)\/?(\d\d) (\d\d:?\d\d:?\d\d)/.exec(dateTime)?.slice(1) ?? [];
  if (!time) return undefined;
  const clock = time.replaceAll(':', '').replace(/(\d\d)(\d\d)(\d\d)/, '$1:$2:$3');
  const at = Date.parse(`${year}-${month}-${day}T${clock}+09:00`);
  return Number.isNaN(at) ? undefined : at;
}
