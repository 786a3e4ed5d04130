import type { Json, Key, Versioned } from './record.ts';

export * from './record.ts';

/**
 * The one place where Sekisho keeps state (DESIGN 3 and 10).
 *
 * A store is correct when it passes the contract suite in `sekisho/testing`. What the suite holds it to:
 *
 * - Every method is one atomic step: it happens wholly or not at all, also against other processes.
 * - Time comes from the caller (`now`, `expiresAt`: milliseconds since the epoch). A record whose `expiresAt` is
 *   not after `now` is absent. A store may drop it later than that, never earlier.
 * - What was written by a clock that was ahead (more than `CLOCK_TOLERANCE_MS` after `now`) is bounded (attack 17): a use
 *   under a limit counts as one of now, a challenge issued then is expired, a wait set then is over, a secret rotated then
 *   has no grace.
 * - A key is used for one kind of thing only, and `reserve` always with the same windows.
 * - A failure throws. A method never answers as if it had worked (OPS-01).
 */
export interface Store {
  /** Short name for logs and messages, such as `sqlite`. */
  readonly name: string;

  /** The record under `key`, or undefined. */
  get(key: Key, now: number): Promise<Json | undefined>;
  /** Writes the record, whatever was there. `expiresAt: null` keeps it until it is deleted. */
  put(key: Key, value: Json, expiresAt: number | null, now: number): Promise<void>;
  /** Writes the record only where none is; says whether it did. */
  add(key: Key, value: Json, expiresAt: number | null, now: number): Promise<boolean>;
  /** Writes the record only where one with this `rev` is (`value.rev` must be the next); says whether it did. */
  replace(
    key: Key,
    value: Versioned,
    expectedRev: number,
    expiresAt: number | null,
    now: number,
  ): Promise<boolean>;
  /** Removes whatever is under the key: a record, a set, uses of a limit, a challenge, a tally. Says if it was there. */
  delete(key: Key): Promise<boolean>;

  /**
   * Adds `member` to the set under `key` unless it already has `cap` members; a member already there counts as added.
   * Answers whether the member is in the set now. The set lives until it is empty, or `expiresAt` where one is given
   * (an earlier expiry is never shortened).
   */
  join(key: Key, member: string, cap: number, expiresAt: number | null, now: number): Promise<boolean>;
  leave(key: Key, member: string): Promise<void>;
  members(key: Key, now: number): Promise<string[]>;

  /**
   * Sets `consumed` on the record to `at` (epoch seconds) and answers true, once; false when it is gone or already
   * consumed. For single-use tokens of the OpenID provider (OID-14).
   */
  consume(key: Key, at: number, now: number): Promise<boolean>;

  /** Records one use against the limits, or refuses it and records nothing (THR-03, lesson 9). */
  reserve(request: Reservation): Promise<ReservationOutcome>;
  /** Takes back a use that `reserve` granted at `at`, when another limit or every gateway refused the same send. */
  release(key: Key, at: number): Promise<void>;

  /** Starts a challenge (OTP-07): writes it only where none is. Answers false when the key is taken. */
  openChallenge(key: Key, challenge: NewChallenge): Promise<boolean>;
  /** The challenge as it is now, or undefined. Also one that is expired or spent: the page has to say so. */
  readChallenge(key: Key): Promise<ChallengeState | undefined>;
  /**
   * Registers another send of the challenge; rotates the code when its life is half over or it expired (OTP-09), and
   * then keeps the record for as much longer as the new code lives on.
   */
  resend(request: ResendRequest): Promise<ResendOutcome>;
  /** Kills the challenge, whatever its state; a code that was sent for it fails from now on. */
  closeChallenge(key: Key): Promise<void>;
  /** Count first, then compare, then consume: one atomic step (OTP-12, OTP-13, lessons 1 and 3). */
  attempt(request: AttemptRequest): Promise<AttemptOutcome>;
  /** The consecutive failures of an authenticator; zeroes when nothing was recorded. */
  readTally(key: Key, now: number): Promise<Tally>;

  /**
   * Swaps the secret of a trusted or known browser (SES-06, lesson 15). Any secret but the current one, and the previous
   * one in its grace, is a copy that came back: the record is removed.
   */
  rotate(request: RotateRequest): Promise<RotateOutcome>;

  /**
   * An id made when the store was first used. It changes when the data is lost (attack 16, FLUSHALL), so that a
   * process that runs on notices that it looks at an emptied store.
   */
  epoch(): Promise<string>;
  /**
   * What the store's own clock shows: of all processes on one store, it is the one that says what time it is (OPS-03).
   * For a store in one process that is the clock of the machine. Every other method goes by the `now` it is given.
   */
  time(): Promise<number>;
  /**
   * From now on a writing method whose `now` is further from the store's own clock than this (milliseconds) throws and does
   * nothing: two processes that do not agree what time it is must not decide on one record. Null, as opened: any will do.
   */
  refuseDrift(maximum: number | null): Promise<void>;
  /**
   * Whether records that were acknowledged may be missing, because another server took over or one was started anew:
   * `settling` for some seconds after that, until every process has looked for what it wrote; `lost` when one of them missed
   * something, until an operator confirms what is there. Undefined: nothing is known to be missing. Meanwhile no codes of
   * before verify, and nobody may bind a number.
   */
  doubt(): Promise<StoreDoubt | undefined>;
  /** An operator says that what is there is what counts. */
  confirm(): Promise<void>;
  /** Throws when the store does not answer within a second, or does not take a write. */
  ping(): Promise<void>;
  /** What is unsafe about this store and what to do; a `fatal` finding refuses the start in production (OPS-02). */
  findings(): Promise<StoreFinding[]>;
  close(): Promise<void>;
}

export interface Reservation {
  key: Key;
  now: number;
  /** At most `max` uses in any `window` milliseconds (sliding, exact). */
  windows: readonly { window: number; max: number }[];
  /**
   * Least pause in milliseconds after the 1st, 2nd, 3rd … use inside the first window; the last one repeats.
   * Empty: no pause.
   */
  cooldown: readonly number[];
}
export type ReservationOutcome =
  | { granted: true }
  /** `retryAt`: when the same request would be granted if nothing else happens. */
  | { granted: false; retryAt: number; reason: 'cooldown' | 'window' };

export interface NewChallenge {
  /** What the code is bound to and whatever else its maker needs; opaque to the store. */
  data: Json;
  now: number;
  /** When the first code dies (OTP-02). */
  expiresAt: number;
  /** When the record itself may be dropped. */
  keepUntil: number;
  channel: Channel;
}
export type Channel = 'sms' | 'voice';

export interface ChallengeState {
  data: Json;
  status: 'live' | 'consumed' | 'closed';
  /** Counts from 1; a new code has a new generation (OTP-09, OTP-10). */
  generation: number;
  issuedAt: number;
  expiresAt: number;
  /** When the last send was registered. */
  sentAt: number;
  tries: number;
  sends: number;
  /** How the last code was sent; decides between `sms` and `tel` in `amr`. */
  channel: Channel;
}

export interface ResendRequest {
  challenge: Key;
  now: number;
  /** Life of a new code in milliseconds. */
  ttl: number;
  maxSends: number;
  maxTries: number;
  channel: Channel;
  /**
   * For a send that nobody pressed for: only if exactly so many sends were made before, and with the same code and end,
   * however old it is. `spent` where it has expired, or somebody was quicker.
   */
  after?: number;
}
export type ResendOutcome =
  | { sent: true; generation: number; expiresAt: number; sends: number; rotated: boolean }
  | { sent: false; reason: 'unknown' | 'spent' | 'sends' };

export interface AttemptRequest {
  challenge: Key;
  /** Same tag as `challenge`. */
  tally: Key;
  now: number;
  /**
   * Keyed digests of the right code of generation 1, 2, 3 …, and of the entered one; equal only if the codes are
   * (OTP-11). Only the digest of the generation that lives is looked at.
   */
  expected: readonly string[];
  given: string;
  maxTries: number;
  /** Consecutive failures at which the authenticator is disabled (OTP-05). */
  ceiling: number;
  /** Milliseconds to wait after the 1st, 2nd, 3rd … consecutive failure; the last one repeats. */
  delays: readonly number[];
  /** When the tally may be forgotten; null: never. */
  tallyExpiresAt: number | null;
}
/** The answers, in the order in which they are decided; only `verified` and `wrong` compared anything. */
export type AttemptOutcome =
  | { result: 'unknown' }
  | { result: 'disabled'; failures: number }
  | { result: 'consumed' }
  | { result: 'closed' }
  | { result: 'exhausted' }
  | { result: 'expired' }
  | { result: 'wait'; retryAt: number }
  /** `expected` does not reach this far. */
  | { result: 'stale'; generation: number }
  | { result: 'verified'; data: Json; channel: Channel; expiresAt: number }
  /** `triesLeft: 0`: every further attempt is `exhausted`; `disabled`: this failure reached the ceiling. */
  | { result: 'wrong'; triesLeft: number; failures: number; retryAt: number; disabled: boolean };

export interface Tally {
  failures: number;
  /** No attempt is compared before this time; 0: no wait. */
  notBefore: number;
}

export interface RotateRequest {
  key: Key;
  now: number;
  /** Digest of the secret that the browser showed, and of the one it gets next. */
  presented: string;
  next: string;
  /** For this many milliseconds the previous secret still works, without rotating again (double submit). */
  grace: number;
  /** Where the secret is swapped, the record lives until then from now on. Left out: as long as it did. */
  expiresAt?: number;
}
export type RotateOutcome =
  | { result: 'rotated'; data: Json; expiresAt: number }
  | { result: 'grace'; data: Json; expiresAt: number }
  /** An old secret came back: the record is gone now (a copy was in use). */
  | { result: 'replayed'; data: Json }
  | { result: 'unknown' };

/** A trusted or known browser as `rotate` expects it: written with `put`. */
export type RotatingRecord = {
  data: Json;
  secret: string;
  previous: string | null;
  rotatedAt: number;
  expiresAt: number;
};

export type StoreDoubt = 'settling' | 'lost';

export interface StoreFinding {
  /** `fatal` refuses the start in production and warns elsewhere. */
  severity: 'fatal' | 'warning';
  message: string;
  fix: string;
}
