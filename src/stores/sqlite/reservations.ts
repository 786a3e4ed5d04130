import type { DatabaseSync } from 'node:sqlite';
import { CLOCK_TOLERANCE_MS } from '../../ports/clock.ts';
import type { Key, Reservation } from '../../ports/store.ts';
import type { Direct } from './direct.ts';
import type { Entries } from './entries.ts';
import { decideReservation, type History, longestWindow } from './reservation.ts';

type ReservationMethods = Direct<'reserve' | 'release'>;

/** Uses under a limit: one row for each use, so that a limit of thousands costs no more than one of three. */
export function reservations(database: DatabaseSync, entries: Entries): ReservationMethods {
  const insert = database.prepare('INSERT INTO use (key, at) VALUES (?, ?)');
  const forget = database.prepare('DELETE FROM use WHERE key = ? AND at <= ?');
  const takeBack = database.prepare(
    'DELETE FROM use WHERE rowid = (SELECT rowid FROM use WHERE key = ? AND at = ? LIMIT 1)',
  );
  const bound = database.prepare('UPDATE use SET at = ? WHERE key = ? AND at > ?');
  const history = createHistory(database);

  const record = (key: Key, now: number, longest: number) => {
    forget.run(key, now - longest);
    entries.write(key, null, Math.max(entries.read(key)?.expiresAt ?? 0, now + longest));
    insert.run(key, now);
  };
  return {
    reserve: (request: Reservation) =>
      entries.step(request.now, () => {
        // Once and for all: counted as of now at each request, it would stay one of now.
        bound.run(request.now, request.key, request.now + CLOCK_TOLERANCE_MS);
        const outcome = decideReservation(request, history(request.key));
        if (outcome.granted) record(request.key, request.now, longestWindow(request.windows));
        return outcome;
      }),
    release: (key, at) => entries.step(undefined, () => void takeBack.run(key, at)),
  };
}

function createHistory(database: DatabaseSync): (key: Key) => History {
  const newest = database.prepare('SELECT at FROM use WHERE key = ? ORDER BY at DESC LIMIT 1 OFFSET ?');
  const since = database.prepare('SELECT at FROM use WHERE key = ? AND at > ? ORDER BY at');
  return (key) => ({
    newest: (rank) => newest.get(key, rank - 1)?.['at'] as number | undefined,
    after: (time) => since.all(key, time).map((row) => Number(row['at'])),
  });
}
