import type { RejectionClass } from '../../ports/gateway.ts';

/**
 * What Twilio's numbers mean, as far as anything follows from it: the same table for refused requests and for messages that
 * did not arrive. Twilio advises against logic on its numbers, which change, so those that are not here are judged by the
 * HTTP status. Where they come from: twilio.com/docs/api/errors; the class is our judgement.
 */
const CLASSES: Readonly<Record<RejectionClass, readonly number[]>> = {
  /** Concurrency, message rate, full queues, the carriers' limits in the USA. */
  throttled: [20429, 10004, 14107, 21611, 30001, 30022],
  /** Suspended, mostly for want of funds, and the limit for the day. */
  quota: [30002, 63038],
  auth: [20003, 20005, 20008, 10001],
  /** Internal errors, a segment that was lost, a congested carrier. */
  temporary: [20500, 30009, 30017],
  /** Not a phone, not a mobile phone, or no longer one. */
  number: [21211, 21214, 21217, 21614, 30005, 30006],
  'opt-out': [21610],
  /** Filters, regions that the account may not reach (SMS and voice), and fraud protection. */
  blocked: [21216, 21408, 21215, 30004, 30007, 30450],
  unreachable: [30003],
  /** This sender does not reach that number; the sender of another gateway may. Or Twilio itself does not know. */
  unknown: [21612, 30008],
  permanent: [21608, 30010, 30029, 30030, 30034],
  /** Twilio has no number for it. */
  recycled: [],
};

const BY_CODE = new Map(
  (Object.entries(CLASSES) as [RejectionClass, readonly number[]][]).flatMap(([reason, codes]) =>
    codes.map((code) => [code, reason] as const),
  ),
);

/** The validity period ran out before the message left Twilio: it did not fail, its code died. */
export const EXPIRED = 30036;

/** The class of one of Twilio's numbers; undefined for one that says nothing to us. */
export const classOf = (code: number | undefined): RejectionClass | undefined =>
  code === undefined ? undefined : BY_CODE.get(code);

/** Twilio writes its numbers as text in webhooks and as numbers in answers. */
export function codeOf(value: unknown): number | undefined {
  const code = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof code === 'number' && Number.isSafeInteger(code) && code > 0 ? code : undefined;
}
