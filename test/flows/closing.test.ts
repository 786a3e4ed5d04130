import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { GatewayEvent } from '../../src/ports/gateway.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { bindPhone, givePassword, PHONES, startHost } from '../support/host.ts';
import { createVendor, type Vendor } from '../support/vendor.ts';

type Deliver = (events: readonly GatewayEvent[]) => Promise<void>;

describe('closing (OPS-04)', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sekisho-closing-'));
  });
  after(() => rm(folder, { recursive: true }));

  const WAYS: Record<string, () => Promise<void>> = {
    rejects: async () => {
      throw new Error('x');
    },
    throws: () => {
      throw new Error('x');
    },
  };
  for (const [how, close] of Object.entries(WAYS)) {
    it(`ends store and the other gateways also where the close of one ${how}`, async () => {
      const file = join(folder, `${how}.db`);
      let closed = false;
      const other = createVendor('b', {
        close: async () => {
          closed = true;
        },
      });
      const gateways = [createVendor('a', { close }), other];
      const options = { gateway: undefined, gateways };
      const host = await startHost({ store: await openSqliteStore({ file }), inbox: other, options });
      await host.close();
      assert.ok(closed);
      assert.ok(host.events.some((event) => event.type === 'fault' && event.operation === 'close'));
      await (await openSqliteStore({ file })).close();
    });
  }

  it('takes in what a connection tells while it ends', async () => {
    let deliver: Deliver = async () => {};
    const vendor: Vendor = createVendor('a', {
      channels: ['sms'],
      listen(told) {
        deliver = told;
      },
      async close() {
        void deliver([{ type: 'receipt', state: 'delivered', id: vendor.messages.at(-1)!.id }]);
      },
    });
    const host = await startHost({ inbox: vendor });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await givePassword(host, new Visitor(), 'alice');
    await host.close();
    assert.ok(host.events.some((event) => event.type === 'delivery.receipt' && event.state === 'delivered'));
    assert.deepEqual(
      host.events.filter(({ type }) => type === 'fault'),
      [],
    );
  });

  it('ends though receipts keep coming in over a connection, and takes in those that were begun', {
    timeout: 10_000,
  }, async (test) => {
    let deliver: Deliver = async () => {};
    let closed = false;
    const end = async () => {
      closed = true;
    };
    test.after(end);
    const vendor = createVendor('a', {
      channels: ['sms'],
      correlation: 'vendorId',
      listen(told) {
        deliver = told;
      },
      close: end,
    });
    const host = await startHost({
      store: inTurns(await openSqliteStore({ file: ':memory:' })),
      inbox: vendor,
    });
    const told: Promise<void>[] = [];
    // The next one comes in while the store is asked about this one, so there is always one under way.
    const bring = () => {
      told.push(deliver([{ type: 'receipt', state: 'sent', vendorId: `v${told.length}` }]));
      void setImmediate().then(() => closed || bring());
    };
    bring();
    while (told.length < 10) await setImmediate();
    await host.close();
    await Promise.all(told);
    assert.deepEqual(
      host.events.filter(({ type }) => type === 'fault'),
      [],
    );
  });
});

/** Takes a few turns of the event loop for each answer, as a store on another machine does. */
const inTurns = (store: Store): Store =>
  new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        for (const _ of [1, 2, 3]) await setImmediate();
        return method.apply(target, args);
      };
    },
  });
