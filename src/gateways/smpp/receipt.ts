import type { ReceiptState, RejectionClass } from '../../ports/gateway.ts';
import { keywordOf } from '../wire/keywords.ts';
import { wordOf } from '../wire/outcome.ts';
import { type NationalNumbers, numberFrom } from './address.ts';
import { asAscii } from './alphabet.ts';
import type { Pdu } from './library.ts';
import { classOfError } from './status.ts';

/** What a deliver_sm or data_sm brings; `nothing` for what it could not be made out to be. */
export type Delivered =
  | { kind: 'receipt'; receipt: SmppReceipt }
  | { kind: 'inbound'; from: string; keyword: 'stop' | 'start' | null }
  | { kind: 'nothing' };

export interface SmppReceipt {
  /** As the SMSC writes it here. */
  receiptId: string;
  state: ReceiptState;
  class?: RejectionClass;
  code?: string;
  /** Both addresses, because some SMSCs swap them. */
  numbers: readonly string[];
}

/** Bits of esm_class that say what a message is (SMPP 3.4, 5.2.12). */
const KIND = 0x3c;
const RECEIPT = 0x04;
const INTERMEDIATE = 0x20;
const ORDINARY = 0x00;

/**
 * @param errorClasses Of the configuration.
 * @param national Of the configuration: how numbers may be written.
 */
export function readDelivered(
  pdu: Pdu,
  errorClasses: Readonly<Record<string, RejectionClass>>,
  national: NationalNumbers = {},
): Delivered {
  const kind = Number(pdu['esm_class']) & KIND;
  const told = pdu['receipted_message_id'];
  if (kind === RECEIPT || kind === INTERMEDIATE || told !== undefined) {
    const receipt = receiptOf(pdu, errorClasses);
    return receipt ? { kind: 'receipt', receipt } : { kind: 'nothing' };
  }
  if (kind !== ORDINARY) return { kind: 'nothing' };
  const from = numberFrom(String(pdu['source_addr'] ?? ''), Number(pdu['source_addr_ton']), national);
  return { kind: 'inbound', from, keyword: keywordOf(textOf(pdu)) };
}

/** TLVs say it in one way; the text (Appendix B) is what everybody writes as he likes. */
function receiptOf(pdu: Pdu, own: Readonly<Record<string, RejectionClass>>): SmppReceipt | undefined {
  const text = asAscii(textOf(pdu));
  // Without a NUL at its end the library reads on into what follows.
  const receiptId = wordIn(/^[\x21-\x7e]{1,65}/, pdu['receipted_message_id']) ?? fieldOf(text, 'id', 65);
  const stat = fieldOf(text, 'stat', 10)?.toUpperCase();
  const state = stateOf(pdu['message_state'], stat);
  if (receiptId === undefined || state === undefined) return undefined;
  const err = fieldOf(text, 'err', 5) ?? networkError(pdu['network_error_code']);
  const code = wordOf([stat ?? `state${pdu['message_state']}`, err].filter(Boolean).join(':'));
  const numbers = [pdu['source_addr'], pdu['destination_addr']].map(String);
  const reason = state === 'undelivered' ? reasonOf(stat, pdu['message_state'], err, own) : undefined;
  return { receiptId, state, code, numbers, ...(reason ? { class: reason } : {}) };
}

const REJECTED = 8;

function reasonOf(
  stat: string | undefined,
  state: unknown,
  err: string | undefined,
  own: Readonly<Record<string, RejectionClass>>,
): RejectionClass {
  const found = err === undefined ? undefined : classOfError(err, own);
  return found ?? (state === REJECTED || stat === 'REJECTD' ? 'blocked' : 'unknown');
}

function stateOf(state: unknown, stat: string | undefined): ReceiptState | undefined {
  return STATES.get(Number(state ?? -1)) ?? STATS.get(stat ?? '');
}

/** message_state (SMPP 3.4, 5.2.28); 0 and 9 are of version 5. */
const STATES = new Map<number, ReceiptState>([
  [0, 'accepted'],
  [1, 'sent'],
  [2, 'delivered'],
  [3, 'expired'],
  [4, 'undelivered'],
  [5, 'undelivered'],
  [6, 'accepted'],
  [7, 'unknown'],
  [REJECTED, 'undelivered'],
  [9, 'undelivered'],
]);

/** Appendix B. */
const STATS = new Map<string, ReceiptState>([
  ['ENROUTE', 'sent'],
  ['DELIVRD', 'delivered'],
  ['EXPIRED', 'expired'],
  ['DELETED', 'undelivered'],
  ['UNDELIV', 'undelivered'],
  ['ACCEPTD', 'accepted'],
  ['UNKNOWN', 'unknown'],
  ['REJECTD', 'undelivered'],
]);

/** One field of `id:… sub:… dlvrd:… submit date:… done date:… stat:… err:… text:…`; nothing behind `text:` counts. */
function fieldOf(text: string, name: string, most: number): string | undefined {
  const fields = text.split(/\btext:/i, 1)[0]!;
  return wordIn(new RegExp(`(?<=(?:^|\\s)${name}:\\s?)[^\\s:]{1,${most}}(?=\\s|$)`, 'i'), fields);
}

const wordIn = (pattern: RegExp, value: unknown): string | undefined =>
  typeof value === 'string' ? pattern.exec(value)?.[0] : undefined;

/** One octet for the kind of network, two for its number (SMPP 3.4, 5.3.2.31). */
const networkError = (value: unknown): string | undefined =>
  Buffer.isBuffer(value) && value.length === 3 ? String(value.readUInt16BE(1)) : undefined;

/** The text of a message, wherever it stands. What the library could not decode counts as Latin. */
function textOf(pdu: Pdu): string {
  for (const place of [pdu['short_message'], pdu['message_payload']]) {
    const content = contentOf(place);
    if (content !== '') return content;
  }
  return '';
}

function contentOf(place: unknown): string {
  const held = (place as { message?: unknown } | null | undefined)?.message ?? place;
  if (Buffer.isBuffer(held)) return held.toString('latin1');
  return typeof held === 'string' ? held : '';
}
