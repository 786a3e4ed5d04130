import { asAscii } from '../../gateways/smpp/alphabet.ts';
import type { Pdu } from '../../gateways/smpp/library.ts';
import type { SmscSettings } from '../smpp.ts';

/** A message as the phone will show it. */
export interface Whole {
  /** Of the part that made it whole. */
  id: string;
  text: string;
  /** Ids of the parts that asked for a receipt. */
  receiptIds: string[];
}

interface Piece {
  id: string;
  text: string;
  wantsReceipt: boolean;
}

/** Puts parts together by their headers (3GPP TS 23.040, 9.2.3.24.1). */
export function createAssembly(alphabet: SmscSettings['alphabet'] = 'gsm7'): {
  add(pdu: Pdu, id: string): Whole | undefined;
} {
  const open = new Map<string, Map<number, Piece>>();
  return {
    add(pdu, id) {
      const { text, udh } = contentOf(pdu, alphabet);
      const piece: Piece = { id, text, wantsReceipt: (Number(pdu['registered_delivery']) & 3) === 1 };
      const place = placeOf(udh);
      if (!place) return wholeOf([piece], id);
      const key = `${pdu['source_addr']} ${pdu['destination_addr']} ${place.reference} ${place.of}`;
      const pieces = open.get(key) ?? new Map<number, Piece>();
      open.set(key, pieces.set(place.number, piece));
      if (pieces.size < place.of) return undefined;
      open.delete(key);
      return wholeOf(
        [...pieces].sort(([one], [other]) => one - other).map(([, part]) => part),
        id,
      );
    },
  };
}

const wholeOf = (pieces: readonly Piece[], id: string): Whole => ({
  id,
  text: pieces.map(({ text }) => text).join(''),
  receiptIds: pieces.filter(({ wantsReceipt }) => wantsReceipt).map((piece) => piece.id),
});

/** The library has decoded the text by its data_coding, and split the header into its elements. */
function contentOf(pdu: Pdu, alphabet: SmscSettings['alphabet']): { text: string; udh: readonly Buffer[] } {
  const short = pdu['short_message'] as Content;
  const payload = pdu['message_payload'] as Content;
  const text = textOf(short) || textOf(payload);
  const coding = Number(pdu['data_coding']);
  // The library reads IA5, and what is the default alphabet here, as GSM-7.
  const isAscii = coding === IA5 || (coding === 0 && alphabet === 'ascii');
  return { text: isAscii ? asAscii(text) : text, udh: short?.udh ?? [] };
}

const IA5 = 1;

type Content = { message?: string | Buffer; udh?: readonly Buffer[] } | undefined;
const textOf = (content: Content): string =>
  Buffer.isBuffer(content?.message) ? content.message.toString('latin1') : (content?.message ?? '');

function placeOf(udh: readonly Buffer[]): { reference: number; of: number; number: number } | undefined {
  for (const element of udh) {
    const [kind, , ...values] = element;
    if (kind === 0x00 && values.length === 3) {
      return { reference: values[0]!, of: values[1]!, number: values[2]! };
    }
    if (kind === 0x08 && values.length === 4) {
      return { reference: values[0]! * 256 + values[1]!, of: values[2]!, number: values[3]! };
    }
  }
  return undefined;
}
