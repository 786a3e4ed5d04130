import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { key, type Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { storeContract } from '../../src/testing/index.ts';

storeContract('SQLite in memory', async () => {
  const store = await openSqliteStore({ file: ':memory:' });
  return { store, close: () => store.close() };
});

storeContract('SQLite in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-sqlite-'));
  const store = await openSqliteStore({ file: join(folder, 'state.db'), synchronous: 'normal' });
  return {
    store,
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('the SQLite store', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sekisho-sqlite-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('makes its folder and file for the eyes of the owner only', async () => {
    const file = join(folder, 'new', 'state.db');
    await withStore(file, async () => {
      const modes = await Promise.all([join(folder, 'new'), file, `${file}-wal`].map((path) => stat(path)));
      assert.deepEqual(
        modes.map(({ mode }) => (mode & 0o777).toString(8)),
        ['700', '600', '600'],
      );
    });
  });

  it('finds nothing unsafe about a private file that is fully synchronised (OPS-02)', async () => {
    await withStore(join(folder, 'safe.db'), async (store) => assert.deepEqual(await store.findings(), []));
  });

  it('finds fault with a store in memory, with half synchronisation and with a file others read (OPS-02)', async () => {
    await withStore(':memory:', async (store) => {
      const [finding] = await store.findings();
      assert.equal(finding?.severity, 'fatal');
    });
    const file = join(folder, 'loose.db');
    await withStore(
      file,
      async (store) => {
        await chmod(file, 0o644);
        const findings = await store.findings();
        assert.deepEqual(
          findings.map(({ severity }) => severity),
          ['warning', 'warning'],
        );
        assert.match(findings[1]!.fix, /chmod 600/);
      },
      'normal',
    );
  });

  it('keeps its records, counters and id over a restart (OPS-02)', async () => {
    const file = join(folder, 'kept.db');
    const record = key('kept', 'record');
    const epoch = await withStore(file, async (store) => {
      await store.put(record, { a: 1 }, null, 0);
      return store.epoch();
    });
    await withStore(file, async (store) => {
      assert.deepEqual(await store.get(record, 0), { a: 1 });
      assert.equal(await store.epoch(), epoch);
    });
  });

  it('clears away what is over while it writes, a few rows at a time (PRV-05)', async () => {
    await withStore(':memory:', async (store) => {
      const old = Array.from({ length: 100 }, (_, index) => key('old', `${index}`));
      for (const one of old) await store.put(one, 'x', 1000, 0);
      for (let write = 0; write < 20; write++) await store.add(key('new', `${write}`), 'y', null, 100_000);
      // `delete` says whether the row was still there.
      const left = await Promise.all(old.map((one) => store.delete(one)));
      assert.equal(left.filter(Boolean).length, 0);
    });
  });

  it('names the file when it cannot open it', async () => {
    await assert.rejects(openSqliteStore({ file: folder }), {
      code: 'store_unavailable',
      message: /sekisho-sqlite-.* because it is a folder\. Name a file in it/,
    });
  });

  it('says why, and what to do, when there is no folder that it may write to', async () => {
    const taken = join(folder, 'taken');
    await writeFile(taken, '');
    for (const file of [join(taken, 'state.db'), join(taken, 'below', 'state.db')])
      await assert.rejects(openSqliteStore({ file }), {
        code: 'store_unavailable',
        message: `The database ${file} cannot be opened because a part of its path is a file, not a folder. Name a file in a folder.`,
      });
    if (process.getuid?.() === 0) return;
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o500 });
    await assert.rejects(openSqliteStore({ file: join(closed, 'state.db') }), {
      message: /state\.db cannot be opened because this user may not write there\. Give .*chown/,
    });
  });
});

async function withStore<T>(
  file: string,
  work: (store: Store) => Promise<T>,
  synchronous?: 'normal',
): Promise<T> {
  const store = await openSqliteStore(synchronous ? { file, synchronous } : { file });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
