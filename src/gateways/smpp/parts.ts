import { type Alphabet, toOctets } from './alphabet.ts';

/** What goes into one submit_sm. */
export interface Part {
  /** Of the alphabet; 8 is UCS-2. */
  dataCoding: number;
  /** 0x40 where a header stands before the text. */
  esmClass: 0 | 0x40;
  /** The text and its header, at most 254 octets. */
  shortMessage: Buffer;
  /** The whole of a long text, instead of `shortMessage`. */
  payload?: Buffer;
}

/** How texts longer than one SMS go out: in parts with a header each, or whole in a TLV, for the SMSC to cut. */
export type LongText = 'udh' | 'payload';

/** How texts are written for one SMSC. */
export interface Writing {
  longText?: LongText;
  alphabet?: Alphabet;
  /** data_coding of the alphabet; the one of SMPP 3.4 (5.2.19) unless said. */
  dataCoding?: number | undefined;
}

const UCS2 = 8;
/** GSM-7 is the usual default alphabet of an SMSC; ASCII is IA5. */
const DATA_CODINGS: Readonly<Record<Alphabet, number>> = { gsm7: 0, ascii: 1, latin1: 3, ucs2: UCS2 };

/** Of GSM-7 each octet stands for a septet; whether an SMSC packs ASCII nobody says, so it has the room of whole octets. */
const SINGLE = { septets: 160, octets: 140 };
/** A part gives 6 octets, or 7 septets, to the header. */
const PARTED = { septets: 153, octets: 134 };
/** The header counts parts in one octet. */
const MOST_PARTS = 255;

/**
 * Encodes a text: in the alphabet of the SMSC where all of it is in that, in UCS-2 otherwise.
 *
 * @param reference 0 to 255; the same in all parts of a message, another for the next.
 * @returns undefined for a text that does not fit into 255 parts.
 */
export function partsOf(
  text: string,
  reference: number,
  { longText: long = 'udh', alphabet = 'gsm7', dataCoding: own }: Writing = {},
): Part[] | undefined {
  const octets = toOctets(text, alphabet);
  const dataCoding = octets ? (own ?? DATA_CODINGS[alphabet]) : UCS2;
  const characters = octets ? octets.map((codes) => Buffer.from(codes)) : ucs2(text);
  const unit = octets && alphabet === 'gsm7' ? 'septets' : 'octets';
  const [single, parted] = [SINGLE[unit], PARTED[unit]];
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
