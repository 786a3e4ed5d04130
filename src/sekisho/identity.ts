import { SekishoError } from '../errors.ts';
import type { EventKind } from '../events.ts';
import type { StoreIdentity } from '../options.ts';
import type { Store } from '../ports/store.ts';

/**
 * Whether what is in the store may be believed. `emptied`: it is not the one that was here before; `lost`: acknowledged
 * records are missing since another server took over; `settling`: for some seconds after that.
 */
export type StoreTrust = 'ok' | 'emptied' | 'lost' | 'settling';

/**
 * An account that had a number looks, in an emptied store, as if it never had one, and a password alone would bind another
 * (attack 16, faults A.3 and H.1). So which store it is, is remembered outside of it.
 */
export interface TrustWatch {
  /** @throws SekishoError `store_unavailable` */
  trust(): Promise<StoreTrust>;
  /** @throws SekishoError `store_unavailable` unless it may be believed. */
  assertTrusted(): Promise<void>;
  /** An operator says that what is there is what counts. */
  confirm(): Promise<void>;
}

/** Reads which store it should be; the first time, remembers the one that is there. */
export async function watchTrust(
  store: Store,
  memory: StoreIdentity | undefined,
  emit: (event: EventKind) => void,
): Promise<TrustWatch> {
  const first = await store.epoch();
  let expected = await memory?.read();
  if (expected === undefined) {
    expected = first;
    await memory?.write(first);
  }
  const isTheSame = async () => {
    const epoch = await store.epoch();
    // An operator may have confirmed it from outside.
    if (epoch !== expected) expected = (await memory?.read()) ?? expected;
    return epoch === expected;
  };
  let last: StoreTrust = 'ok';
  const trust = async () => {
    const found: StoreTrust = (await isTheSame()) ? ((await store.doubt()) ?? 'ok') : 'emptied';
    if (found !== last) emit({ type: 'store.trust', state: found });
    last = found;
    return found;
  };
  await trust();
  return {
    trust,
    async assertTrusted() {
      const found = await trust();
      if (found !== 'ok') throw new SekishoError('store_unavailable', ADVICE[found]);
    },
    async confirm() {
      const epoch = await store.epoch();
      await memory?.write(epoch);
      // What cannot be changed from here, such as a setting, stays as it is.
      expected = (await memory?.read()) ?? epoch;
      await store.confirm();
      await trust();
    },
  };
}

/** What to do; for `/ready`, the log and the console. */
export const ADVICE: Readonly<Record<Exclude<StoreTrust, 'ok'>, string>> = {
  emptied:
    'This is not the store that was here before. Put the backup back, or run "sekisho store confirm" if it is meant to be empty. Until then nobody binds a number',
  lost: 'The store lacks what it had acknowledged before another server took over. Look at docs/stores.md, then run "sekisho store confirm". Until then nobody binds a number',
  settling:
    'Another server took over the store. Numbers can be bound again in some seconds, unless something is missing',
};
