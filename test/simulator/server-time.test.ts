import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { allVendors } from '../../src/simulator/vendors.ts';
import { Visitor } from '../support/browser-client.ts';
import { enterNumber, FREE_SENDS, givePassword, startHost } from '../support/host.ts';
import { LEAK_VENDORS, type LeakVendor } from '../support/leak-vendors.ts';
import { numberWith } from '../support/simulated.ts';
import { DAY, MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();
/** Each vendor that speaks HTTP, once. */
const BY_VENDOR = new Map(LEAK_VENDORS.map((one) => [one.vendor, one]));
BY_VENDOR.delete('smpp');
/** Those that can be asked by our id for a message that was left open. */
const FINDS_BY_ID = ['infobip', 'karaden', 'karaden-push', 'zettai-reach'];

/** A server with the clock of its machine, and a simulator in virtual time, as if in a process of its own. */
async function start(test: TestContext, { vendor, create, settings, credentials }: LeakVendor) {
  const webhooks: Record<string, string> = {};
  const vendors = allVendors().filter((one) => one.vendor === vendor);
  const simulator = await startSimulator({ vendors, webhooks, virtualTime: true });
  const address = { baseUrl: simulator.vendorUrl(vendor), port: 0 };
  const gateway = create({ ...settings(credentials, address), insecure: true, name: vendor });
  const host = await startHost({
    options: {
      ...{ gateway: undefined, gateways: [gateway], sends: FREE_SENDS, sms: { maxSegments: 2 } },
      ...{ voice: { allowUnguarded: true, perNumberDay: 50 } },
    },
  });
  test.after(async () => {
    await host.close();
    await simulator.close();
  });
  if (gateway.webhook) webhooks[vendor] = host.sekisho.webhookUrl(gateway.name);
  const settle = async () => {
    await host.sekisho.idle();
    await simulator.settle();
    await host.sekisho.idle();
  };
  return {
    ...{ host, simulator },
    /** How a message to that number got on, after so long on the simulator's clock. */
    async send(account: string, phone: string, milliseconds: number) {
      const { page } = await givePassword(host, new Visitor(), account);
      const next = await enterNumber(host, page, phone);
      await settle();
      await simulator.advance(milliseconds);
      time.advance(6 * SECOND);
      // Loading the page is what makes Sekisho ask a vendor; the answer stands on the page after.
      await next.visitor.open(next.url);
      await settle();
      return /data-state="([\w-]+)"/.exec((await next.visitor.open(next.url)).html)?.[1];
    },
  };
}

describe('a server on the clock of its machine, and a simulator in virtual time,', () => {
  for (const [vendor, about] of BY_VENDOR) {
    it(`understand each other wherever the two have got to: ${vendor} (GWY-03)`, async (test) => {
      const { host, simulator, send } = await start(test, about);
      const usual = await send('before', '+819012345601', 20 * SECOND);
      await send('late', numberWith('late-failure'), DAY);
      assert.equal(await send('ahead', '+819012345602', 20 * SECOND), usual);
      if (FINDS_BY_ID.includes(vendor)) {
        assert.equal(await send('open', numberWith('reset'), 20 * SECOND), 'delivered');
      }
      time.advance(2 * DAY);
      assert.equal(await send('behind', '+819012345603', 20 * SECOND), usual);
      const refused = host.events.filter(({ type }) => type === 'webhook.refused');
      const told = simulator.callbacks().map(({ status }) => status);
      assert.deepEqual([refused, told.filter((status) => status !== 200)], [[], []]);
    });
  }

  it('understand each other about a call and the key that was pressed in it (GWY-08)', async (test) => {
    const { host, simulator } = await start(test, BY_VENDOR.get('vonage')!);
    await simulator.advance(21 * MINUTE);
    const { page } = await givePassword(host, new Visitor(), 'alice');
    const next = await enterNumber(host, page, '+819012345601');
    await next.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    await simulator.advance(20 * SECOND);
    const [, call] = simulator.messages();
    assert.equal(call?.channel, 'voice');
    assert.ok(call.heard.length >= 2, 'the code was read after the key');
  });
});
