import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { digest } from '../domain/keys.ts';
import type { Clock } from '../ports/clock.ts';
import { type Json, type Key, key, type Store } from '../ports/store.ts';
import { listUnderAccount } from './account-records.ts';
import { deleteOnceAnswered } from './retryable.ts';

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
 * Models whose records stay as they are. The id of a client is public. A device code is found by its user code, and the
 * library then writes its id into an interaction, to find it once more.
 */
const KEPT_WHOLE = new Set(['Client', 'DeviceCode']);

/** Stands before a key where the library expects the id of a session; no id that it makes begins like this. */
const HANDLE = '#';

/**
 * `oidc-provider`'s storage on the Store, so that one store holds everything. Records are named by digests of their ids
 * and do not hold the id, which is the value of a cookie or a token: a copy of the store hands out no live session.
 */
export function createAdapterFactory(store: Store, clock: Clock): (model: string) => Adapter {
  return (model) => ({
    upsert: (id, payload, expiresIn) => write({ store, model, now: clock.now() }, id, payload, expiresIn),
    // Not `keyFor`: what comes from a cookie or a request must never be taken for a handle.
    find: async (id) => restore(model, id, await store.get(recordKey(model, id), clock.now())),
    findByUid: (uid) => findSession(store, clock, uid),
    findByUserCode: (userCode) => findDeviceCode(store, clock, userCode),
    // What points to the record may stay until it expires: it leads nowhere.
    destroy: (id) => deleteOnceAnswered(() => store.delete(keyFor(model, id))),
    async consume(id) {
      const now = clock.now();
      if (!(await store.consume(keyFor(model, id), Math.floor(now / 1000), now))) throw usedBefore(model);
    },
    revokeByGrantId: (grantId) => revoke(store, clock, grantId),
  });
}

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
  const writes: Promise<unknown>[] = [save(place, record, withoutSecrets(model, id, payload), expiresAt)];
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
  if (model !== 'ReplayDetection') return store.put(record, kept, expiresAt, now);
  // The library looks whether an assertion was seen and then notes it; of two at once only one may pass.
  if (!(await store.add(record, kept, expiresAt, now))) throw usedBefore(model);
}

/** Stands in an address for the id of the record. */
const ITSELF = '{id}';

/**
 * Besides its own id, an interaction names the session it began in, which the library never reads (9.13.3), and the address
 * where it goes on, which ends in its id: the value of two cookies (fault A.10).
 */
function withoutSecrets(model: string, id: string, payload: AdapterPayload): AdapterPayload {
  if (KEPT_WHOLE.has(model)) return payload;
  const { jti: _id, ...rest } = payload;
  if (model !== 'Interaction') return rest;
  const { returnTo, session } = rest;
  return {
    ...rest,
    ...(returnTo === undefined ? {} : { returnTo: returnTo.replaceAll(id, ITSELF) }),
    ...(session === undefined ? {} : { session: withoutCookie(session) }),
  };
}

function withoutCookie({ cookie: _cookie, ...session }: NonNullable<AdapterPayload['session']>) {
  return session;
}

function restore(model: string, id: string, stored: Json | undefined): AdapterPayload | undefined {
  if (stored === undefined) return undefined;
  const payload = stored as unknown as AdapterPayload;
  if (KEPT_WHOLE.has(model)) return payload;
  const { returnTo } = payload;
  const address = returnTo === undefined ? {} : { returnTo: returnTo.replaceAll(ITSELF, id) };
  return { ...payload, ...address, jti: id };
}

/**
 * The id of the session is not in the store, so a handle takes its place: saving and destroying the session work as
 * ever. It is no way in, for `find` takes a handle for one more unknown id.
 */
async function findSession(store: Store, clock: Clock, uid: string): Promise<AdapterPayload | undefined> {
  const record = (await store.get(pointerKey('uid', uid), clock.now())) as Key | undefined;
  if (record === undefined) return undefined;
  return restore('Session', `${HANDLE}${record}`, await store.get(record, clock.now()));
}

async function findDeviceCode(
  store: Store,
  clock: Clock,
  userCode: string,
): Promise<AdapterPayload | undefined> {
  const record = (await store.get(pointerKey('user-code', userCode), clock.now())) as Key | undefined;
  if (record === undefined) return undefined;
  return restore('DeviceCode', '', await store.get(record, clock.now()));
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
