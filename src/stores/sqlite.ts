import { SekishoError } from '../errors.ts';
import { type Clock, systemClock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';
import { challenges } from './sqlite/challenges.ts';
import type { Direct } from './sqlite/direct.ts';
import { createEntries } from './sqlite/entries.ts';
import { openFile } from './sqlite/file.ts';
import { lifecycle } from './sqlite/lifecycle.ts';
import { createMachineTime } from './sqlite/machine-time.ts';
import { records } from './sqlite/records.ts';
import { reservations } from './sqlite/reservations.ts';
import { sets } from './sqlite/sets.ts';

export interface SqliteOptions {
  /**
   * Path of the database. It and its folder are made where missing, for the owner's eyes only. `:memory:` keeps
   * everything in memory, for tests.
   */
  file: string;
  /**
   * `full` (default): what was answered survives a power cut. `normal`: it survives `kill -9`, but the last moments
   * before a power cut may be lost; about four times as quick.
   */
  synchronous?: 'full' | 'normal';
  /** What `time()` answers; the clock of the machine unless a test brings another. */
  clock?: Clock;
}

/**
 * The embedded store: one SQLite file, for one process. It holds the file's lock from here to `close()`.
 *
 * Every method is one transaction, so it happened wholly or not at all when the process dies. There are no timers:
 * each write also removes a few records that are over.
 *
 * @throws SekishoError `store_unavailable` when another process has the file open (OPS-05) or it cannot be made.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { file, synchronous = 'full', clock = systemClock } = options;
  const time = createMachineTime(clock);
  const database = openFile(file, synchronous);
  const entries = createEntries(database, time);
  return asStore({
    ...records(entries),
    ...sets(database, entries),
    ...reservations(database, entries),
    ...challenges(entries),
    ...lifecycle(database, file, synchronous, time),
  });
}

type AnyMethod = (...args: unknown[]) => unknown;

function asStore(methods: Direct<Exclude<keyof Store, 'name'>>): Store {
  const promised = Object.entries(methods).map(([operation, method]) => [
    operation,
    async (...args: unknown[]) => {
      try {
        return (method as AnyMethod)(...args);
      } catch (cause) {
        throw failure(operation, cause);
      }
    },
  ]);
  return { name: 'sqlite', ...Object.fromEntries(promised) } as Store;
}

function failure(operation: string, cause: unknown): SekishoError {
  if (cause instanceof SekishoError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SekishoError(
    'store_unavailable',
    `The SQLite store could not do "${operation}": ${reason}. Check that the disk has room and that the file can be written.`,
    { cause },
  );
}
