import { type Key, key } from '../ports/store.ts';
import type { Core } from './core.ts';
import { mac } from './keys.ts';
import { maskPhone } from './phone.ts';

/** By every secret there is: one made under an older secret still counts. */
const stoppedKeys = (core: Core, e164: string): Key[] =>
  core.ring.all.map(({ index }) => key(mac(index, e164), 'stopped'));

/**
 * Whether the person at this number said STOP: no SMS goes there, whatever asks for it. Calls and other factors stay.
 */
export async function isStopped(core: Core, e164: string): Promise<boolean> {
  const now = core.clock.now();
  const names = stoppedKeys(core, e164);
  const found = await Promise.all(names.map((name) => core.store.get(name, now)));
  const record = found.find((one) => one !== undefined);
  if (record === undefined) return false;
  // It has to outlive the secret it was written under.
  if (found[0] === undefined) await core.store.add(names[0]!, record, null, now);
  return true;
}

/** Remembers it until the person says START. */
export async function stopSms(core: Core, e164: string): Promise<void> {
  const now = core.clock.now();
  // Under every secret: during a roll-out another process may not have the newest one in front yet.
  const added = await Promise.all(
    stoppedKeys(core, e164).map((name) => core.store.add(name, { at: now }, null, now)),
  );
  if (added.every(Boolean)) core.emit({ type: 'sms.stopped', number: maskPhone(e164) });
}

/** @returns whether the number was stopped. */
export async function resumeSms(core: Core, e164: string): Promise<boolean> {
  const removed = await Promise.all(stoppedKeys(core, e164).map((name) => core.store.delete(name)));
  const resumed = removed.some(Boolean);
  if (resumed) core.emit({ type: 'sms.resumed', number: maskPhone(e164) });
  return resumed;
}
