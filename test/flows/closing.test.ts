import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { GatewayEvent } from '../../src/ports/gateway.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { bindPhone, givePassword, PHONES, startHost } from '../support/host.ts';
import { createVendor, type Vendor } from '../support/vendor.ts';

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
    let deliver: (events: readonly GatewayEvent[]) => void = () => {};
    const vendor: Vendor = createVendor('a', {
      channels: ['sms'],
      listen(told) {
        deliver = told;
      },
      async close() {
        deliver([{ type: 'receipt', state: 'delivered', id: vendor.messages.at(-1)!.id }]);
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
});
