import { SekishoError } from '../errors.ts';
import type { RejectionClass } from '../ports/gateway.ts';
import { type Channel, type Key, key, type Versioned } from '../ports/store.ts';
import type { Core } from './core.ts';
import { advance, type MessageState } from './receipt.ts';

/** What made a code go another way. */
export type Cause = 'undelivered' | 'late';

/** One message or call of a challenge, as far as it is known to have got. */
export type Message = {
  /** Our reference, as gateways and receipts name it. */
  id: string;
  /** Which send of the challenge it belongs to, from 1; several where gateways refused and the next one was asked. */
  send: number;
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
  /** When it came to be in this state. */
  at: number;
  /** When its gateway was last asked about it. */
  polledAt?: number;
  /** It follows another one that did not arrive or was late; nobody pressed for it. */
  cause?: Cause;
  /** Something else was to be sent in its place, by itself: that happens once. */
  followed?: true;
};

/** How the messages of a challenge got on, in the order in which gateways were asked. */
export interface Delivery {
  rev: number;
  messages: Message[];
}

/** As long as receipts may come. */
const KEPT = 86_400_000;
const ROUNDS = 12;

const deliveryKey = (tag: string, challengeId: string): Key => key(tag, 'delivery', challengeId);

/** How the messages of a challenge got on; empty while the first is on its way out. */
export async function readDelivery(core: Core, tag: string, challengeId: string): Promise<Delivery> {
  const record = await core.store.get(deliveryKey(tag, challengeId), core.clock.now());
  return (record as unknown as Delivery | undefined) ?? { rev: 0, messages: [] };
}

/** The message of the last send, and of that the one that was tried last; older ones are history. */
export const newestOf = (messages: readonly Message[]): Message | undefined =>
  messages.reduce<Message | undefined>(
    (newest, one) => (newest === undefined || one.send >= newest.send ? one : newest),
    undefined,
  );

/**
 * Puts a message on record before it is handed over, so that a receipt that is quicker than the answer finds it.
 *
 * @param first Nothing is expected to be on record yet, so it is not looked for.
 */
export async function beginMessage(
  core: Core,
  tag: string,
  challengeId: string,
  message: Omit<Message, 'state' | 'at'>,
  first: boolean,
): Promise<void> {
  const begun: Message = { ...message, state: 'sending', at: message.sentAt };
  await changeDelivery(core, tag, challengeId, (messages) => [...messages, begun], first);
}

/** What is learnt of a message; the state moves forward only (GWY-04). */
export type News = Pick<Message, 'state'> & Partial<Pick<Message, 'class' | 'carrier' | 'vendorId'>>;

/**
 * Notes what was learnt of a message.
 *
 * @param news What it says may hang on how far the message is; then it is asked anew each time somebody else was quicker.
 * @returns the message before it and after it, the same object when nothing changed; undefined when it is not on record.
 */
export async function recordNews(
  core: Core,
  tag: string,
  challengeId: string,
  id: string,
  news: News | ((before: Message) => News),
): Promise<{ before: Message; after: Message } | undefined> {
  let told: { before: Message; after: Message } | undefined;
  await changeDelivery(core, tag, challengeId, (messages) => {
    const before = messages.find((message) => message.id === id);
    const said = before && (typeof news === 'function' ? news(before) : news);
    const after = said && merge(before, said, core.clock.now());
    told = before && { before, after: after ?? before };
    return after && messages.map((one) => (one === before ? after : one));
  });
  return told;
}

function merge(before: Message, news: News, at: number): Message | undefined {
  const state = advance(before.state, news.state);
  // A number moves between networks; the newest receipt is right.
  const carrier = news.carrier ?? before.carrier;
  const vendorId = before.vendorId ?? news.vendorId;
  if (state === before.state && carrier === before.carrier && vendorId === before.vendorId) return undefined;
  const { class: _, ...rest } = before;
  const reason = state === before.state ? before.class : news.class;
  return {
    ...rest,
    ...{ state, at: state === before.state ? before.at : at },
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
  throw new SekishoError('store_unavailable', 'Too many wrote about one sign-in at the same moment');
}
