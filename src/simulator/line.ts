import type { ChangeListener, Life } from './life.ts';
import type { Book } from './network.ts';
import type { Network, SimInbound, SimMessage } from './stand-in.ts';

/** The network for a vendor that speaks another protocol than HTTP, over connections of its own. */
export interface Line extends Network {
  /**
   * As in `Network`. Throws `VendorFault` where the fate is `error`: answer with a system error, nothing was taken.
   * The faults `reset`, `broken` and `slow` are yours to make; see `message.fate`.
   */
  submit: Network['submit'];
  /**
   * Lets happen what happens to a message that `submit` took: call it once, when the answer is out; where `message.fate` is
   * `early-receipt`, before, and wait for it.
   */
  begin(message: SimMessage): Promise<void>;
  /**
   * Hears of every change that is to be told, as often and in the order it is to be told: twice for `duplicate-receipts`,
   * never for `silent`. What it throws is told by `advance` and `settle`.
   *
   * @returns takes the listener off.
   */
  onChange(listener: ChangeListener): () => void;
  /** Hears what a person writes (`Simulator.reply`). */
  onInbound(listener: InboundListener): () => void;
}

export type InboundListener = (text: SimInbound) => void | Promise<void>;

/** Who listens, by vendor. */
export interface Listening {
  changes(vendor: string): Set<ChangeListener>;
  inbound(vendor: string): Set<InboundListener>;
}

export function createListening(): Listening {
  const changes = new Map<string, Set<ChangeListener>>();
  const inbound = new Map<string, Set<InboundListener>>();
  return {
    changes: (vendor) => setIn(changes, vendor),
    inbound: (vendor) => setIn(inbound, vendor),
  };
}

export function createLine(vendor: string, parts: { book: Book; life: Life; listening: Listening }): Line {
  const visit = parts.book.visit(vendor);
  return {
    ...visit.network,
    async begin(message) {
      const place = visit.taken.findIndex((taken) => taken.message === message);
      if (place >= 0) await parts.life.begin(visit.taken.splice(place, 1)[0]!);
    },
    onChange: (listener) => addTo(parts.listening.changes(vendor), listener),
    onInbound: (listener) => addTo(parts.listening.inbound(vendor), listener),
  };
}

function setIn<T>(map: Map<string, Set<T>>, key: string): Set<T> {
  const set = map.get(key) ?? new Set<T>();
  map.set(key, set);
  return set;
}

function addTo<T>(set: Set<T>, one: T): () => void {
  set.add(one);
  return () => void set.delete(one);
}
