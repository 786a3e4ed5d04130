import { key } from '../ports/store.ts';
import type { Core } from './core.ts';
import { numberTag } from './limits.ts';

/** Numbers move between carriers, so what a receipt told is believed for three months. */
const BELIEVED = 90 * 86_400_000;
const carrierKey = (core: Core, e164: string) => key(numberTag(core, e164), 'carrier');

/** The carrier that a receipt last named for this number; undefined when none did. */
export async function usualCarrier(core: Core, e164: string): Promise<string | undefined> {
  const record = await core.store.get(carrierKey(core, e164), core.clock.now());
  return typeof record === 'string' ? record : undefined;
}

/** A carrier is a word from a receipt, so it is taken only if it looks like one. */
export const carrierIn = (word: unknown): string | undefined =>
  typeof word === 'string' && /^[a-z0-9-]{2,24}$/.test(word) ? word : undefined;

export async function rememberCarrier(core: Core, e164: string, carrier: string): Promise<void> {
  const now = core.clock.now();
  await core.store.put(carrierKey(core, e164), carrier, now + BELIEVED, now);
}
