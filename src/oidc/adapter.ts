import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Core } from '../domain/core.ts';
import { digest } from '../domain/keys.ts';
import type { Clock } from '../ports/clock.ts';
import { type Json, type Key, key, type Store } from '../ports/store.ts';
import { listUnderAccount } from './account-records.ts';
import { deleteOnceAnswered } from './retryable.ts';
import { readSession, saveSession } from './session-record.ts';
import { storedPayloads } from './stored-payload.ts';
import { createSpending } from './unspent.ts';

/** Models whose records go when their grant is revoked. */
const GRANTABLE = new Set([
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
  'PreAuthorizedCode',
]);

/**
 * Stands before a key where the library expects the id of a session; no id that it makes begins like this. It is no way in:
 * `find` takes a handle for one more unknown id.
 */
const HANDLE = '#';

/**
 * `oidc-provider`'s storage on the Store, so that one store holds everything. Records are named by digests of their ids
 * and do not hold the id, which is the value of a cookie or a token: a copy of the store hands out no live session.
 */
export function createAdapterFactory({ store, clock, ring }: Storage): (model: string) => Adapter {
  const payloads = storedPayloads(ring);
  const spending = createSpending({ store, clock });
  const found = (model: string, id: string | undefined, stored: Json | undefined, record?: Key) => {
    if (stored === undefined) return undefined;
    const payload = payloads.restore(model, id, stored);
    return model === 'Session' && record ? readSession(record, payload) : payload;
  };
  return (model) => ({
    upsert: (id, payload, expiresIn) =>
      write(
        { store, model, now: clock.now() },
        id,
        payloads.keep(model, id, unlessWeFail(payload)),
        expiresIn,
      ),
    // Not `keyFor`: what comes from a cookie or a request must never be taken for a handle.
    async find(id) {
      const record = recordKey(model, id);
      return found(model, id, await spending.read(record), record);
    },
    /** The id is not in the store, so a handle takes its place: saving and destroying work as ever. */
    async findByUid(uid) {
      const { record, stored } = await follow({ store, clock }, pointerKey('uid', uid));
      return found('Session', `${HANDLE}${record}`, stored, record);
    },
    async findByUserCode(userCode) {
      const { stored } = await follow({ store, clock }, pointerKey('user-code', userCode));
      return found('DeviceCode', undefined, stored);
    },
    // What points to the record may stay until it expires: it leads nowhere.
    destroy: (id) => deleteOnceAnswered(() => store.delete(keyFor(model, id))),
    async consume(id) {
      if (!(await spending.spend(keyFor(model, id)))) throw usedBefore(model);
    },
    revokeByGrantId: (grantId) => revoke(store, clock, grantId),
  });
}

/**
 * The library notes what ends a request with the code of a device, a failure of ours too, and the device would get that for
 * good. Its code is then as if the person had not come: whoever loads the page or enters the code again goes on (fault H.9).
 */
function unlessWeFail(payload: AdapterPayload): AdapterPayload {
  if (payload['error'] !== 'server_error') return payload;
  const { error: _error, errorDescription: _text, inFlight: _used, accountId: _account, ...before } = payload;
  return before;
}

type Storage = Pick<Core, 'store' | 'clock' | 'ring'>;

interface Place {
  store: Store;
  model: string;
  now: number;
}

/** Writes the record and everything it can be found by side by side, which is one round trip to Redis. */
async function write(place: Place, id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
  const { store, model, now } = place;
  const { uid, userCode, grantId } = payload;
  const record = keyFor(model, id);
  const expiresAt = expiresIn === undefined ? null : now + expiresIn * 1000;
  const writes: Promise<unknown>[] = [save(place, record, payload, expiresAt)];
  if (model === 'Session' && uid) writes.push(store.put(pointerKey('uid', uid), record, expiresAt, now));
  if (userCode) writes.push(store.put(pointerKey('user-code', userCode), record, expiresAt, now));
  const listed = model === 'Session' ? [record] : model === 'Grant' ? [record, pointerKey('grant', id)] : [];
  if (typeof payload.accountId === 'string')
    writes.push(listUnderAccount(place, payload.accountId, listed, expiresAt));
  if (GRANTABLE.has(model) && grantId) {
    // No cap: a token that is missing here would outlive the revocation of its grant.
    writes.push(store.join(pointerKey('grant', grantId), record, Number.MAX_SAFE_INTEGER, expiresAt, now));
  }
  await Promise.all(writes);
}

async function save(
  place: Place,
  record: Key,
  payload: AdapterPayload,
  expiresAt: number | null,
): Promise<void> {
  const { store, model, now } = place;
  const kept = payload as unknown as Json;
  if (model === 'Session') return saveSession(store, record, payload, { expiresAt, now });
  if (model !== 'ReplayDetection') return store.put(record, kept, expiresAt, now);
  // The library looks whether an assertion was seen and then notes it; of two at once only one may pass.
  if (!(await store.add(record, kept, expiresAt, now))) throw usedBefore(model);
}

/** Reads what a pointer names. */
async function follow({ store, clock }: Pick<Storage, 'store' | 'clock'>, pointer: Key) {
  const record = (await store.get(pointer, clock.now())) as Key | undefined;
  const stored = record === undefined ? undefined : await store.get(record, clock.now());
  return { record, stored };
}

async function revoke(store: Store, clock: Clock, grantId: string): Promise<void> {
  const tokens = pointerKey('grant', grantId);
  const members = await store.members(tokens, clock.now());
  await Promise.all([...members.map((member) => store.delete(member as Key)), store.delete(tokens)]);
}

/** Of parallel requests with one token, all found it unused; the store let one of them have it (OID-14). */
function usedBefore(model: string): Error {
  if (model === 'PushedAuthorizationRequest')
    return new errors.InvalidRequestUri('request_uri was already used');
  if (model === 'ReplayDetection')
    return new errors.InvalidRequest('the assertion or proof was already used');
  return new errors.InvalidGrant('already used');
}

const recordKey = (model: string, id: string): Key => key(digest(`${model} ${id}`), 'oidc', model);
const pointerKey = (kind: 'uid' | 'user-code' | 'grant', id: string): Key =>
  key(digest(`${kind} ${id}`), `oidc-${kind}`);

function keyFor(model: string, id: string): Key {
  if (model === 'Session' && id.startsWith(HANDLE)) return id.slice(HANDLE.length) as Key;
  return recordKey(model, id);
}
