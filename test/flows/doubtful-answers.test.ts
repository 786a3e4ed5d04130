import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { createHttpGateway } from '../../src/gateways/http.ts';
import type { SekishoOptions } from '../../src/index.ts';
import type { Gateway, SendOutcome } from '../../src/ports/gateway.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { failingStore } from '../support/failing-store.ts';
import { bindPhone, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { startTestServer } from '../support/recording-server.ts';
import { MINUTE, stopTime } from '../support/time.ts';
import { createVendor, receipt, tell, type Vendor } from '../support/vendor.ts';
import { newsOn } from '../support/waiting.ts';

const time = stopTime();
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

describe('an answer that cannot be written down', () => {
  let host: Host;
  afterEach(() => host.close());

  /** Alice waits for a code whose message got this answer, while the store failed as often as that to write it down. */
  async function start(outcome: SendOutcome, failures: number) {
    const all = [createVendor('a', SMS), createVendor('b', SMS)];
    const failing = failingStore(await openSqliteStore({ file: ':memory:' }));
    host = await startHost({
      ...{ inbox: all[0]!, store: failing.store },
      options: {
        ...{ gateway: undefined, gateways: all, sends: FREE_SENDS },
        fallback: { undelivered: [], late: ['gateway'] },
      },
    });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    for (const { messages } of all) messages.length = 0;
    let left = failures;
    const fail = () =>
      failing.failOnce(({ method, key }) => {
        const fits = left > 0 && method === 'replace' && key.includes('delivery');
        if (fits) left -= 1;
        // The next one fails as soon as this one has.
        if (fits && left > 0) queueMicrotask(fail);
        return fits;
      });
    all[0]!.behave(async () => {
      fail();
      return outcome;
    });
    const { page } = await givePassword(host, new Visitor({ 'accept-language': 'en' }), 'alice');
    return { all, page, left: () => left };
  }

  it('is written down at the second try, and what it says is done (OPS-01)', async () => {
    const { all, page } = await start({ outcome: 'rejected', class: 'temporary' }, 1);
    assert.deepEqual(
      all.map(({ messages }) => messages.length),
      [1, 1],
    );
    assert.equal(newsOn(await page.visitor.open(page.url)).state, 'accepted');
    assert.ok(!host.events.some(({ type }) => type === 'fault'));
  });

  it('leaves a message that may have left, so nothing follows it by itself, however late it is (D.2, rule 1)', async () => {
    const { all, page, left } = await start({ outcome: 'ambiguous' }, 2);
    assert.equal(left(), 0, 'both tries failed');
    time.advance(MINUTE);
    const shown = await page.visitor.open(page.url);
    assert.deepEqual(
      [newsOn(shown).state, newsOn(shown).tone, newsOn(shown).helpOpen],
      ['ambiguous', 'care', true],
    );
    await shown.submit('follow');
    await host.sekisho.idle();
    assert.deepEqual(
      all.map(({ messages }) => messages.length),
      [1, 0],
    );
    await shown.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    assert.equal(all[0]!.messages.length, 2, 'the person may ask for it');
  });
});
