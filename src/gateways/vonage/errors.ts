import type { RejectionClass } from '../../ports/gateway.ts';
import { wordOf } from '../wire/outcome.ts';

/**
 * What the numbers of the Messages API mean, as far as anything follows from it: the same table for refused requests and
 * for messages that did not arrive. Numbers that are not here are judged by the HTTP status. Where they come from:
 * developer.vonage.com/en/api-errors/messages; the class is our judgement.
 */
const CLASSES: Readonly<Record<RejectionClass, readonly number[]>> = {
  throttled: [1000, 1241],
  /** The account's plan, or its limit for the day. */
  quota: [1070, 1460],
  /** The account is barred, or is not one for this API. */
  auth: [1060, 1080],
  temporary: [1030, 1100, 1230, 1331],
  /** No such number, no longer one, or none that takes SMS. */
  number: [1170, 1190, 1300, 1310, 1430],
  'opt-out': [1240],
  /** Lists, filters of the carriers and their rules, fraud protection. */
  blocked: [
    1050, 1160, 1210, 1270, 1280, 1282, 1461, 1470, 1472, 1473, 1474, 1475, 1476, 1480, 1481, 1482, 1483,
    1484, 2001,
  ],
  /** Switched off, out of range, moving between carriers, out of money. */
  unreachable: [1180, 1200, 1220, 1260, 1290],
  /** No route from here, which another gateway may have; or Vonage itself does not know. */
  unknown: [1250, 1251, 1330, 1490],
  permanent: [1010, 1020, 1040, 1090, 1120, 1130, 1140, 1410, 1420, 1440, 1450],
  /** Vonage has no number for it. */
  recycled: [],
};

const BY_CODE = new Map(
  (Object.entries(CLASSES) as [RejectionClass, readonly number[]][]).flatMap(([reason, codes]) =>
    codes.map((code) => [String(code), reason] as const),
  ),
);

/** The time to live ran out: the message did not fail, its code died. */
export const EXPIRED = '1360';

/** The class of one of Vonage's numbers; undefined for one that says nothing to us. */
export const classOf = (code: string | undefined): RejectionClass | undefined =>
  code === undefined ? undefined : BY_CODE.get(code);

/**
 * What Vonage calls an error (RFC 7807): the fragment of its type, such as `1430` or `low-balance`, or its title where that
 * is a number. Its words are left alone: they quote what was sent (LOG-02).
 */
export function codeOf(problem: unknown): string | undefined {
  if (typeof problem !== 'object' || problem === null) return undefined;
  const { type, title } = problem as { type?: unknown; title?: unknown };
  const fragment = typeof type === 'string' ? /#([\w.:-]{1,60})$/.exec(type)?.[1] : undefined;
  const number = /^\d{1,6}$/.test(String(title)) ? String(title) : undefined;
  return number ?? (wordOf(fragment) || undefined);
}
