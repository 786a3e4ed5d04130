import type { RejectionClass } from '../ports/gateway.ts';
import { type Channel, type Key, key, type Versioned } from '../ports/store.ts';
import type { Core } from './core.ts';
import { advance, type MessageState } from './receipt.ts';

/** One message or call of a challenge, as far as it is known to have got. */
export type Message = {
  /** Our reference, as gateways and receipts name it. */
  id: string;
  /** The gateway that took it, or that refused it last. */
  gateway: string;
  channel: Channel;
  state: MessageState;
  /** Why it was refused or did not arrive. */
  class?: RejectionClass;
  /** The network of the phone, where a receipt told. */
  carrier?: string;
  vendorId?: string;
  /** Milliseconds since the epoch. */
  sentAt: number;
  at: number;
  /** When its gateway was last asked about it. */
  polledAt?: number;
  /** Something else was sent in its place, by itself: that happens once. */
  followed?: true;
};

/** How the messages of a challenge got on, the oldest first. */
export interface Delivery {
  rev: number;
  messages: Message[];
}

const KEPT = 3_600_000;
const ROUNDS = 8;

const deliveryKey = (tag: string, challengeId: string): Key => key(tag, 'delivery', challengeId);

/** How the messages of a challenge got on; empty while the first is on its way out. */
export async function readDelivery(core: Core, tag: string, challengeId: string): Promise<Delivery> {
  const record = await core.store.get(deliveryKey(tag, challengeId), core.clock.now());
  return (record as unknown as Delivery | undefined) ?? { rev: 0, messages: [] };
}

/** What is learnt of a message; the state moves forward only (GWY-04). */
export type News = Pick<Message, 'id' | 'gateway' | 'channel' | 'state' | 'sentAt'> & Partial<Message>;

/**
 * Notes what was learnt of a message, also of one that is not on record yet: a receipt may be quicker than the answer to
 * the send.
 *
 * @param source Who says it. With a first send nothing is expected to be on record, so it is not looked for. A receipt about
 *   a message that is not there (a gateway reports one that it had refused) never makes that the newest one.
 * @returns the message after it and before it; undefined when nothing changed, or when too many others wrote at once.
 */
export async function recordNews(
  core: Core,
  tag: string,
  challengeId: string,
  news: News,
  source: 'first send' | 'send' | 'receipt',
): Promise<{ before: Message | undefined; after: Message } | undefined> {
  const now = core.clock.now();
  let change: { before: Message | undefined; after: Message } | undefined;
  const written = await changeDelivery(
    core,
    tag,
    challengeId,
    (messages) => {
      const before = messages.find(({ id }) => id === news.id);
      const after = merge(before, news, now);
      change = after === undefined ? undefined : { before, after };
      if (after === undefined) return undefined;
      if (before) return messages.map((one) => (one === before ? after : one));
      const at = source === 'receipt' ? messages.findIndex(({ sentAt }) => sentAt >= after.sentAt) : -1;
      return at < 0 ? [...messages, after] : messages.toSpliced(at, 0, after);
    },
    source === 'first send',
  );
  return written ? change : undefined;
}

function merge(before: Message | undefined, news: News, at: number): Message | undefined {
  if (!before) return { ...news, at };
  const state = advance(before.state, news.state);
  const carrier = before.carrier ?? news.carrier;
  const vendorId = before.vendorId ?? news.vendorId;
  if (state === before.state && carrier === before.carrier && vendorId === before.vendorId) return undefined;
  const { class: _, ...rest } = before;
  const reason = state === before.state ? before.class : news.class;
  return {
    ...rest,
    gateway: news.gateway,
    state,
    at,
    ...(reason ? { class: reason } : {}),
    ...(carrier ? { carrier } : {}),
    ...(vendorId ? { vendorId } : {}),
  };
}

/** Marks a message, once. Answers whether this call did it: of several processes one goes on. */
export async function claim(
  core: Core,
  tag: string,
  challengeId: string,
  id: string,
  mark: (message: Message) => Message | undefined,
): Promise<boolean> {
  return changeDelivery(core, tag, challengeId, (messages) => {
    const before = messages.find((message) => message.id === id);
    const after = before && mark(before);
    return after && messages.map((one) => (one === before ? after : one));
  });
}

async function changeDelivery(
  core: Core,
  tag: string,
  challengeId: string,
  change: (messages: Message[]) => Message[] | undefined,
  fresh = false,
): Promise<boolean> {
  const { store, clock } = core;
  const name = deliveryKey(tag, challengeId);
  for (let round = 0; round < ROUNDS; round += 1) {
    const now = clock.now();
    const known =
      fresh && round === 0 ? { rev: 0, messages: [] } : await readDelivery(core, tag, challengeId);
    const messages = change(known.messages);
    if (!messages) return false;
    const next = { rev: known.rev + 1, messages } as unknown as Versioned;
    const until = now + KEPT;
    const written =
      known.rev === 0
        ? await store.add(name, next, until, now)
        : await store.replace(name, next, known.rev, until, now);
    if (written) return true;
  }
  return false;
}
