import type { Gateway, RejectionClass } from '../../ports/gateway.ts';
import type { Channel } from '../../ports/store.ts';

/** Where the suite takes in what the vendor tells. */
export interface Reception {
  /**
   * Address for everything the vendor tells about any message, for a vendor that has one in its console. The address of a
   * single message stands in the message itself (`webhookUrl`), and so does the one for calls (`call.answerUrl`).
   */
  readonly url: string;
}

/** What `open` hands to the suite: a gateway, and the vendor it sends to. */
export interface GatewayHandle {
  gateway: Gateway;
  vendor: FakeVendor;
  /** The same gateway, sending to an address where nobody listens. */
  nowhere?: Gateway;
  /** Credentials that the gateway was given. They must not turn up in anything it says (LOG-02). */
  secrets: readonly string[];
  /** It was allowed to send over http or to private addresses: in production that must be fatal (GWY-01). */
  insecure?: boolean;
  /** Closes everything that was opened, also when the gateway is closed already. */
  close(): Promise<void>;
}

/**
 * A stand-in of the vendor: takes what the gateway sends, in the vendor's own format, and tells how it went on.
 */
export interface FakeVendor {
  numbers: VendorNumbers;
  /** Everything it took since it was opened, the oldest first; not what it refused. */
  messages(): readonly TakenMessage[];
  /** Lets everything under way come to its end: deliveries, calls, webhooks. */
  settle(): Promise<void>;
  /** Its clock, where that is not the machine's: milliseconds since the epoch. */
  now?(): number;
  /** A person writes to the sender; told by webhook. */
  inbound?(from: string, text: string): Promise<void>;
  /**
   * What its webhooks prove. `content`: that the vendor said just this. `caller`: that the vendor calls (a password in a
   * header). `nothing`: neither; a receipt needs the secret in its address.
   */
  signs: 'content' | 'caller' | 'nothing';
  /** It can be asked by our `id`, so that a poll tells what became of an ambiguous send. */
  findsById?: boolean;
  /** Senders that a route may name, other than the gateway's own. */
  senders?: Partial<Record<Channel, string>>;
}

/** Numbers, in E.164, whose messages have a fate. What is absent cannot be played, and is not tested. */
export interface VendorNumbers {
  /** Takes it, delivers it, says so. A person answers a call, and presses a key. */
  taken: string;
  /** Refused at once. */
  refused?: readonly Refused[];
  /** Taken, and reported as undelivered. */
  undelivered?: readonly Refused[];
  /** Taken and delivered, but the sender gets no answer, or half of one. */
  lost?: readonly string[];
  /** Taken and delivered, but the answer does not come before the sender gives up. */
  slow?: string;
  /** The vendor fails (HTTP 500), and sends nothing. */
  down?: string;
  /** The receipt is there before the answer to the send. */
  early?: string;
  /** The receipt says delivered, and is not signed. */
  unsigned?: string;
  /** The receipt says delivered, and is signed with another secret. */
  wronglySigned?: string;
  busy?: string;
  noAnswer?: string;
  /** An answering machine picks up. */
  machine?: string;
  /** Somebody picks up and presses no key. */
  hungUp?: string;
}

export interface Refused {
  to: string;
  /** What it has to be called. */
  class: RejectionClass;
  /** The vendor says when to come again. */
  retryAfter?: boolean;
  /** Only messages of this channel; any unless said. */
  channel?: Channel;
}

/** A message as the vendor took it. */
export interface TakenMessage {
  channel: Channel;
  /** E.164. */
  to: string;
  from: string;
  /** SMS: what the phone shows. Call: what is said before a key was pressed, as far as the vendor knows it beforehand. */
  text: string;
  /** Whether a phone shows it, or somebody heard it. */
  arrived: boolean;
  /** What was said in a call, in order. */
  heard?: readonly string[];
  /** When the vendor gives up, where the gateway said so: milliseconds since the epoch. */
  expiresAt?: number;
}
