import type { DatabaseSync } from 'node:sqlite';
import type { Key } from '../../ports/store.ts';
import type { Direct } from './direct.ts';
import { type Entries, isLive } from './entries.ts';

type SetMethods = Direct<'join' | 'leave' | 'members'>;

/** Sets: the row of the key holds only the expiry, each member has a row of its own. */
export function sets(database: DatabaseSync, entries: Entries): SetMethods {
  const insert = database.prepare('INSERT INTO member (key, member) VALUES (?, ?)');
  const remove = database.prepare('DELETE FROM member WHERE key = ? AND member = ?');
  const one = database.prepare('SELECT 1 FROM member WHERE key = ? AND member = ?');
  const count = database.prepare('SELECT COUNT(*) AS members FROM member WHERE key = ?');
  const all = database.prepare('SELECT member FROM member WHERE key = ?');
  const size = (key: Key) => Number(count.get(key)?.['members']);

  return {
    join: (key, member, cap, expiresAt, now) =>
      entries.step(now, () => {
        const header = dropIfOver(entries, key, now);
        const isNew = one.get(key, member) === undefined;
        if (isNew && size(key) >= cap) return false;
        entries.write(key, null, header ? later(header.expiresAt, expiresAt) : expiresAt);
        if (isNew) insert.run(key, member);
        return true;
      }),
    leave: (key, member) =>
      entries.step(undefined, () => {
        remove.run(key, member);
        if (size(key) === 0) entries.remove(key);
      }),
    members: (key, now) => {
      const header = entries.read(key);
      if (!header || !isLive(header.expiresAt, now)) return [];
      return all.all(key).map((row) => String(row['member']));
    },
  };
}

function dropIfOver(entries: Entries, key: Key, now: number) {
  const header = entries.read(key);
  if (!header || isLive(header.expiresAt, now)) return header;
  entries.remove(key);
  return undefined;
}

/** null is the latest of all: it never expires. */
function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Math.max(one, other);
}
