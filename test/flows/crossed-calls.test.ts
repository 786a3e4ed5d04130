import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { CallGuard } from '../../src/ports/gateway.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import { failingStore } from '../support/failing-store.ts';
import { bindPhone, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { createVendor, tell, type Vendor } from '../support/vendor.ts';
import { newsOn } from '../support/waiting.ts';

describe('a call about which two things are told at once', () => {
  let host: Host;
  let vendor: Vendor;
  afterEach(() => host.close());

  /** From then on nobody reads how the call got on before two want to. @returns the page that waits for it. */
  async function ringing(callGuard: CallGuard) {
    const { store, delay } = failingStore(await openSqliteStore({ file: ':memory:' }));
    vendor = createVendor('a', { callGuard });
    host = await startHost({ store, inbox: vendor, options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const { page } = await givePassword(host, new Visitor(), 'alice');
    const waits = await page.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    await said('ringing');
    const both = Promise.withResolvers<void>();
    let readers = 0;
    delay(({ method, key }) => {
      const reads = method === 'get' && key.includes('delivery');
      if (reads) readers += 1;
      if (readers === 2) both.resolve();
      return reads;
    }, both.promise);
    return waits;
  }
  const said = (state: string) => tell(host, vendor, [{ type: 'call', state }]);
  const stateOn = async (page: Page) => newsOn(await page.visitor.open(page.url)).state;

  for (const [first, second] of [
    ['answered', 'completed'],
    ['completed', 'answered'],
  ] as const) {
    it(`was heard by somebody where the vendor hangs up on machines: ${first}, ${second} (GWY-04)`, async () => {
      const waits = await ringing('machine-detection');
      const told = await Promise.all([said(first), said(second)]);
      assert.deepEqual(
        told.map(({ status }) => status),
        [200, 200],
      );
      assert.equal(await stateOn(waits), 'heard');
    });
  }

  it('was not heard where a key has to be pressed and nobody did', async () => {
    const waits = await ringing('key-press');
    await Promise.all([said('answered'), said('completed')]);
    assert.equal(await stateOn(waits), 'unheard');
  });
});
