import { randomUUID } from 'node:crypto';
import { SekishoError } from '../errors.ts';
import { type Channel, type Json, type Key, key } from '../ports/store.ts';
import type { Core } from './core.ts';
import { mac } from './keys.ts';
import { accountTag } from './limits.ts';
import { maskPhone } from './phone.ts';
import { type Sealed, seal, unseal } from './seal.ts';

/** A phone bound to an account: an authenticator in the sense of NIST SP 800-63B-4. */
export interface Authenticator {
  /** Random; a number bound again is another authenticator, with failures of its own (OTP-05). */
  id: string;
  number: Sealed;
  channels: Channel[];
  /** Milliseconds since the epoch (BND-07). */
  boundAt: number;
}

const phoneKey = (accountId: string) => key(accountTag(accountId), 'phone');
const sealContext = (accountId: string) => `phone ${accountId}`;
const ownersKey = (indexMac: string) => key(indexMac, 'owners');

/** The authenticator of an account; undefined when no number is bound. */
export async function findAuthenticator(core: Core, accountId: string): Promise<Authenticator | undefined> {
  const record = await core.store.get(phoneKey(accountId), core.clock.now());
  return record as unknown as Authenticator | undefined;
}

export const authenticatorNumber = (core: Core, accountId: string, phone: Authenticator): string =>
  unseal(core.ring, phone.number, sealContext(accountId));

/**
 * Binds a number whose code was entered just now (BND-04), if the account has none and the number is not in use by too
 * many accounts (RST-07).
 *
 * @param cap How many accounts may have the number; 1 for sign-up.
 * @throws SekishoError `number_taken`, only ever seen by somebody who holds the phone (lesson 18).
 * @throws SekishoError `store_unavailable` when the store lost its data while this process ran (attack 16).
 */
export async function bindNumber(
  core: Core,
  accountId: string,
  e164: string,
  channels: readonly Channel[],
  cap: number,
): Promise<Authenticator> {
  const now = core.clock.now();
  await core.assertStoreKept();
  const phone: Authenticator = {
    id: randomUUID(),
    number: seal(core.ring, e164, sealContext(accountId)),
    channels: [...channels],
    boundAt: now,
  };
  if (!(await core.store.add(phoneKey(accountId), phone as unknown as Json, null, now))) {
    throw new SekishoError('interaction_mismatch', 'The account got a number from another sign-in meanwhile');
  }
  if (!(await claimNumber(core, accountId, e164, cap))) {
    await core.store.delete(phoneKey(accountId));
    core.emit({ type: 'number.refused', code: 'number_taken' }, { account: accountId });
    throw new SekishoError('number_taken', 'The number is bound to as many accounts as it may be');
  }
  core.emit({ type: 'authenticator.bound', number: maskPhone(e164) }, { account: accountId });
  return phone;
}

async function claimNumber(core: Core, accountId: string, e164: string, cap: number): Promise<boolean> {
  const now = core.clock.now();
  const [current, ...older] = core.ring.all.map((set) => ownersKey(mac(set.index, e164)));
  const elsewhere = (await Promise.all(older.map((owners) => core.store.members(owners, now)))).flat();
  const others = new Set(elsewhere.filter((owner) => owner !== accountId));
  const join = () => core.store.join(current!, accountId, cap - others.size, null, now);
  return (await join()) || ((await dropGhosts(core, current!)) && join());
}

/** A sign-up that got this far has its account within a minute, or its process died. */
const LONGEST_SIGN_UP = 60_000;

/** Takes owners off a number who never came to be, because a process died in between. Answers whether there were any. */
async function dropGhosts(core: Core, owners: Key): Promise<boolean> {
  const now = core.clock.now();
  let dropped = false;
  for (const owner of await core.store.members(owners, now)) {
    const phone = await findAuthenticator(core, owner);
    const old = phone !== undefined && phone.boundAt < now - LONGEST_SIGN_UP;
    const ghost = !phone || (old && core.options.accounts && !(await core.options.accounts.find(owner)));
    if (!ghost) continue;
    await Promise.all([core.store.leave(owners, owner), core.store.delete(phoneKey(owner))]);
    dropped = true;
  }
  return dropped;
}

/**
 * Takes the number off an account, as support does after a loss (BND-08): no code that was sent for it works from now
 * on, and the next sign-in binds a number anew.
 *
 * @returns the number in E.164; undefined when there was none.
 */
export async function removeAuthenticator(core: Core, accountId: string): Promise<string | undefined> {
  const phone = await findAuthenticator(core, accountId);
  if (!phone) return undefined;
  await core.store.delete(phoneKey(accountId));
  await core.store.delete(key(accountTag(accountId), 'tally', phone.id));
  const e164 = authenticatorNumber(core, accountId, phone);
  await disown(core, accountId, e164);
  core.emit({ type: 'authenticator.removed' }, { account: accountId });
  return e164;
}

/** Gives a claimed number back, when what it was claimed for did not happen. */
export async function disown(core: Core, accountId: string, e164: string): Promise<void> {
  await Promise.all(core.ring.all.map((set) => core.store.leave(ownersKey(mac(set.index, e164)), accountId)));
}

/** The OpenID Connect claims of scope `phone` (OID-12); empty when no number is bound. */
export async function phoneClaims(
  core: Core,
  accountId: string,
): Promise<{ phone_number?: string; phone_number_verified?: true }> {
  const phone = await findAuthenticator(core, accountId);
  if (!phone) return {};
  return { phone_number: authenticatorNumber(core, accountId, phone), phone_number_verified: true };
}
