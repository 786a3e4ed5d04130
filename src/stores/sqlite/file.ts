import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SekishoError } from '../../errors.ts';

const SCHEMA_VERSION = 1;

/** `entry` holds one row for each key; the members of a set and the uses under a limit hang on theirs. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entry_expiry ON entry (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS member (
    key TEXT NOT NULL REFERENCES entry (key) ON DELETE CASCADE,
    member TEXT NOT NULL,
    PRIMARY KEY (key, member)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS use (key TEXT NOT NULL REFERENCES entry (key) ON DELETE CASCADE, at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS use_by_time ON use (key, at);
`;

/** Opens the file, takes its lock and brings the tables into shape. */
export function openFile(file: string, synchronous: 'full' | 'normal'): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (file !== ':memory:') createPrivately(file);
    database = new DatabaseSync(file);
    prepare(database, synchronous);
    return database;
  } catch (cause) {
    database?.close();
    throw cause instanceof SekishoError ? cause : refusal(file, cause);
  }
}

/** SQLite would create the file with the umask of the process; its journal takes over the mode of the file. */
function createPrivately(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  closeSync(openSync(file, 'a', 0o600));
}

function prepare(database: DatabaseSync, synchronous: 'full' | 'normal'): void {
  // The locking mode comes before the first access, or the write-ahead log would share its index with others.
  database.exec(`
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'};
    PRAGMA foreign_keys = ON;
  `);
  // The lock is taken by the first write, not by the pragma.
  database.exec('BEGIN EXCLUSIVE');
  refuseNewerSchema(database);
  database.exec(SCHEMA);
  database.prepare("INSERT OR IGNORE INTO meta (name, value) VALUES ('epoch', ?)").run(randomUUID());
  database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  database.exec('COMMIT');
  // Files of older versions never shrank; once rewritten, they do.
  if (database.prepare('PRAGMA auto_vacuum').get()?.['auto_vacuum'] !== INCREMENTAL)
    database.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM');
}

const INCREMENTAL = 2;

function refuseNewerSchema(database: DatabaseSync): void {
  const found = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (found <= SCHEMA_VERSION) return;
  throw new SekishoError(
    'store_unavailable',
    `The database was written by a newer version of Sekisho (format ${found}, this one knows ${SCHEMA_VERSION}). Run that version, or name another file.`,
  );
}

const SQLITE_BUSY = 5;

function refusal(file: string, cause: unknown): SekishoError {
  const { errcode, code = '', message } = cause as { errcode?: number; code?: string; message: string };
  const [reason, fix] = WHY[code] ?? [`: ${message}`, 'Check the path and who may write there'];
  const text =
    errcode === SQLITE_BUSY
      ? `Another process has ${file} open. Stop that process first, such as the server. The embedded store serves one process; for more than one use the Redis store (sekisho/stores/redis).`
      : `The database ${file} cannot be opened${reason}. ${fix}.`;
  return new SekishoError('store_unavailable', text, { cause });
}

const ANOTHER = 'or name a file in another folder';
const FORBIDDEN = [
  ' because this user may not write there',
  `Give the user that runs this the folder (chown), ${ANOTHER}`,
] as const;
const NO_FOLDER = [
  ' because its folder is not there and cannot be made',
  `Make the folder for the user that runs this, ${ANOTHER}`,
] as const;
const NOT_A_FOLDER = [
  ' because a part of its path is a file, not a folder',
  'Name a file in a folder',
] as const;

/** Why a folder cannot be made or a file not be written, by what the system calls it. */
const WHY: Readonly<Record<string, readonly [reason: string, fix: string]>> = {
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  ENOENT: NO_FOLDER,
  ENOTDIR: NOT_A_FOLDER,
  EEXIST: NOT_A_FOLDER,
  EISDIR: [' because it is a folder', 'Name a file in it, such as sekisho.db'],
  EROFS: [' because the disk is read-only', `Mount it for writing, ${ANOTHER}`],
  ENOSPC: [' because the disk is full', 'Make room'],
};
