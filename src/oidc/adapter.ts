import type { Adapter, AdapterPayload } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { digest } from '../domain/keys.ts';
import type { Clock } from '../ports/clock.ts';
import { type Json, type Key, key, type Store } from '../ports/store.ts';

/** Models whose records go when their grant is revoked. */
const GRANTABLE = new Set([
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
  'PreAuthorizedCode',
]);
const MOST_TOKENS_OF_A_GRANT = 10_000;

/**
 * `oidc-provider`'s storage on the Store, so that one store holds everything. Records are named by digests of their ids
 * and do not hold the id, which is the value of a cookie or a token: a copy of the store hands out no live session. Only
 * a Session keeps its id, which the library needs back when it looks one up by uid.
 */
export function createAdapterFactory(store: Store, clock: Clock): (model: string) => Adapter {
  return (model) => createAdapter(store, clock, model);
}

function createAdapter(store: Store, clock: Clock, model: string): Adapter {
  const byKey = async (record: Key, id: string | undefined): Promise<AdapterPayload | undefined> => {
    const payload = (await store.get(record, clock.now())) as AdapterPayload | undefined;
    return payload && id !== undefined ? { ...payload, jti: id } : payload;
  };
  const byPointer = async (pointer: Key) => {
    const record = await store.get(pointer, clock.now());
    return typeof record === 'string' ? byKey(record as Key, undefined) : undefined;
  };
  return {
    async upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn ? clock.now() + expiresIn * 1000 : null;
      await Promise.all(writes(store, clock, model, id, payload, expiresAt));
    },
    find: (id) => byKey(recordKey(model, id), id),
    findByUid: (uid) => byPointer(pointerKey('uid', uid)),
    findByUserCode: (userCode) => byPointer(pointerKey('user-code', userCode)),
    async destroy(id) {
      await store.delete(recordKey(model, id));
    },
    async consume(id) {
      const now = clock.now();
      // Two requests with one code or refresh token both found it unused; only one of them may go on (OID-14).
      if (await store.consume(recordKey(model, id), Math.floor(now / 1000), now)) return;
      throw new errors.InvalidGrant('already used');
    },
    async revokeByGrantId(grantId) {
      const group = pointerKey('grant', grantId);
      const members = await store.members(group, clock.now());
      await Promise.all(members.map((member) => store.delete(member as Key)));
      await Promise.all(members.map((member) => store.leave(group, member)));
    },
  };
}

/** The record and everything it can be found by, to be written side by side. */
function writes(
  store: Store,
  clock: Clock,
  model: string,
  id: string,
  payload: AdapterPayload,
  expiresAt: number | null,
): Promise<unknown>[] {
  const record = recordKey(model, id);
  const { jti: _, ...rest } = payload;
  const kept = (model === 'Session' ? payload : rest) as unknown as Json;
  const { uid, userCode, grantId } = payload;
  return [
    store.put(record, kept, expiresAt),
    model === 'Session' && uid ? store.put(pointerKey('uid', uid), record, expiresAt) : undefined,
    userCode ? store.put(pointerKey('user-code', userCode), record, expiresAt) : undefined,
    GRANTABLE.has(model) && grantId
      ? store.join(pointerKey('grant', grantId), record, MOST_TOKENS_OF_A_GRANT, expiresAt, clock.now())
      : undefined,
  ].filter((write) => write !== undefined);
}

const recordKey = (model: string, id: string): Key => key(digest(`${model} ${id}`), 'oidc', model);
const pointerKey = (kind: string, id: string): Key => key(digest(`${kind} ${id}`), `oidc-${kind}`);
