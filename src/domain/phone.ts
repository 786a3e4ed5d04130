import { type CountryCode, type NumberType, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { SekishoError } from '../errors.ts';
import type { Channel } from '../ports/store.ts';
import { typedText } from '../typed-text.ts';

/** A number that may be sent to. */
export interface Phone {
  /** E.164, such as +819012345678. */
  e164: string;
  country: string;
  type: NumberKind;
  /** How it can be reached; a fixed line only by voice. Never empty. */
  channels: readonly Channel[];
}

/** Kinds of numbers a person can own, as routes name them. */
export type NumberKind = 'mobile' | 'fixed' | 'voip';

const DASHES = /[‐‑‒–—―−ーｰ－]/g;
/** After normalisation nothing but these may be left, so no extension, service code or second number (attack 13). */
const PLAUSIBLE = /^\+?[0-9 ().\-/]{5,30}$/;

/** Number types that a person can own. Anything else costs money or reaches a machine (THR-04). */
const REACHABLE: Partial<Record<NonNullable<NumberType>, NumberKind>> = {
  MOBILE: 'mobile',
  FIXED_LINE_OR_MOBILE: 'mobile',
  FIXED_LINE: 'fixed',
  VOIP: 'voip',
};
/** What carries a code to a number of each kind. */
export const CHANNELS: Readonly<Record<NumberKind, readonly Channel[]>> = {
  mobile: ['sms', 'voice'],
  fixed: ['voice'],
  voip: ['voice'],
};

/**
 * Reads a number in any usual spelling: 090-1234-5678, +81 90 1234 5678, ０９０（１２３４）５６７８.
 *
 * @param countries ISO 3166 codes that may be sent to; the first one is meant when the number names no country.
 * @throws SekishoError `number_invalid`, or `number_not_allowed` for other countries and for types nobody owns.
 */
export function readPhone(entry: string, countries: readonly string[]): Phone {
  const text = entry.length > 64 ? '' : typedText(entry).replace(DASHES, '-');
  if (!PLAUSIBLE.test(text)) throw new SekishoError('number_invalid', 'The entry is not a telephone number');
  const parsed = parsePhoneNumberFromString(text, {
    defaultCountry: countries[0] as CountryCode,
    extract: false,
  });
  if (!parsed?.isValid() || parsed.ext || !parsed.country) {
    throw new SekishoError('number_invalid', 'No such telephone number exists');
  }
  const known = parsed.getType();
  const type = known && REACHABLE[known];
  if (!countries.includes(parsed.country) || !type) {
    throw new SekishoError(
      'number_not_allowed',
      `Numbers of ${parsed.country} and type ${known} are not sent to`,
    );
  }
  return { e164: parsed.number, country: parsed.country, type, channels: CHANNELS[type] };
}

/** A number as people write it: 090-1234-5678 at home, +44 7400 123456 for any other country. */
export function readable(e164: string, home: string | undefined): string {
  const number = parsePhoneNumberFromString(e164);
  if (!number) return e164;
  return number.country === home ? number.formatNational() : number.formatInternational();
}

/** The only form in which a number is shown or logged: its last two digits (PRV-03). */
export function maskPhone(e164: string): string {
  return `${'•'.repeat(8)}${e164.slice(-2)}`;
}
