import type { Json, RotateRequest, RotatingRecord } from '../../ports/store.ts';
import { demandNextRev } from '../shared/revision.ts';
import type { Direct } from './direct.ts';
import type { Entries } from './entries.ts';
import { decideRotation } from './rotation.ts';

type RecordMethods = Direct<'get' | 'put' | 'add' | 'replace' | 'delete' | 'consume' | 'rotate'>;

/** Records under one key each. */
export function records(entries: Entries): RecordMethods {
  return {
    get: (key, now) => entries.live(key, now),
    put: (key, value, expiresAt, now) => entries.step(now, () => entries.write(key, value, expiresAt)),
    add: (key, value, expiresAt, now) =>
      entries.step(now, () => {
        if (entries.live(key, now) !== undefined) return false;
        entries.write(key, value, expiresAt);
        return true;
      }),
    replace: (key, value, expectedRev, expiresAt, now) =>
      entries.step(now, () => {
        demandNextRev(value, expectedRev);
        if (revOf(entries.live(key, now)) !== expectedRev) return false;
        entries.write(key, value, expiresAt);
        return true;
      }),
    delete: (key) => entries.remove(key),
    consume: (key, at, now) => entries.step(now, () => consume(entries, key, at, now)),
    rotate: (request) => entries.step(request.now, () => rotate(entries, request)),
  };
}

function revOf(value: Json | undefined): unknown {
  return isObject(value) ? value['rev'] : undefined;
}

function isObject(value: Json | undefined): value is { [name: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function consume(entries: Entries, ...[key, at, now]: Parameters<RecordMethods['consume']>): boolean {
  const entry = entries.read(key);
  const value = entries.live(key, now);
  if (!entry || !isObject(value) || (value['consumed'] ?? null) !== null) return false;
  entries.write(key, { ...value, consumed: at }, entry.expiresAt);
  return true;
}

function rotate(entries: Entries, request: RotateRequest): ReturnType<RecordMethods['rotate']> {
  const record = entries.live(request.key, request.now) as RotatingRecord | undefined;
  const { outcome, next } = decideRotation(record, request);
  if (next) entries.write(request.key, next, next.expiresAt);
  if (outcome.result === 'replayed') entries.remove(request.key);
  return outcome;
}
