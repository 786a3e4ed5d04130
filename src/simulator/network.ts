import type { Clock } from '../ports/clock.ts';
import { carrierOf, isRefusal } from './fates.ts';
import type { Chooser, Chosen } from './scenario.ts';
import type { Fate, Network, NewSimMessage, Refusal, SimMessage, Submitted } from './stand-in.ts';

/** The vendor's own machine fails: nothing was taken. Thrown through a stand-in, which need not know of it. */
export class VendorFault extends Error {
  constructor() {
    super('the number chose that this vendor fails');
    this.name = 'VendorFault';
  }
}

/** What one request did to the network. */
export interface Visit {
  network: Network;
  /** What was taken, with what was chosen for it. */
  taken: { message: SimMessage; chosen: Chosen }[];
  /** The fate of what was last submitted; undefined where nothing was. */
  fate: Fate | undefined;
}

/** All messages of all vendors. */
export interface Book {
  visit(vendor: string): Visit;
  all(): readonly SimMessage[];
  /** Whether it was not cleared away since. */
  holds(message: SimMessage): boolean;
  clear(): void;
}

const MOST = 10_000;

/**
 * @param clock That of the simulator.
 * @param serverClock That of the servers that send.
 * @param chooser Chooses the fate of every message.
 */
export function createBook(clock: Clock, serverClock: Clock, chooser: Chooser): Book {
  const kept = new Set<SimMessage>();
  const find = (vendor: string): Network['find'] => {
    return (by) =>
      [...kept].findLast(
        (message) =>
          message.vendor === vendor &&
          ('vendorId' in by ? message.vendorId === by.vendorId : message.reference === by.reference),
      );
  };
  const submit = (visit: Visit, vendor: string) => {
    return (message: NewSimMessage, refuses: readonly Refusal[]): Submitted => {
      const chosen = chooser.choose(vendor, message);
      visit.fate = chosen.fate;
      if (chosen.fate === 'error') throw new VendorFault();
      if (isRefusal(chosen.fate) && refuses.includes(chosen.fate))
        return { taken: false, refusal: chosen.fate };
      const taken = newMessage(vendor, message, chosen.fate, clock.now());
      kept.add(taken);
      if (kept.size > MOST) kept.delete(kept.values().next().value!);
      visit.taken.push({ message: taken, chosen });
      return { taken: true, message: taken };
    };
  };
  return {
    visit(vendor) {
      const visit: Visit = {
        taken: [],
        fate: undefined,
        network: {
          submit: (message, refuses) => submit(visit, vendor)(message, refuses),
          find: find(vendor),
          foresee: (to) => chooser.foresee(vendor, { to, channel: 'sms' }),
          now: serverClock.now,
        },
      };
      return visit;
    },
    all: () => [...kept],
    holds: (message) => kept.has(message),
    clear: () => kept.clear(),
  };
}

const newMessage = (vendor: string, message: NewSimMessage, fate: Fate, at: number): SimMessage => ({
  ...message,
  vendor,
  fate,
  state: 'accepted',
  carrier: carrierOf(message.to),
  at,
  arrivedAt: null,
  heard: [],
});
