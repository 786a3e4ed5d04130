/**
 * The default alphabet of GSM (3GPP TS 23.038, 6.2.1): place in the text is the code. The escape (0x1b) is left out by a
 * sign that no text may hold.
 */
export const GSM_BASIC: readonly string[] = [
  ...'@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\0ÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
];
/** Each after an escape (6.2.1.1), with its code. */
export const GSM_EXTENSION: Readonly<Record<string, number>> = {
  '\f': 0x0a,
  '^': 0x14,
  '{': 0x28,
  '}': 0x29,
  '\\': 0x2f,
  '[': 0x3c,
  '~': 0x3d,
  ']': 0x3e,
  '|': 0x40,
  '€': 0x65,
};
/** Whether a character of the basic table is one that a text can hold. */
const basic = new Set(GSM_BASIC.filter((character) => character !== '\0'));

/** Septets that a character takes in the GSM alphabet; undefined where it is not in it, so that a text goes as UCS-2. */
export function septetsOf(character: string): 1 | 2 | undefined {
  if (basic.has(character)) return 1;
  return Object.hasOwn(GSM_EXTENSION, character) ? 2 : undefined;
}

/** Whether a text goes over the air in 7 bits a character. */
export const isGsm7 = (text: string): boolean =>
  [...text].every((character) => septetsOf(character) !== undefined);
