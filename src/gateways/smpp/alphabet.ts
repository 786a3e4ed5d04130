import { GSM_BASIC, GSM_EXTENSION } from '../../alphabet.ts';

const ESCAPE = 0x1b;

const SEPTETS = new Map<string, readonly number[]>([
  ...GSM_BASIC.map((character, code) => [character, [code]] as const),
  ...Object.entries(GSM_EXTENSION).map(([character, code]) => [character, [ESCAPE, code]] as const),
]);
SEPTETS.delete('\0');

/**
 * A text in the default alphabet, one octet for each septet, as SMSCs take it. Undefined where a character is not in it, such
 * as all of Japanese: the text goes as UCS-2 then.
 *
 * @returns One list for each character, so that no part of a message ends between an escape and what it stands before.
 */
export function toSeptets(text: string): (readonly number[])[] | undefined {
  const characters = [...text].map((character) => SEPTETS.get(character));
  return characters.includes(undefined) ? undefined : (characters as (readonly number[])[]);
}

/** In what a text goes out where all of its characters are in it; in UCS-2 otherwise. */
export type Alphabet = 'gsm7' | 'latin1' | 'ascii' | 'ucs2';

const PRINTABLE = /^[\n\r\x20-\x7e]$/;
const LATIN = /^[\n\r\x20-\x7e\xa0-\xff]$/;

/** A text in one of the alphabets, as `toSeptets` has it. Undefined where it goes as UCS-2. */
export function toOctets(text: string, alphabet: Alphabet): (readonly number[])[] | undefined {
  if (alphabet === 'gsm7') return toSeptets(text);
  if (alphabet === 'ucs2') return undefined;
  const allowed = alphabet === 'ascii' ? PRINTABLE : LATIN;
  const characters = [...text];
  return characters.every((character) => allowed.test(character))
    ? characters.map((character) => [character.codePointAt(0)!])
    : undefined;
}

/** What the octets of a text that came in the default alphabet would be as ASCII: receipts of many SMSCs are that. */
export function asAscii(text: string): string {
  return [...text]
    .flatMap((character) => SEPTETS.get(character) ?? [0x3f])
    .map((code) => String.fromCharCode(code))
    .join('');
}
