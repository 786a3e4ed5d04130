import type { AdapterPayload } from 'oidc-provider';
import type { KeyRing } from '../domain/keys.ts';
import { seal, unseal } from '../domain/seal.ts';
import type { Json } from '../ports/store.ts';

/** A payload of the library as it is kept: whoever reads the store finds nothing in it that opens anything (fault A.10). */
export interface StoredPayloads {
  keep(model: string, id: string, payload: AdapterPayload): AdapterPayload;
  /** @param id What the record was found by; undefined where that was the user code of a device. */
  restore(model: string, id: string | undefined, stored: Json): AdapterPayload;
}

/** Stands in an address for the id of the record. */
const ITSELF = '{id}';
/** Ids of other records that an interaction names, because the library looks for these once more. */
const NAMED = ['deviceCode', 'parJti'] as const;

/**
 * No record holds its own id, which is the value of a cookie or a token; only a device code does, sealed, because it is
 * found by its user code. An interaction names the session it began in, which the library never reads (9.13.3), the address
 * where it goes on, which ends in its id, and ids of other records.
 *
 * @param ring Seals what the library needs back.
 */
export function storedPayloads(ring: KeyRing): StoredPayloads {
  return {
    keep(model, id, payload) {
      // The id of a client is public.
      if (model === 'Client') return payload;
      const { jti: _id, ...rest } = payload;
      if (model === 'DeviceCode') return { ...rest, jti: seal(ring, id, sealContext(model, 'jti')) };
      return model === 'Interaction' ? keepInteraction(ring, id, rest) : rest;
    },
    restore(model, id, stored) {
      const payload = stored as unknown as AdapterPayload;
      if (model === 'Client') return payload;
      const own = id ?? unseal(ring, payload.jti!, sealContext(model, 'jti'));
      return { ...(model === 'Interaction' ? restoreInteraction(ring, own, payload) : payload), jti: own };
    },
  };
}

function keepInteraction(ring: KeyRing, id: string, payload: AdapterPayload): AdapterPayload {
  const { returnTo, session } = payload;
  const { cookie: _cookie, ...withoutCookie } = session ?? {};
  return {
    ...payload,
    ...(returnTo === undefined ? {} : { returnTo: returnTo.replaceAll(id, ITSELF) }),
    ...(session === undefined ? {} : { session: withoutCookie as typeof session }),
    ...eachNamed(payload, (name, value) => seal(ring, value, sealContext(id, name))),
  };
}

function restoreInteraction(ring: KeyRing, id: string, payload: AdapterPayload): AdapterPayload {
  const { returnTo } = payload;
  return {
    ...payload,
    ...(returnTo === undefined ? {} : { returnTo: returnTo.replaceAll(ITSELF, id) }),
    ...eachNamed(payload, (name, value) => unseal(ring, value, sealContext(id, name))),
  };
}

function eachNamed(payload: AdapterPayload, change: (name: string, value: string) => string): AdapterPayload {
  const entries = NAMED.flatMap((name) => {
    const value = payload[name];
    return typeof value === 'string' ? [[name, change(name, value)]] : [];
  });
  return Object.fromEntries(entries);
}

const sealContext = (record: string, field: string) => `oidc ${record} ${field}`;
