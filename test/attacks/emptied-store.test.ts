import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { StoreIdentity } from '../../src/index.ts';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore, type StorePlace } from '../support/every-store.ts';
import {
  bindPhone,
  enterCode,
  enterNumber,
  givePassword,
  type Host,
  PHONES,
  startHost,
} from '../support/host.ts';
import { FREE_SENDS } from './setting.ts';

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

/** The thief has the password, and a phone of his own (fault A.3). */
async function attack({ open, empty }: StorePlace): Promise<void> {
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

onEveryStore('an emptied store and a restart (fault A.3, attack 16)', ({ startPlace }) => {
  it('the password alone binds no phone until an operator confirms', async () => {
    await attack(await startPlace());
  });

  it('while it runs: neither, and a session that is under way does not help', async () => {
    const place = await startPlace();
    const host = await startHost({
      store: await place.open(),
      options: { storeIdentity: memory(), sends: FREE_SENDS },
    });
    try {
      await bindPhone(host, new Visitor(), 'bob', PHONES.bob);
      const { page } = await givePassword(host, new Visitor(), 'alice');
      const code = await enterNumber(host, page, PHONES.mallory);
      await place.empty();
      assert.equal((await enterCode(host, code)).next, undefined);
      host.inbox.messages.length = 0;
      await refused(host);
    } finally {
      await host.close();
    }
  });
});
