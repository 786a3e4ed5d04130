import { SekishoError } from '../errors.ts';
import type { EventCommon } from '../events.ts';
import type { GatewayEvent } from '../ports/gateway.ts';
import { type Channel, type Json, key, type Versioned } from '../ports/store.ts';
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
  /** Whose it is, for events. */
  about: Omit<EventCommon, 'time'>;
  /** The number was proved before this was sent to it. */
  proved?: boolean;
}

/** Receipts may come a day later (PRV-05). */
const KEPT = 86_400_000;
/** How long a receipt waits for the answer to its send. */
const EARLY = 60_000;

type Stored = Omit<Known, 'id' | 'uid' | 'e164' | 'locale' | 'about'> & { sealed: Sealed };

const messageKey = (id: string) => key(digest(`message ${id}`), 'message');
const vendorKey = (gateway: string, vendorId: string, kind: 'vendor' | 'early') =>
  key(digest(`${gateway} ${vendorId}`), kind);
const context = (id: string) => `message ${id}`;

/** The id of an interaction, a number and whose they are is sealed: none of it stands in the store. */
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
    holder: string | undefined;
    about: Known['about'];
  },
): Promise<void> {
  const { channel, tag, challengeId, uid, phone, locale, holder, about } = letter;
  const proved = holder !== undefined;
  const now = core.clock.now();
  const sealed = seal(core.ring, JSON.stringify([uid, phone.e164, locale, about]), context(id));
  const stored: Stored = { gateway, channel, tag, challengeId, sentAt: now, proved, sealed };
  await core.store.put(messageKey(id), stored as unknown as Json, now + KEPT, now);
}

/** The message a receipt is about, if we sent it by this gateway: another gateway's receipts are none of its business. */
export async function findMessage(core: Core, gateway: string, id: string): Promise<Known | undefined> {
  const record = await core.store.get(messageKey(id), core.clock.now());
  const stored = record as unknown as Stored | undefined;
  if (stored?.gateway !== gateway) return undefined;
  const { sealed, ...rest } = stored;
  const opened = open(core, sealed, id);
  if (opened === undefined) return undefined;
  // One that was sent before this version says nothing about whose it is.
  const [uid, e164, locale, about = {}] = JSON.parse(opened) as [string, string, string, Known['about']?];
  return { ...rest, id, uid, e164, locale, about };
}

/** What was sealed with a secret that is gone is nobody's any more; it must not hold up the rest of a batch. */
function open(core: Core, sealed: Sealed, id: string): string | undefined {
  try {
    return unseal(core.ring, sealed, context(id));
  } catch (error) {
    if (error instanceof SekishoError) return undefined;
    throw error;
  }
}

/** For gateways whose receipts name nothing but the vendor's id. Answers the receipts that were quicker than this. */
export async function rememberVendorId(
  core: Core,
  gateway: string,
  vendorId: string,
  id: string,
): Promise<GatewayEvent[]> {
  const now = core.clock.now();
  await core.store.put(vendorKey(gateway, vendorId, 'vendor'), id, now + KEPT, now);
  const early = await core.store.get(vendorKey(gateway, vendorId, 'early'), now);
  return (early as unknown as Early | undefined)?.events ?? [];
}

export async function idOf(core: Core, gateway: string, vendorId: string): Promise<string | undefined> {
  const id = await core.store.get(vendorKey(gateway, vendorId, 'vendor'), core.clock.now());
  return typeof id === 'string' ? id : undefined;
}

type Early = { rev: number; events: GatewayEvent[] };

/**
 * Keeps a receipt for a message that nobody knows yet, for a minute.
 *
 * @returns the message after all, when the answer to its send came at the same moment.
 */
export async function keepEarly(
  core: Core,
  gateway: string,
  vendorId: string,
  event: GatewayEvent,
): Promise<string | undefined> {
  const name = vendorKey(gateway, vendorId, 'early');
  for (let round = 0; round < 5; round += 1) {
    const now = core.clock.now();
    const known = (await core.store.get(name, now)) as unknown as Early | undefined;
    const rev = known?.rev ?? 0;
    const next = {
      rev: rev + 1,
      events: [...(known?.events ?? []), event].slice(-5),
    } as unknown as Versioned;
    const written =
      rev === 0
        ? await core.store.add(name, next, now + EARLY, now)
        : await core.store.replace(name, next, rev, now + EARLY, now);
    if (written) break;
  }
  // Whoever took the answer looked for early receipts after it wrote the id: one of the two sees the other.
  return idOf(core, gateway, vendorId);
}
