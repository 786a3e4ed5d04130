import type { RejectionClass, SendOutcome } from '../../ports/gateway.ts';
import type { HttpAnswer, Transported } from './client.ts';

/**
 * What became of a send, from what became of its request: no connection is a passing fault, a request without an answer is
 * ambiguous, and so is an answer that `read` cannot make sense of.
 *
 * @param read Interprets an answer; undefined, or an exception, means that it makes no sense.
 */
export function outcomeOf(
  transported: Transported,
  read: (answer: HttpAnswer) => SendOutcome | undefined,
): SendOutcome {
  if (transported.sent === 'never') return rejected('temporary', transported.code);
  if (transported.sent === 'maybe') return { outcome: 'ambiguous', code: transported.code };
  const { answer } = transported;
  try {
    return read(answer) ?? byStatus(answer);
  } catch {
    return { outcome: 'ambiguous', code: 'unreadable' };
  }
}

/**
 * A rejection with the vendor's code made fit for a log (LOG-02).
 *
 * @param code Whatever the vendor calls it; cut to a word.
 */
export function rejected(
  reason: RejectionClass,
  code?: string | number | null,
  retryAfter?: number,
): SendOutcome {
  const word = wordOf(code);
  return {
    outcome: 'rejected',
    class: reason,
    ...(word === '' ? {} : { code: word }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/** At most 60 letters, digits, dots, colons and dashes of what a vendor calls something. */
export const wordOf = (code: string | number | null | undefined): string =>
  String(code ?? '')
    .replace(/[^\w.:-]/g, '')
    .slice(0, 60);

/** Answers of the 4xx that leave open what was taken. */
const OPEN: ReadonlySet<number> = new Set([408, 409, 425]);

/**
 * What HTTP alone says, for answers whose body says nothing: 401 and 403 are about credentials, 429 about pace, 500 and 503
 * pass. A gateway's 502 and 504 come from in between, when what stands behind may have sent (D.2, rule 1). 408 gave up on a
 * request half way, and 409 and 425 are said while an earlier one with the same id is at work.
 */
export function byStatus({ status, headers }: HttpAnswer): SendOutcome {
  const code = `http.${status}`;
  if (status === 429) return rejected('throttled', code, retryAfterOf(headers));
  if (status === 401 || status === 403) return rejected('auth', code);
  if (status === 402) return rejected('quota', code);
  if (status === 500 || status === 503) return rejected('temporary', code, retryAfterOf(headers));
  if (status >= 400 && status < 500 && !OPEN.has(status)) return rejected('permanent', code);
  return { outcome: 'ambiguous', code };
}

/** Retry-After in seconds (RFC 9110, 10.2.3), as milliseconds; dates are left alone. */
export function retryAfterOf(headers: Record<string, string>): number | undefined {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds >= 0 && headers['retry-after'] !== ''
    ? Math.min(seconds, 86_400) * 1000
    : undefined;
}
