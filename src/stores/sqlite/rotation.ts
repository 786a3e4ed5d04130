import { equalText } from '../../equal-text.ts';
import { isFromFuture } from '../../ports/clock.ts';
import type { RotateOutcome, RotateRequest, RotatingRecord } from '../../ports/store.ts';

interface Rotation {
  outcome: RotateOutcome;
  /** What to write, where the secret was swapped. */
  next?: RotatingRecord;
}

/**
 * What becomes of a trusted browser that shows a secret (SES-06, lesson 15).
 *
 * Any secret that is neither the current one nor the previous one in its grace counts as replayed, not only the one
 * before: the key holds the id of the device, which only a browser that once had the cookie knows, and a copy stolen
 * three visits ago has to be noticed as well.
 */
export function decideRotation(record: RotatingRecord | undefined, request: RotateRequest): Rotation {
  const { now, presented, next, grace } = request;
  if (!record || record.expiresAt <= now) return { outcome: { result: 'unknown' } };

  const { data, secret, previous, rotatedAt } = record;
  if (equalText(presented, secret)) {
    const expiresAt = request.expiresAt ?? record.expiresAt;
    const swapped = { ...record, secret: next, previous: secret, rotatedAt: now, expiresAt };
    return { outcome: { result: 'rotated', data, expiresAt }, next: swapped };
  }
  const { expiresAt } = record;
  const inTime = now < rotatedAt + grace && !isFromFuture(rotatedAt, now);
  const inGrace = previous !== null && equalText(presented, previous) && inTime;
  return { outcome: inGrace ? { result: 'grace', data, expiresAt } : { result: 'replayed', data } };
}
