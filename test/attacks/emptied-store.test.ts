import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { StoreIdentity } from '../../src/index.ts';
import type { Store } from '../../src/ports/store.ts';
import { openRedisStore } from '../../src/stores/redis.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import {
  bindPhone,
  enterCode,
  enterNumber,
  givePassword,
  type Host,
  PHONES,
  startHost,
} from '../support/host.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { FREE_SENDS, withRedis } from './setting.ts';

/** What is kept outside of the store. */
function memory(): StoreIdentity & { id: string | undefined } {
  return {
    id: undefined,
    async read() {
      return this.id;
    },
    async write(id) {
      this.id = id;
    },
  };
}

interface Place {
  open(): Promise<Store>;
  empty(): Promise<unknown>;
}

/** The thief has the password, and a phone of his own (fault A.3). */
async function attack({ open, empty }: Place): Promise<void> {
  const storeIdentity = memory();
  const start = async () => startHost({ store: await open(), options: { storeIdentity, sends: FREE_SENDS } });
  const first = await start();
  await bindPhone(first, new Visitor(), 'alice', PHONES.alice);
  await first.close();
  await empty();

  const host = await start();
  try {
    await refused(host);
    const { store, advice } = await host.sekisho.health();
    assert.equal(store, 'emptied');
    assert.match(advice ?? '', /backup.*sekisho store confirm/);
    assert.ok(host.events.some((event) => event.type === 'store.trust' && event.state === 'emptied'));
    assert.ok(host.logged.some((line) => line.includes('store.trust')));

    await host.sekisho.confirmStore();
    assert.equal((await host.sekisho.health()).store, 'ok');
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
  } finally {
    await host.close();
  }
  const again = await start();
  assert.equal((await again.sekisho.health()).store, 'ok', 'once confirmed it is the one');
  await again.close();
}

async function refused(host: Host): Promise<void> {
  const { page } = await givePassword(host, new Visitor(), 'alice');
  const next = await enterNumber(host, page, PHONES.mallory);
  assert.equal(next.status, 503);
  assert.equal(host.inbox.messages.length, 0, 'nothing is paid for what binds nothing');
  assert.equal(await host.sekisho.hasPhone('alice'), false);
}

describe('an emptied store and a restart (fault A.3, attack 16)', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sekisho-emptied-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('SQLite: the password alone binds no phone until an operator confirms', async () => {
    const file = join(folder, 'store.db');
    const gone = ['', '-wal', '-shm'].map((end) => `${file}${end}`);
    await attack({
      open: () => openSqliteStore({ file }),
      empty: () => Promise.all(gone.map((one) => rm(one, { force: true }))),
    });
  });

  it('Redis, FLUSHALL: likewise', withRedis, async () => {
    const redis = await startRedis();
    try {
      const open = () => openRedisStore({ url: redis.url });
      await attack({ open, empty: () => redis.cli('FLUSHALL') });
    } finally {
      await redis.stop();
    }
  });

  it('while it runs: neither, and a session that is under way does not help', withRedis, async () => {
    const redis: RedisServer = await startRedis();
    const host = await startHost({
      store: await openRedisStore({ url: redis.url }),
      options: { storeIdentity: memory(), sends: FREE_SENDS },
    });
    try {
      await bindPhone(host, new Visitor(), 'bob', PHONES.bob);
      const { page } = await givePassword(host, new Visitor(), 'alice');
      const code = await enterNumber(host, page, PHONES.mallory);
      await redis.cli('FLUSHALL');
      assert.equal((await enterCode(host, code)).next, undefined);
      host.inbox.messages.length = 0;
      await refused(host);
    } finally {
      await host.close();
      await redis.stop();
    }
  });
});
