import { randomBytes } from 'node:crypto';
import type { RotatingRecord } from '../ports/store.ts';
import { digest } from './keys.ts';

/** A form sent twice shows the same secret twice; for this long the older one still counts. Milliseconds. */
export const REPEAT_GRACE_MS = 30_000;

/** 128 random bits, for a cookie. */
export const randomSecret = (): string => randomBytes(16).toString('base64url');

/** What is stored of a secret. */
export const secretDigest = (secret: string): string => digest(`trust ${secret}`);

/** A cookie of two secrets: one names the record, one changes at each use. Only digests are looked for and stored. */
export function readRotating(cookie: string): { name: string; id: string; secret: string } | undefined {
  const match = /^([\w-]{22})\.([\w-]{22})$/.exec(cookie);
  return match ? { name: match[1]!, id: digest(match[1]!), secret: secretDigest(match[2]!) } : undefined;
}

export const isRotating = (record: unknown): record is RotatingRecord =>
  typeof record === 'object' && record !== null && 'secret' in record;
