import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createKaradenGateway } from '../../src/gateways/karaden.ts';
import { createZettaiReachGateway } from '../../src/gateways/zettai-reach.ts';
import type { Gateway } from '../../src/ports/gateway.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { StandIn } from '../../src/simulator/stand-in.ts';
import { createKaradenStandIn } from '../../src/simulator/vendors/karaden.ts';
import { createZettaiReachStandIn } from '../../src/simulator/vendors/zettai-reach.ts';
import { Visitor } from '../support/browser-client.ts';
import { enterNumber, FREE_SENDS, givePassword, startHost } from '../support/host.ts';
import { numberWith } from '../support/simulated.ts';
import { SECOND, stopTime } from '../support/time.ts';

const time = stopTime();

interface Unsigned {
  standIn: StandIn;
  make(baseUrl: string, credentials: StandIn['credentials']): Gateway;
  /** What anybody could post who knows the address. */
  forged(id: string): { type: string; body: string };
}

const VENDORS: readonly Unsigned[] = [
  {
    standIn: createKaradenStandIn(),
    make: (baseUrl, { tenantId, token, serviceId }) =>
      createKaradenGateway({ baseUrl, insecure: true, tenantId, token, serviceId: Number(serviceId) }),
    forged: (id) => ({
      type: 'application/json',
      body: JSON.stringify({
        ...{ object: 'message', id: '82bdf9de-a532-4bf5-86bc-c9a1366e5f4a', tags: [id] },
        ...{ result: 'done', status: 'done', sent_result: 'received', carrier: 'docomo' },
      }),
    }),
  },
  {
    standIn: createZettaiReachStandIn(),
    make: (baseUrl, { token, clientId, smsCode }) =>
      createZettaiReachGateway({ baseUrl, insecure: true, token, clientId, smsCode }),
    forged: (id) => ({
      type: 'application/x-www-form-urlencoded',
      body: new URLSearchParams({
        json: JSON.stringify({ eventNotifications: [{ type: 'DLR', clientTag: id, statusId: '2' }] }),
      }).toString(),
    }),
  },
];

/** A person at the page that waits for the code, and the vendor that has the message. */
async function waiting(test: TestContext, { standIn, make }: Unsigned, phone: string) {
  const { vendor, credentials } = standIn;
  const webhooks: Record<string, string> = {};
  const simulator = await startSimulator({ vendors: [standIn], virtualTime: true, webhooks });
  const gateway = make(simulator.vendorUrl(vendor), credentials);
  const host = await startHost({ options: { gateway: undefined, gateways: [gateway], sends: FREE_SENDS } });
  test.after(async () => {
    await host.close();
    await simulator.close();
  });
  webhooks[vendor] = host.sekisho.webhookUrl(gateway.name);
  const { page: number } = await givePassword(host, new Visitor(), 'alice');
  const page = await enterNumber(host, number, phone);
  const [message] = simulator.messages({ vendor });
  return {
    host,
    hook: webhooks[vendor],
    message: message!,
    async state() {
      await host.sekisho.idle();
      return /data-state="([\w-]+)"/.exec((await page.visitor.open(page.url)).html)?.[1];
    },
    async pass(milliseconds: number) {
      time.advance(milliseconds);
      await simulator.advance(milliseconds);
      await host.sekisho.idle();
    },
  };
}

for (const vendor of VENDORS) {
  const name = vendor.standIn.vendor;
  describe(`a receipt of ${name}, which anybody could have written,`, () => {
    it('is believed when the vendor says the same, and not before (GWY-03, GWY-04, attack 7)', async (test) => {
      const { host, hook, message, state, pass } = await waiting(test, vendor, '+819012345678');
      assert.equal(await state(), 'accepted');
      const { type, body } = vendor.forged(message.reference!);
      const answer = await fetch(hook, { method: 'POST', headers: { 'content-type': type }, body });
      assert.equal(answer.status, 200);
      assert.notEqual(await state(), 'delivered', 'the vendor knows nothing of it');
      await pass(6 * SECOND);
      assert.equal(await state(), 'delivered');
      const told = host.events.filter((event) => event.type === 'delivery.receipt').at(-1);
      assert.ok(told?.type === 'delivery.receipt' && told.gateway === name);
    });

    it('tells why a message did not arrive, and nothing of what it repeats (LOG-02)', async (test) => {
      const { host, message, state, pass } = await waiting(test, vendor, numberWith('undelivered'));
      await pass(6 * SECOND);
      assert.equal(await state(), 'undelivered');
      const code = /\d{6}/.exec(message.text)![0];
      const said = JSON.stringify(host.events) + host.logged.join('');
      assert.match(said, /"class":"unreachable"/);
      for (const canary of [
        code,
        message.to.slice(1),
        message.to.slice(3),
        ...Object.values(vendor.standIn.credentials),
      ]) {
        assert.ok(canary.length < 6 || !said.includes(canary), 'is not told');
      }
    });
  });
}
