import { type CountryCode, getCountryCallingCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** How a vendor wants numbers: `+819012345678`, `819012345678`, or `09012345678` as one dials within the country. */
export type NumberForm = 'e164' | 'e164-no-plus' | 'national';

/**
 * Writes a number the way a vendor wants it.
 *
 * @param country ISO 3166 code; the only one that a national number may belong to. Written nationally, the number of another
 *   country is the number of a stranger in this one.
 * @returns undefined where a national number cannot mean what `e164` means.
 */
export function writeNumber(e164: string, form: NumberForm, country: string | undefined): string | undefined {
  if (form === 'e164') return e164;
  if (form === 'e164-no-plus') return e164.slice(1);
  const prefix = country === undefined ? undefined : `+${getCountryCallingCode(country as CountryCode)}`;
  if (prefix === undefined || !e164.startsWith(prefix)) return undefined;
  const number = parsePhoneNumberFromString(e164);
  if (!number?.isPossible() || (number.country !== undefined && number.country !== country)) return undefined;
  return number.formatNational().replace(/\D/g, '');
}
