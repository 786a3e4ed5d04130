import type { EventCommon, EventKind } from '../events.ts';
import type { Options } from '../options.ts';
import type { Clock } from '../ports/clock.ts';
import type { Gateway, GatewayEvent } from '../ports/gateway.ts';
import type { Store } from '../ports/store.ts';
import type { Texts } from '../texts.ts';
import type { Message } from './delivery.ts';
import type { Exchange } from './exchange.ts';
import type { KeyRing } from './keys.ts';
import type { Known } from './messages.ts';

/** What every part of the domain stands on. */
export interface Core {
  options: Options;
  store: Store;
  clock: Clock;
  ring: KeyRing;
  texts: Texts;
  exchange: Exchange;
  /** Takes in what a gateway told outside of a webhook: a receipt that came before the answer to its send. */
  receive(gateway: Gateway, events: readonly GatewayEvent[]): void;
  /** No gateway took a message: what comes next is the policy's to say. */
  undelivered(known: Known, message: Message): Promise<unknown>;
  /** Reports what happened; never throws. */
  emit(kind: EventKind, about?: Omit<EventCommon, 'time'>): void;
  /** Reports that something broke on our side, without quoting it (LOG-02). */
  fault(operation: string, error: unknown): void;
  /**
   * Lets work go on after the response. Failures become events, and `close()` waits for what is under way (OPS-04).
   */
  background(operation: string, work: () => Promise<unknown>): void;
  /**
   * Throws `store_unavailable` unless the store is the one that it was, with what it acknowledged (attack 16, faults A.3 and
   * H.1): accounts that had a number would look as if they had none, and a password alone could bind another.
   */
  assertStoreKept(): Promise<void>;
}
