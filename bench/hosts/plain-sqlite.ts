import { DatabaseSync } from 'node:sqlite';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

const TABLE = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE record (
    model TEXT NOT NULL,
    id TEXT NOT NULL,
    payload TEXT NOT NULL,
    grant_id TEXT,
    user_code TEXT,
    uid TEXT,
    expires_at INTEGER,
    consumed_at INTEGER,
    PRIMARY KEY (model, id)
  ) WITHOUT ROWID;
  CREATE INDEX by_grant ON record (grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX by_uid ON record (uid) WHERE uid IS NOT NULL;
  CREATE INDEX by_user_code ON record (user_code) WHERE user_code IS NOT NULL;
`;

/** One table, one statement for each method, and the same pragmas as the store of Sekisho. */
export function plainSqliteAdapter(file: string): { adapter: AdapterFactory; close(): Promise<void> } {
  const database = new DatabaseSync(file);
  database.exec(TABLE);
  return { adapter: (model) => adapterFor(database, model), close: async () => database.close() };
}

interface Row {
  payload: string;
  consumed_at: number | null;
}

function adapterFor(database: DatabaseSync, model: string): Adapter {
  const columns = 'SELECT payload, consumed_at FROM record WHERE model = ?';
  const live = '(expires_at IS NULL OR expires_at > unixepoch())';
  const byId = database.prepare(`${columns} AND id = ? AND ${live}`);
  const byUid = database.prepare(`${columns} AND uid = ? AND ${live}`);
  const byUserCode = database.prepare(`${columns} AND user_code = ? AND ${live}`);
  const upsert = database.prepare(
    'INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, unixepoch() + ?, NULL)',
  );
  const destroy = database.prepare('DELETE FROM record WHERE model = ? AND id = ?');
  const consume = database.prepare('UPDATE record SET consumed_at = unixepoch() WHERE model = ? AND id = ?');
  const revoke = database.prepare('DELETE FROM record WHERE grant_id = ?');
  const asPayload = (row: unknown): AdapterPayload | undefined => {
    if (row === undefined) return undefined;
    const { payload, consumed_at: consumed } = row as Row;
    return { ...JSON.parse(payload), ...(consumed === null ? {} : { consumed }) };
  };
  return {
    async upsert(id, payload, expiresIn) {
      const { grantId = null, userCode = null, uid = null } = payload;
      upsert.run(model, id, JSON.stringify(payload), grantId, userCode, uid, expiresIn ?? null);
    },
    find: async (id) => asPayload(byId.get(model, id)),
    findByUid: async (uid) => asPayload(byUid.get(model, uid)),
    findByUserCode: async (code) => asPayload(byUserCode.get(model, code)),
    destroy: async (id) => void destroy.run(model, id),
    consume: async (id) => void consume.run(model, id),
    revokeByGrantId: async (grantId) => void revoke.run(grantId),
  };
}
