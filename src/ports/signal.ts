import type { Clock } from './clock.ts';

/**
 * A risk signal gives evidence, never a verdict. It must not decide to skip anything: whatever it throws, and any answer
 * later than a second, counts as a reason to ask for the code (DESIGN 6, lesson 10).
 */
export interface Signal {
  /** File name of the signal, as in the configuration and in events: `new-browser`. */
  readonly name: string;
  /** What is unusual about this sign-in; an empty array when nothing is. */
  assess(signIn: SignIn): Promise<Evidence[]>;
  /** Learns from a sign-in whose second factor was proved just now. */
  learn(signIn: ProvedSignIn): Promise<void>;
}

export interface SignIn {
  accountId: string;
  clientId: string;
  /** Client address behind the trusted proxies, in canonical form; undefined when it cannot be known. */
  ip: string | undefined;
  userAgent: string;
  /** Random id of this browser from a cookie of ours; undefined on the first visit. */
  browserId: string | undefined;
}

/** A sign-in whose second factor was proved. */
export interface ProvedSignIn extends SignIn {
  /** The authenticator that was proved. */
  authenticator: string;
  /** When; milliseconds since the epoch. */
  provedAt: number;
}

export interface Evidence {
  /** Machine-readable, such as `browser_unknown`. */
  reason: string;
}

/** What a signal may use. */
export interface SignalContext {
  /**
   * Where a signal keeps what it learnt. There is nothing else it could use, because what it learnt has to end when the number
   * is removed or changed, when browsers are forgotten, and when the account is signed out everywhere (BND-05, lesson 15).
   */
  memory: AccountMemory;
  clock: Clock;
}

/** What one signal remembers about accounts; at most 30 things each. Stored as digests. */
export interface AccountMemory {
  /** Whether this was learnt about the account, and still counts. */
  knows(accountId: string, item: string): Promise<boolean>;
  /** Remembers something about the account, for so many days after the proof. */
  learn(signIn: ProvedSignIn, item: string, days: number): Promise<void>;
}
/** What a file in `signals/` exports: makes the signal once, at start. */
export type SignalFactory = (context: SignalContext) => Signal;
