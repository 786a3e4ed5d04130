import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Channel } from './store.ts';
import type { Webhook } from './webhook.ts';

export type * from './webhook.ts';

/**
 * A way to reach phones: an SMS vendor, a voice vendor, or the simulated handset (DESIGN 5). A gateway is correct when it
 * passes `gatewayContract` in `sekisho/testing`.
 *
 * What a gateway cannot do is absent: no `poll`, no `webhook`, no `countries`. Nothing throws "not supported".
 */
export interface Gateway {
  /** Unique among the gateways of a configuration; stands in routes, logs and webhook addresses: `[a-z0-9-]{1,32}`. */
  readonly name: string;
  readonly channels: readonly Channel[];
  /** False: nothing is sent over it. What its vendor tells about earlier messages, STOP and START still count. */
  readonly enabled?: boolean;
  /** ISO 3166 codes of the countries it reaches; absent: any. One that names a country goes before one that does not. */
  readonly countries?: readonly string[];
  /** Most UTF-16 units of an SMS; absent: no limit of its own. */
  readonly maxUnits?: number | UnitLimits;
  /** What keeps a code off an answering machine (lesson 25); absent where there are no calls. */
  readonly callGuard?: CallGuard;
  /** The vendor refuses a number that has another owner since `provedAt`. */
  readonly checksOwner?: boolean;
  /** Sending the same `id` twice sends one message: an ambiguous send is tried once more (GWY-02). */
  readonly idempotent?: boolean;
  /**
   * Most sends it can have under way at a time in one process; absent: no limit of its own. Further ones wait outside of it,
   * where the time for a send does not run yet.
   */
  readonly concurrency?: number;
  /** What its receipts name a message by; `id` unless said. */
  readonly correlation?: 'id' | 'vendorId';
  /**
   * Hands a message over. Never throws for what the vendor answered; it says which of three things happened. An
   * exception counts as `ambiguous`, because nobody knows what left the building.
   */
  send(message: OutboundMessage, context: GatewayContext): Promise<SendOutcome>;
  /**
   * Asks how a message got on. Also tells what became of an ambiguous send, where the vendor can be asked by our `id`.
   * An empty answer means nothing is known. May throw; that means nothing is known either.
   */
  poll?(message: SentMessage, context: GatewayContext): Promise<readonly GatewayEvent[]>;
  /** What the vendor tells us over HTTP. */
  readonly webhook?: Webhook;
  /**
   * For what comes in over a connection of the gateway's own (SMPP): called once, before the first send. `deliver` resolves
   * when the events were taken in, and only then may the vendor be told so; it rejects when the vendor has to come again,
   * for a STOP that got lost is a STOP that nobody heeds. Taking in the same twice does no harm. `report` says how the
   * connection stands; the operator hears of changes only.
   */
  listen?(deliver: (events: readonly GatewayEvent[]) => Promise<void>, report?: (link: Link) => void): void;
  /** Pages of the gateway's own, mounted by the server (the handset). */
  readonly routes?: GatewayRoutes;
  /** What is unsafe or unfinished about using this gateway here; a `fatal` finding refuses the start. */
  findings?(context: { production: boolean }): GatewayFinding[];
  close?(): Promise<void>;
}

/** How a connection stands. `lost`: there is none just now; `refused`: the other side does not let us in. */
export interface Link {
  state: 'up' | 'lost' | 'refused';
  /** Why, as in `Rejection`. */
  code?: string;
}

/** What a vendor takes that counts by alphabet. */
export interface UnitLimits {
  /** Most UTF-16 units of a text that is ASCII alone. */
  ascii: number;
  /** The same as soon as one character is not. */
  other: number;
  /** Units that a line break counts as; one unless said. */
  lineBreak?: number | undefined;
}

/**
 * `key-press`: the code is read after a key was pressed. `machine-detection`: the vendor hangs up on machines.
 * `none`: the code is read to whatever picks up; such a gateway makes calls only where `voice.allowUnguarded` is set.
 */
export type CallGuard = 'key-press' | 'machine-detection' | 'none';

export interface GatewayContext {
  /** Milliseconds since the epoch. */
  now: number;
  /** Aborts when the time for this call is up: 8 s for a send, counted from the call of `send`. */
  signal: AbortSignal;
}

export interface OutboundMessage {
  /**
   * Our reference: random, `[A-Za-z0-9_-]{22}`, one per send; the same again on a retry (GWY-02). Not the account, not the
   * challenge (PRV-04). Every vendor can carry it somewhere.
   */
  id: string;
  /** E.164, `^\+[1-9]\d{6,14}$`, checked before it gets here (GWY-07). */
  to: string;
  channel: Channel;
  /** What the phone shows, or what the voice reads after the key press. From a template; a gateway only encodes it. */
  text: string;
  /** The code in `text`, for vendors that put it into words of their own, or read it out by themselves. */
  digits?: string;
  /** BCP 47, for the voice. */
  locale: string;
  /** When the code dies: milliseconds since the epoch. For vendors that can drop what comes too late. */
  expiresAt: number;
  /** Sender or short code that the route names; absent: the gateway's own setting. */
  sender?: string;
  /**
   * When this number was last proved to be this person's: milliseconds since the epoch. For vendors that refuse a number
   * which has another owner since (`checksOwner`). Absent for the others, and while a number is being bound (PRV-04).
   */
  provedAt?: number;
  /** Where the vendor reports about this message; an address of ours that holds a secret. Absent: it cannot be reached. */
  webhookUrl?: string;
  /** Only for calls. */
  call?: Call;
}

/** What is said around the text of a call. */
export interface Call {
  /** Said first, and again after a pause: who calls, and to press any key. Holds no code. */
  invitation: string;
  /** Said when nobody pressed a key, before hanging up. Holds no code. */
  farewell: string;
  /**
   * Where a vendor that works with answer addresses asks for what to say after the key press (`Webhook.answer`). Holds the
   * text sealed, so that neither we nor the vendor keep it. Absent where there is no `webhookUrl`.
   */
  answerUrl?: string;
}

export type SendOutcome =
  | { outcome: 'accepted'; vendorId?: string }
  | ({ outcome: 'rejected' } & Rejection)
  /** It may have left: never sent again by itself. */
  | { outcome: 'ambiguous'; code?: string };

export interface Rejection {
  /** Says whether another gateway may try. */
  class: RejectionClass;
  /** The vendor's own code, `[\w.:-]{1,60}`; never its words, which may quote number or text (LOG-02). */
  code?: string;
  /** Milliseconds until the vendor wants to be asked again. */
  retryAfter?: number;
}

/**
 * Why a message was not taken, or did not arrive.
 *
 * Another gateway may try: `temporary` (a fault that passes), `throttled` (too fast), `quota` (plan or credit used up),
 * `auth` (credentials or source address refused), `unknown`.
 *
 * No gateway may try: `number` (no such number, or it takes no SMS), `recycled` (it has another owner since), `opt-out`
 * (the person said STOP), `blocked` (filter of carrier or handset), `unreachable` (switched off, out of range),
 * `permanent` (it would fail again: the request is wrong, by our mistake or the configuration's, or the vendor gives no
 * other reason).
 */
export type RejectionClass =
  | 'temporary'
  | 'throttled'
  | 'quota'
  | 'auth'
  | 'unknown'
  | 'number'
  | 'recycled'
  | 'opt-out'
  | 'blocked'
  | 'unreachable'
  | 'permanent';

/** A message as `poll` is asked about it. */
export interface SentMessage {
  id: string;
  vendorId?: string;
  to: string;
  channel: Channel;
  /** Milliseconds since the epoch. */
  sentAt: number;
}

/**
 * What a vendor says later. It is a hint (DESIGN 4): it moves a delivery forward and verifies nothing (GWY-04).
 * `id` is ours, `vendorId` theirs; one of them is enough, and an address that names the message needs neither.
 */
export type GatewayEvent =
  | ({
      type: 'receipt';
      state: ReceiptState;
      /** With `undelivered`: why. */
      class?: RejectionClass;
      /** The vendor's own code, as in `Rejection`. */
      code?: string;
      /** When it happened: milliseconds since the epoch. */
      at?: number;
      /** The network of the phone, lower case: `docomo`, `au`, `softbank`, `rakuten`, or MCC and MNC such as `44010`. */
      carrier?: string;
      /** Anybody could have said this: it is believed after `poll` said the same, where there is a `poll`. */
      unproved?: boolean;
    } & Named)
  | ({ type: 'call'; state: CallState; at?: number; unproved?: boolean } & Named)
  | {
      type: 'inbound';
      /** E.164 or as the vendor writes it. */
      from: string;
      keyword: 'stop' | 'start' | null;
      /**
       * When it was written, where the vendor tells: milliseconds since the epoch. Of STOP and START the later one counts,
       * also where the earlier one is brought again after it.
       */
      at?: number;
    };

interface Named {
  id?: string;
  vendorId?: string;
}

/** `delivered`, `undelivered` and `expired` are final; `unknown` is final too, and only `delivered` may follow it. */
export type ReceiptState = 'accepted' | 'sent' | 'delivered' | 'undelivered' | 'expired' | 'unknown';

/**
 * `heard`: a key was pressed and the code was read. `completed` without it: somebody or something picked up and did not
 * press. For a gateway whose guard is not `key-press`, `completed` after `answered` counts as heard.
 */
export type CallState =
  | 'ringing'
  | 'answered'
  | 'heard'
  | 'machine'
  | 'completed'
  | 'busy'
  | 'no-answer'
  | 'failed';

export interface GatewayRoutes {
  /** Absolute path, such as `/handset`. */
  path: string;
  handle(req: IncomingMessage, res: ServerResponse): void | Promise<void>;
}

export interface GatewayFinding {
  severity: 'fatal' | 'warning';
  message: string;
  fix: string;
}
