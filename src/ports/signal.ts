import type { Clock } from './clock.ts';
import type { Store } from './store.ts';

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
  learn(signIn: SignIn): Promise<void>;
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

export interface Evidence {
  /** Machine-readable, such as `browser_unknown`. */
  reason: string;
}

/** What a signal may use. */
export interface SignalContext {
  store: Store;
  clock: Clock;
  /** Tag for records of an account. */
  accountTag(accountId: string): string;
  /** One-way name for something that must not be stored as it is. */
  digest(text: string): string;
}
/** What a file in `signals/` exports: makes the signal once, at start. */
export type SignalFactory = (context: SignalContext) => Signal;
