import type { DatabaseSync } from 'node:sqlite';

/** Rows each write clears away: more than it can add, so that the file does not grow without end. */
const SWEPT_WITH_EACH_WRITE = 8;
/** Rows, once a second, so that what a flood left behind goes in time. */
const SWEPT_EACH_SECOND = 256;
const SECOND = 1000;
/** Pages that are given back to the disk at once, and pages that are kept for what comes. */
const PAGES_RETURNED = 256;
const PAGES_KEPT = 1024;

/** Removes rows that are over, a few at a time, and gives what the file does not need any more back to the disk. */
export function createSweep(database: DatabaseSync): (now: number, horizon: number) => void {
  const sweep = database.prepare(
    'DELETE FROM entry WHERE key IN (SELECT key FROM entry WHERE expires_at <= ? LIMIT ?)',
  );
  const freePages = database.prepare('PRAGMA freelist_count');
  let swept = 0;
  return (now, horizon) => {
    const isDue = Math.abs(now - swept) >= SECOND;
    sweep.run(horizon, isDue ? SWEPT_EACH_SECOND : SWEPT_WITH_EACH_WRITE);
    if (!isDue) return;
    swept = now;
    const free = Number(freePages.get()!['freelist_count']);
    if (free > PAGES_KEPT) database.exec(`PRAGMA incremental_vacuum(${PAGES_RETURNED})`);
  };
}
