import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { createHttpGateway } from '../../src/gateways/http.ts';
import type { SekishoOptions } from '../../src/index.ts';
import type { Gateway } from '../../src/ports/gateway.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { bindPhone, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { startTestServer } from '../support/recording-server.ts';
import { createVendor, receipt, tell, type Vendor } from '../support/vendor.ts';
import { newsOn } from '../support/waiting.ts';

const SMS = { channels: ['sms'] as const };
const VOICE = { channels: ['voice'] as const };
const REFUSED = { outcome: 'rejected', class: 'temporary', code: 'http.503' } as const;
const PASSED_ON = ['temporary', 'throttled', 'quota', 'auth', 'unknown'] as const;

describe('a gateway that contradicts itself', () => {
  let host: Host;
  afterEach(() => host.close());

  /** Alice has a number by now, and the gateways were given nothing else. */
  async function start(gateways: Vendor[], options: Partial<SekishoOptions> = {}, more: object = {}) {
    host = await startHost({
      inbox: gateways[0]!,
      options: { gateway: undefined, gateways, sends: FREE_SENDS, ...options },
      ...more,
    });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    for (const { messages } of gateways) messages.length = 0;
  }
  const counts = (gateways: Vendor[]) => gateways.map(({ messages }) => messages.length);

  for (const state of ['accepted', 'sent', 'unknown']) {
    it(`and refuses what a receipt calls ${state} is followed by no other (GWY-05)`, async () => {
      for (const reason of PASSED_ON) {
        const all = [createVendor('a', SMS), createVendor('b', SMS), createVendor('c', VOICE)];
        await start(all);
        all[0]!.behave(async () => {
          await tell(host, all[0]!, receipt(state));
          return { outcome: 'rejected', class: reason };
        });
        const { page } = await givePassword(host, new Visitor({ 'accept-language': 'en' }), 'alice');
        assert.deepEqual(counts(all), [1, 0, 0], reason);
        assert.equal(newsOn(await page.visitor.open(page.url)).state, state);
        if (reason !== 'unknown') await host.close();
      }
    });
  }

  for (const state of ['ringing', 'answered'] as const) {
    it(`and refuses a call that is ${state} makes no second telephone ring (GWY-05)`, async () => {
      const all = [createVendor('a', VOICE), createVendor('b', VOICE)];
      await start(all);
      all[0]!.behave(async () => {
        await tell(host, all[0]!, [{ type: 'call', state }]);
        return REFUSED;
      });
      await givePassword(host, new Visitor(), 'alice');
      assert.deepEqual(counts(all), [1, 0]);
    });
  }

  for (const reason of ['permanent', 'opt-out', 'number', 'blocked', 'recycled', 'unreachable'] as const) {
    it(`and calls its second try ${reason} took the first one, for all we know (GWY-02, GWY-05)`, async () => {
      const all = [createVendor('a', { ...SMS, idempotent: true }), createVendor('b', SMS)];
      await start([...all, createVendor('c', VOICE)]);
      let asked = 0;
      all[0]!.behave(async () => {
        asked += 1;
        return asked === 1 ? { outcome: 'ambiguous' } : { outcome: 'rejected', class: reason };
      });
      const { page } = await givePassword(host, new Visitor({ 'accept-language': 'en' }), 'alice');
      assert.deepEqual(counts(all), [2, 0]);
      assert.equal(newsOn(await page.visitor.open(page.url)).state, 'ambiguous');
      const started = host.events.filter(
        ({ type }) => type === 'delivery.fallback' || type === 'sms.stopped',
      );
      assert.deepEqual(started, [], 'no call, and nobody said STOP');
    });
  }

  it('since it is at work on the first request when the second comes (409) starts no call (GWY-05)', async (test) => {
    const store = await openSqliteStore({ file: ':memory:' });
    const kept = { store: { ...store, close: async () => {} } };
    await start([createVendor('a', SMS)], {}, kept);
    await host.close();
    const server = await startTestServer();
    test.after(() => server.close());
    const calls = createVendor('c', VOICE);
    const slow = createHttpGateway({
      ...{ name: 'b', baseUrl: server.url, insecure: true, idempotent: true, totalTimeout: 1000 },
      send: { url: '/sms', fields: { to: '{{to}}', id: '{{id}}' }, success: { status: 200 } },
    });
    const atWork: Gateway = {
      ...slow,
      async send(message, context) {
        const outcome = await slow.send(message, context);
        server.answer({ status: 409, body: '{"error":"idempotency_key_in_use"}' });
        return outcome;
      },
    };
    server.answer('reset');
    host = await startHost({
      options: { gateway: undefined, gateways: [atWork, calls], sends: FREE_SENDS },
      ...kept,
    });
    await givePassword(host, new Visitor(), 'alice');
    const bodies = server.take().map(({ body }) => body);
    assert.equal(bodies.length, 2);
    assert.equal(bodies[0], bodies[1]);
    assert.deepEqual(counts([calls]), [0]);
  });
});
