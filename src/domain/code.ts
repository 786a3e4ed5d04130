import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { SekishoError } from '../errors.ts';
import { typedText } from '../typed-text.ts';

/** What a code is made from. The same input gives the same code, in every process, for ever. */
export interface CodeSeed {
  challengeId: string;
  /** Counts from 1; a rotated code has the next one (OTP-09). */
  generation: number;
  /** Everything the code is bound to (OTP-07): interaction, account, client, purpose, number. */
  binding: string;
}

const CHUNK_BYTES = 6;
const CHUNK_RANGE = 2 ** (8 * CHUNK_BYTES);

/**
 * Derives the code of a challenge with HMAC-SHA-256; it is stored nowhere (OTP-10).
 *
 * Every code is equally likely (OTP-01): 48-bit pieces that would favour small codes are thrown away, and in the
 * practically impossible case that all are, the next block of the HMAC is taken.
 *
 * @param length Digits, 4 to 10; leading zeros are kept.
 */
export function deriveCode(otpKey: KeyObject, seed: CodeSeed, length: number): string {
  const codes = 10 ** length;
  const usable = Math.floor(CHUNK_RANGE / codes) * codes;
  for (let block = 0; ; block += 1) {
    const bytes = createHmac('sha256', otpKey)
      .update(JSON.stringify(['code', seed.challengeId, seed.generation, seed.binding, block]))
      .digest();
    for (let at = 0; at + CHUNK_BYTES <= bytes.length; at += CHUNK_BYTES) {
      const number = bytes.readUIntBE(at, CHUNK_BYTES);
      if (number < usable) return String(number % codes).padStart(length, '0');
    }
  }
}

const blindingKey = createSecretKey(randomBytes(32));

/** A digest that is equal only for equal codes and says nothing about how many digits agree (OTP-11). */
export function blind(code: string): string {
  return createHmac('sha256', blindingKey).update(code).digest('base64url');
}

/** Why an entry is not a code at all; each has a text of its own (A11-13). */
export type Malformation = 'empty' | 'not_digits' | 'too_short' | 'too_long';

/** An entry that cannot be a code. It costs no try (OTP-16). */
export class MalformedCode extends SekishoError {
  readonly malformation: Malformation;
  constructor(malformation: Malformation) {
    super('code_malformed', `The entry is not a code: ${malformation}`);
    this.malformation = malformation;
  }
}

/**
 * Reads what a person typed or pasted: full-width digits, blanks, hyphens and what nobody sees are fine, anything else is not (OTP-16).
 *
 * @throws MalformedCode
 */
export function readCode(entry: string, length: number): string {
  if (entry.length > 64) throw new MalformedCode('too_long');
  const code = typedText(entry).replace(/[\s\-‐‑–—−ー]/g, '');
  if (code === '') throw new MalformedCode('empty');
  if (!/^[0-9]+$/.test(code)) throw new MalformedCode('not_digits');
  if (code.length !== length) throw new MalformedCode(code.length < length ? 'too_short' : 'too_long');
  return code;
}
