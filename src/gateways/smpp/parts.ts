import { toSeptets } from './alphabet.ts';

/** What goes into one submit_sm. */
export interface Part {
  /** 0: default alphabet of the SMSC, which is GSM-7. 8: UCS-2. */
  dataCoding: 0 | 8;
  /** 0x40 where a header stands before the text. */
  esmClass: 0 | 0x40;
  /** The text and its header, at most 254 octets. */
  shortMessage: Buffer;
  /** The whole of a long text, instead of `shortMessage`. */
  payload?: Buffer;
}

/** How texts longer than one SMS go out: in parts with a header each, or whole in a TLV, for the SMSC to cut. */
export type LongText = 'udh' | 'payload';

const SINGLE = { septets: 160, octets: 140 };
/** A part gives 6 octets, or 7 septets, to the header. */
const PARTED = { septets: 153, octets: 134 };
/** The header counts parts in one octet. */
const MOST_PARTS = 255;

/**
 * Encodes a text: GSM-7 where all of it is in the default alphabet, UCS-2 otherwise.
 *
 * @param reference 0 to 255; the same in all parts of a message, another for the next.
 * @returns undefined for a text that does not fit into 255 parts.
 */
export function partsOf(text: string, reference: number, long: LongText = 'udh'): Part[] | undefined {
  const septets = toSeptets(text);
  const dataCoding = septets ? 0 : 8;
  const characters = septets ? septets.map((codes) => Buffer.from(codes)) : ucs2(text);
  const [single, parted] = septets ? [SINGLE.septets, PARTED.septets] : [SINGLE.octets, PARTED.octets];
  const whole = Buffer.concat(characters);
  if (whole.length <= single) return [{ dataCoding, esmClass: 0, shortMessage: whole }];
  if (long === 'payload') {
    return [{ dataCoding, esmClass: 0, shortMessage: Buffer.alloc(0), payload: whole }];
  }
  const pieces = cut(characters, parted);
  if (pieces.length > MOST_PARTS) return undefined;
  return pieces.map((piece, index) => ({
    dataCoding,
    esmClass: 0x40,
    // 3GPP TS 23.040, 9.2.3.24.1: concatenation with an 8-bit reference.
    shortMessage: Buffer.concat([Buffer.from([5, 0, 3, reference, pieces.length, index + 1]), piece]),
  }));
}

/** Big-endian; a character outside of the basic plane keeps its two halves together. */
const ucs2 = (text: string): Buffer[] =>
  [...text].map((character) => Buffer.from(character, 'utf16le').swap16());

function cut(characters: readonly Buffer[], most: number): Buffer[] {
  const pieces: Buffer[][] = [[]];
  let size = 0;
  for (const character of characters) {
    if (size + character.length > most) {
      pieces.push([]);
      size = 0;
    }
    pieces.at(-1)!.push(character);
    size += character.length;
  }
  return pieces.map((piece) => Buffer.concat(piece));
}
