import type { AdapterPayload } from 'oidc-provider';
import { SekishoError } from '../errors.ts';
import type { Json, Key, Store, Versioned } from '../ports/store.ts';
import { revisionsRead } from './retryable.ts';

/** A session as it is kept. */
type Kept = AdapterPayload & { rev: number };
const TRIES = 20;

/** What the library gets of a session, whose revision the request under way remembers. */
export function readSession(record: Key, stored: AdapterPayload): AdapterPayload {
  const { rev, ...payload } = stored as Kept;
  revisionsRead()?.set(record, rev);
  return payload;
}

/**
 * Saves a session as a request leaves it that may not have been alone. The library writes over what was saved meanwhile: of two
 * applications that asked at one moment one was not told of the sign-out, and a request that was under way at a sign-out
 * brought the session back. So what both added stays, and a session that is gone stays so. A session under a new id is
 * written as it is.
 */
export async function saveSession(
  store: Store,
  record: Key,
  payload: AdapterPayload,
  { expiresAt, now }: { expiresAt: number | null; now: number },
): Promise<void> {
  const revisions = revisionsRead();
  let rev = revisions?.get(record);
  if (rev === undefined)
    return store.put(record, { ...payload, rev: now } as unknown as Json, expiresAt, now);
  let next = payload;
  for (let left = TRIES; left > 0; left -= 1) {
    const value = { ...next, rev: rev + 1 } as unknown as Versioned;
    if (await store.replace(record, value, rev, expiresAt, now)) return void revisions!.set(record, rev + 1);
    const current = (await store.get(record, now)) as unknown as Kept | undefined;
    if (!current) return;
    rev = current.rev;
    if (current.accountId !== payload.accountId) continue;
    const authorizations = { ...current.authorizations, ...payload.authorizations };
    next = { ...current, ...payload, authorizations };
  }
  throw new SekishoError('store_unavailable', 'A session changes faster than it can be saved');
}
