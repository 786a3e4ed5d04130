import type { GatewayEvent } from '../ports/gateway.ts';
import { type Channel, type Json, key } from '../ports/store.ts';
import type { Core } from './core.ts';
import { digest } from './keys.ts';
import { type Sealed, seal, unseal } from './seal.ts';

/** Whose a message is, for the receipts that name it. */
export interface Known {
  id: string;
  gateway: string;
  channel: Channel;
  tag: string;
  challengeId: string;
  sentAt: number;
  /** What is needed to send the same code again. */
  uid: string;
  e164: string;
  locale: string;
}

/** Receipts may come a day later (PRV-05). */
const KEPT = 86_400_000;
/** How long a receipt waits for the answer to its send. */
const EARLY = 60_000;

type Stored = Omit<Known, 'id' | 'uid' | 'e164' | 'locale'> & { sealed: Sealed };

const messageKey = (id: string) => key(digest(`message ${id}`), 'message');
const vendorKey = (gateway: string, vendorId: string, kind: 'vendor' | 'early') =>
  key(digest(`${gateway} ${vendorId}`), kind);
const context = (id: string) => `message ${id}`;

/** The id of an interaction and a number are sealed: neither stands in the store. */
export async function rememberMessage(
  core: Core,
  id: string,
  gateway: string,
  letter: {
    channel: Channel;
    tag: string;
    challengeId: string;
    uid: string;
    phone: { e164: string };
    locale: string;
  },
): Promise<void> {
  const { channel, tag, challengeId, uid, phone, locale } = letter;
  const now = core.clock.now();
  const sealed = seal(core.ring, JSON.stringify([uid, phone.e164, locale]), context(id));
  const stored: Stored = { gateway, channel, tag, challengeId, sentAt: now, sealed };
  await core.store.put(messageKey(id), stored as unknown as Json, now + KEPT);
}

/** The message a receipt is about, if we sent it by this gateway: another gateway's receipts are none of its business. */
export async function findMessage(core: Core, gateway: string, id: string): Promise<Known | undefined> {
  const record = await core.store.get(messageKey(id), core.clock.now());
  const stored = record as unknown as Stored | undefined;
  if (stored?.gateway !== gateway) return undefined;
  const { sealed, ...rest } = stored;
  const [uid, e164, locale] = JSON.parse(unseal(core.ring, sealed, context(id))) as [string, string, string];
  return { ...rest, id, uid, e164, locale };
}

/** For gateways whose receipts name nothing but the vendor's id. Answers the receipt that was quicker than this. */
export async function rememberVendorId(
  core: Core,
  gateway: string,
  vendorId: string,
  id: string,
): Promise<GatewayEvent[]> {
  const now = core.clock.now();
  await core.store.put(vendorKey(gateway, vendorId, 'vendor'), id, now + KEPT);
  const early = await core.store.get(vendorKey(gateway, vendorId, 'early'), now);
  return (early as unknown as GatewayEvent[] | undefined) ?? [];
}

export async function idOf(core: Core, gateway: string, vendorId: string): Promise<string | undefined> {
  const id = await core.store.get(vendorKey(gateway, vendorId, 'vendor'), core.clock.now());
  return typeof id === 'string' ? id : undefined;
}

/** Keeps a receipt for a message that nobody knows yet, for a minute. */
export async function keepEarly(
  core: Core,
  gateway: string,
  vendorId: string,
  event: GatewayEvent,
): Promise<void> {
  const now = core.clock.now();
  const name = vendorKey(gateway, vendorId, 'early');
  const known = ((await core.store.get(name, now)) as unknown as GatewayEvent[] | undefined) ?? [];
  await core.store.put(name, [...known, event].slice(-5) as unknown as Json, now + EARLY);
}
