import { timingSafeEqual } from 'node:crypto';

/** Compares digests in a time that says nothing about where they differ (OTP-11). */
export function sameDigest(one: string, other: string): boolean {
  const a = Buffer.from(one);
  const b = Buffer.from(other);
  return a.length === b.length && timingSafeEqual(a, b);
}
