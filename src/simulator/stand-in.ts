import type { IncomingHttpHeaders } from 'node:http';

/**
 * What happens to a message. The number chooses it: a number that ends in `99` and two more digits, such as
 * 090-1234-9901, has the fate of these digits; any other is delivered, and answered by somebody who presses a key.
 */
export const FATES = {
  delivered: '00',
  /** Taken, and reported as undelivered some seconds later. */
  undelivered: '01',
  /** Out of range first, delivered after 40 seconds. */
  'unreachable-then-delivered': '02',
  /** Held back by a filter of the carrier. */
  filtered: '03',
  'opted-out': '04',
  'unknown-number': '05',
  /** The number has another owner than before. */
  recycled: '06',
  /** Too fast, with Retry-After where the vendor has that. */
  throttled: '07',
  /** Taken and delivered, but the connection breaks before the answer. */
  reset: '08',
  /** HTTP 500, and nothing is sent. */
  error: '09',
  /** Taken and delivered, but the answer breaks off in the middle. */
  broken: '10',
  /** Taken and delivered, and answered after 30 seconds. */
  slow: '11',
  /** The receipt comes before the answer to the send. */
  'early-receipt': '12',
  'duplicate-receipts': '13',
  /** `delivered` first, what came before it afterwards. */
  'out-of-order': '14',
  /** The receipt says delivered, without a signature. */
  unsigned: '15',
  /** The receipt says delivered, with a signature made with another secret. */
  'wrongly-signed': '16',
  /** Reported as undelivered after 20 minutes. */
  'late-failure': '17',
  /** Delivered, and nobody ever says so. */
  silent: '18',
  busy: '21',
  'no-answer': '22',
  /** An answering machine picks up, and presses no key. */
  machine: '23',
  /** Somebody picks up, hears who calls, and hangs up without pressing a key. */
  'hung-up': '24',
} as const;
export type Fate = keyof typeof FATES;

/** Why a vendor does not take, or does not deliver. */
export type Refusal = 'filtered' | 'opted-out' | 'unknown-number' | 'recycled' | 'throttled';

/** Stands in for one vendor: speaks its wire formats, with its real signatures. */
export interface StandIn {
  /** First part of the path: requests to `/{vendor}/…` come here. */
  readonly vendor: string;
  /** What a gateway has to be configured with, for the documentation and for tests. Publicly known. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Answers a request. Faults of the transport (500, reset, slow, broken) are made by the simulator around it. */
  answer(request: SimRequest, network: Network): SimReply | Promise<SimReply>;
  /** The webhook that tells of a change; undefined where the vendor tells nothing, or has no address. */
  report?(message: SimMessage, change: SimChange, how: ReportHow): SimCallback | undefined;
  /** The webhook that brings a message from a phone (STOP). */
  inbound?(text: SimInbound, how: ReportHow): SimCallback | undefined;
  /**
   * Plays a call that was picked up: asks what to say where the vendor asks, and answers with what the person heard, piece
   * by piece, in order.
   *
   * @param pressed Whether the person presses a key when asked to.
   */
  converse?(
    message: SimMessage,
    pressed: boolean,
    ask: (request: SimCallback) => Promise<SimReply>,
  ): Promise<string[]>;
}

export interface ReportHow {
  signature: 'right' | 'none' | 'wrong';
  /** Address configured at the vendor for all messages (`--webhook vendor=URL`); undefined where there is none. */
  webhook: string | undefined;
  /** Milliseconds since the epoch, of the server's clock: for time stamps that it checks. */
  now: number;
}

export interface SimRequest {
  method: string;
  /** Below the vendor: `/2010-04-01/Accounts/AC…/Messages.json`. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The body as a form; empty where it is none. */
  form: URLSearchParams;
  /** The body as JSON; undefined where it is none. */
  json: unknown;
}

export interface SimReply {
  status: number;
  headers?: Record<string, string>;
  body: string;
}

export interface SimCallback {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** The network behind the vendors, as one request sees it. */
export interface Network {
  /**
   * Takes a message for delivery, or refuses it as the number's fate says.
   *
   * @param refuses What this vendor says at once; any other refusal is taken first and reported later.
   */
  submit(message: NewSimMessage, refuses: readonly Refusal[]): Submitted;
  /** A message of this vendor, by the vendor's id or by the reference of the sender. */
  find(by: { vendorId: string } | { reference: string }): SimMessage | undefined;
  /** What would become of a text message to that number, for vendors that can be asked about one. No rule counts it. */
  foresee(to: string): Fate;
  /** Milliseconds since the epoch, of the server's clock: for tokens and dates that it sends. */
  now(): number;
}

export type Submitted = { taken: true; message: SimMessage } | { taken: false; refusal: Refusal };

export interface NewSimMessage {
  /** The vendor's own id, as the vendor makes them. */
  vendorId: string;
  channel: 'sms' | 'voice';
  /** E.164, whatever the vendor writes. */
  to: string;
  from: string;
  /** SMS: the text. Voice: what is said before any key press. */
  text: string;
  /** The sender's own reference, where the vendor carries one. */
  reference?: string;
  /** Where this message is reported, where the request says. */
  callbackUrl?: string;
  /** What the vendor needs later, such as a script or an answer address. */
  extra?: Record<string, string>;
}

export interface SimMessage extends NewSimMessage {
  vendor: string;
  fate: Fate;
  /** The newest change. */
  state: SimChange['state'];
  reason?: SimReason;
  /** docomo, au, softbank or rakuten in Japan, by the number; `other` elsewhere. */
  carrier: 'docomo' | 'au' | 'softbank' | 'rakuten' | 'other';
  /** When it was taken: milliseconds since the epoch, of the simulator's clock. */
  at: number;
  /** When the phone got it, or the person heard it; null until then. */
  arrivedAt: number | null;
  /** What the person heard, of a call. */
  heard: string[];
}

export type SimReason = Refusal | 'unreachable';

export interface SimChange {
  state:
    | 'accepted'
    | 'sent'
    | 'delivered'
    | 'undelivered'
    | 'ringing'
    | 'answered'
    | 'machine'
    | 'completed'
    | 'busy'
    | 'no-answer';
  /** With `undelivered`. */
  reason?: SimReason;
  /** Milliseconds since the epoch, of the simulator's clock. */
  at: number;
}

export interface SimInbound {
  /** E.164 of the phone. */
  from: string;
  to: string;
  text: string;
}
