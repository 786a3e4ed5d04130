import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { enterNumber, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { createVendor, receipt, tell, type Vendor } from '../support/vendor.ts';

const time = stopTime();

describe('a gateway that a restart switched off', () => {
  let host: Host;
  let store: Store | undefined;
  let vendors: [first: Vendor, second: Vendor];
  const asked: string[] = [];
  afterEach(async () => {
    await host.close();
    await store?.close();
    asked.length = 0;
  });

  async function start(enabled: boolean, port = 0) {
    vendors = [createVendor('first', { enabled }), createVendor('second')];
    vendors[0].poll = async ({ id }) => {
      asked.push(id);
      return [{ type: 'receipt', state: 'delivered' }];
    };
    store ??= await openSqliteStore({ file: ':memory:' });
    host = await startHost({
      port,
      // Outlives the host, as a file does.
      store: { ...store, close: async () => {} },
      options: { gateway: undefined, gateways: vendors, sends: FREE_SENDS, fallback: { undelivered: [] } },
    });
  }
  async function restartWithout() {
    const port = Number(new URL(host.address).port);
    await host.close();
    await start(false, port);
    // Connections that were kept alive to the one before are found dead by whoever uses them first.
    while (!(await fetch(host.address).catch(() => undefined)));
  }
  /** Sends over the first gateway, then restarts without it. */
  async function sentBefore() {
    store = undefined;
    await start(true);
    const { page } = await givePassword(host, new Visitor(), 'alice');
    const shown = await enterNumber(host, page, PHONES.alice);
    const [message] = vendors[0].messages;
    await restartWithout();
    return { message: message!, look: async () => (await shown.visitor.open(shown.url)).html };
  }
  const counts = () => vendors.map(({ messages }) => messages.length);

  it('sends nothing: the next one does', async () => {
    store = undefined;
    await start(false);
    const { page } = await givePassword(host, new Visitor(), 'alice');
    await enterNumber(host, page, PHONES.alice);
    assert.deepEqual(counts(), [0, 1]);
    assert.ok(host.logged.some((line) => line.includes('gateway first') && line.includes('switched off')));
  });

  it('still takes in receipts of messages that were sent before', async () => {
    const { message, look } = await sentBefore();
    assert.match(await look(), /data-state="accepted"/);
    const told = await tell(host, vendors[0], receipt('delivered'), { url: message.webhookUrl! });
    await host.sekisho.idle();
    assert.equal(told.status, 200);
    assert.match(await look(), /data-state="delivered"/);
    assert.deepEqual(counts(), [0, 0]);
  });

  it('is still asked how they got on', async () => {
    const { message, look } = await sentBefore();
    time.advance(6 * SECOND);
    await look();
    await host.sekisho.idle();
    assert.deepEqual(asked, [message.id]);
    assert.match(await look(), /data-state="delivered"/);
  });

  it('still obeys STOP and START', async () => {
    await sentBefore();
    for (const keyword of ['stop', 'start'] as const) {
      const url = host.sekisho.webhookUrl('first');
      await tell(host, vendors[0], [{ type: 'inbound', from: PHONES.alice, keyword }], { url });
      await host.sekisho.idle();
    }
    assert.deepEqual(
      host.events.flatMap(({ type }) => (type.startsWith('sms.') ? [type] : [])),
      ['sms.stopped', 'sms.resumed'],
    );
  });
});
