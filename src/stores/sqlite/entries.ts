import type { DatabaseSync } from 'node:sqlite';
import type { Json, Key } from '../../ports/store.ts';
import type { MachineTime } from './machine-time.ts';
import { createSweep } from './sweep.ts';
import { createTimeline } from './timeline.ts';

/** Rows under keys, and the transaction around them. What a row means is for those who call. */
export interface Entries {
  /** The row, also where it expired. */
  read(key: Key): Entry | undefined;
  /** The value, unless it expired. */
  live(key: Key, now: number): Json | undefined;
  write(key: Key, value: unknown, expiresAt: number | null): void;
  /** Removes the row with all that hangs on it. */
  remove(key: Key): boolean;
  /**
   * One transaction of several statements. Where the caller says what time it is, it first clears away a few rows that
   * were over long before.
   */
  step<T>(now: number | undefined, work: () => T): T;
  /** Codes of another term are void (timeline.ts). */
  term(): string;
}
export interface Entry {
  value: Json;
  expiresAt: number | null;
}

export function createEntries(database: DatabaseSync, time: MachineTime): Entries {
  const select = database.prepare('SELECT value, expires_at AS expiresAt FROM entry WHERE key = ?');
  const upsert = database.prepare(
    `INSERT INTO entry (key, value, expires_at) VALUES (?, ?, ?)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`,
  );
  const remove = database.prepare('DELETE FROM entry WHERE key = ?');
  const sweep = createSweep(database);
  const timeline = createTimeline(database);
  const transaction = createTransaction(database, timeline.reload);

  const read = (key: Key): Entry | undefined => {
    const row = select.get(key) as { value: string; expiresAt: number | null } | undefined;
    return row && { value: JSON.parse(row.value), expiresAt: row.expiresAt };
  };
  return {
    read,
    live(key, now) {
      const entry = read(key);
      return entry && isLive(entry.expiresAt, now) ? entry.value : undefined;
    },
    write: (key, value, expiresAt) => void upsert.run(key, JSON.stringify(value), expiresAt),
    remove: (key) => remove.run(key).changes > 0,
    step: (now, work) =>
      transaction(() => {
        if (now !== undefined) {
          time.assertNow(now);
          timeline.pass(now);
          sweep(now, timeline.horizon());
        }
        return work();
      }),
    term: timeline.term,
  };
}

/** A record whose expiry is not after `now` is absent. */
export function isLive(expiresAt: number | null, now: number): boolean {
  return expiresAt === null || expiresAt > now;
}

function createTransaction(database: DatabaseSync, undone: () => void): <T>(work: () => T) => T {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  return (work) => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (database.isTransaction) database.exec('ROLLBACK');
      undone();
      throw error;
    }
  };
}
