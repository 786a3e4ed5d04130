import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, describe, it } from 'node:test';
import type { SekishoOptions } from '../../src/index.ts';
import type { GatewayEvent } from '../../src/ports/gateway.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { failingStore } from '../support/failing-store.ts';
import { bindPhone, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { createVendor, hold, receipt, tell, type Vendor } from '../support/vendor.ts';
import { newsOn } from '../support/waiting.ts';

const time = stopTime();
const SMS = { channels: ['sms'] as const };

describe('a receipt', () => {
  const hosts: Host[] = [];
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close();
  });

  async function start(gateways: Vendor[], more: object = {}, options: Partial<SekishoOptions> = {}) {
    const host = await startHost({
      inbox: gateways[0]!,
      options: { gateway: undefined, gateways, sends: FREE_SENDS, ...options },
      ...more,
    });
    hosts.push(host);
    return host;
  }
  async function waiting(host: Host, gateways: Vendor[]) {
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    for (const { messages } of gateways) messages.length = 0;
    return givePassword(host, new Visitor({ 'accept-language': 'en' }), 'alice');
  }

  for (const [kind, reason] of [
    ['timing', 'temporary'],
    ['stopped', 'opt-out'],
    ['flow', 'temporary'],
  ] as const) {
    it(`that met a store without ${kind} is acted on when the vendor comes again, once (OPS-01)`, async () => {
      const { store, failOnce } = failingStore(await openSqliteStore({ file: ':memory:' }));
      const all = [createVendor('a', SMS), createVendor('b')];
      const host = await start(all, { store });
      await waiting(host, all);
      failOnce(({ key }) => key.endsWith(kind));
      const answers = [];
      for (let at = 0; at < 3; at += 1) {
        answers.push((await tell(host, all[0]!, receipt('undelivered', { class: reason }))).status);
        await host.sekisho.idle();
      }
      assert.deepEqual(answers.slice(1), [200, 200]);
      assert.equal(all[1]!.messages.length, 1);
      assert.equal(
        host.events.filter(({ type }) => type === 'sms.stopped').length,
        reason === 'opt-out' ? 1 : 0,
      );
    });
  }

  it('or a STOP over a connection that met a store out of order is told to be brought again (OPS-01)', async () => {
    const { store, failOnce } = failingStore(await openSqliteStore({ file: ':memory:' }));
    let deliver: Parameters<NonNullable<Vendor['listen']>>[0] = async () => {};
    const vendor = createVendor('a', {
      ...SMS,
      listen(to) {
        deliver = to;
      },
    });
    const host = await start([vendor], { store });
    await waiting(host, [vendor]);
    const { id } = vendor.messages[0]!;
    for (const [what, event, kind] of [
      ['receipt', { type: 'receipt', state: 'delivered', id }, 'delivery'],
      ['STOP', { type: 'inbound', from: PHONES.alice, keyword: 'stop' }, 'stopped'],
    ] as const) {
      failOnce(({ method, key }) => /^(add|replace)$/.test(method) && key.includes(kind));
      await assert.rejects(deliver([event]), what);
      await deliver([event]);
    }
    await host.sekisho.idle();
    assert.deepEqual(
      host.events.flatMap(({ type }) =>
        ['delivery.receipt', 'sms.stopped', 'fault'].includes(type) ? [type] : [],
      ),
      ['fault', 'delivery.receipt', 'fault', 'sms.stopped'],
    );
  });

  it('that nobody can open any more, since its secret is gone, does not hold up the rest of its batch', async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    const kept = { ...store, close: async () => {} };
    const first = createVendor('a');
    const host = await start([first], { store: kept });
    await waiting(host, [first]);
    const secrets = [randomBytes(32).toString('base64url')];
    const second = createVendor('a');
    const next = await start([second], { store: kept, issuer: host.issuer }, { secrets });
    const batch = [
      { type: 'receipt', state: 'delivered', id: first.messages[0]!.id },
      { type: 'inbound', from: PHONES.bob, keyword: 'stop' },
    ];
    const answer = await tell(next, second, batch, { url: next.sekisho.webhookUrl('a') });
    assert.equal(answer.status, 200);
    assert.ok(next.events.some(({ type }) => type === 'sms.stopped'));
  });

  it('by the vendor’s id that crosses the answer to its send is not lost', async () => {
    const { store, delay } = failingStore(await openSqliteStore({ file: ':memory:' }));
    const vendor = createVendor('a', { ...SMS, correlation: 'vendorId' });
    const host = await start([vendor], { store });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const held = hold(vendor);
    const request = await host.request();
    const visitor = new Visitor();
    const login = await visitor.open(request.url);
    const page = await login.submit('login', { account: 'alice', password: 'right' });
    await held.asked;
    const written = Promise.withResolvers<void>();
    delay(({ method, key }) => method === 'add' && key.endsWith('early'), written.promise);
    const events = [{ type: 'receipt', state: 'delivered', vendorId: 'theirs' }];
    const told = tell(host, vendor, events, { url: host.sekisho.webhookUrl('a') });
    held.answer({ outcome: 'accepted', vendorId: 'theirs' });
    await host.sekisho.idle();
    written.resolve();
    assert.equal((await told).status, 200);
    await host.sekisho.idle();
    assert.equal(newsOn(await visitor.open(page.url)).state, 'delivered');
  });

  it('that proves nothing is asked about also right after another one, and only then believed', async () => {
    let known: GatewayEvent[] = [{ type: 'receipt', state: 'sent' }];
    let asked = 0;
    const first = createVendor('a', {
      ...SMS,
      async poll() {
        asked += 1;
        return known;
      },
    });
    const all = [first, createVendor('b', SMS)];
    const host = await start(all);
    await waiting(host, all);
    const unproved = (state: string) => receipt(state, { unproved: true });
    await tell(host, first, unproved('sent'));
    await host.sekisho.idle();
    known = [{ type: 'receipt', state: 'undelivered', class: 'temporary' }];
    time.advance(4.5 * SECOND);
    await tell(host, first, unproved('undelivered'));
    await host.sekisho.idle();
    assert.deepEqual([asked, all[1]!.messages.length], [2, 1], 'within five seconds of the one before');
  });

  it('that proves nothing makes a vendor be asked at most once more within a second, however often it comes', async () => {
    let asked = 0;
    const vendor = createVendor('a', {
      ...SMS,
      async poll() {
        asked += 1;
        return [];
      },
    });
    const host = await start([vendor]);
    await waiting(host, [vendor]);
    const all = Array.from({ length: 20 }, () => tell(host, vendor, receipt('sent', { unproved: true })));
    await Promise.all(all);
    await host.sekisho.idle();
    assert.equal(asked, 2);
  });

  it('at the address of its message names what the vendor calls it, where the answer to the send was lost (GWY-04)', async () => {
    const asked: (string | undefined)[] = [];
    const vendor = createVendor('a', {
      ...SMS,
      async poll({ vendorId }) {
        asked.push(vendorId);
        return vendorId === 'theirs' ? [{ type: 'receipt', state: 'delivered' }] : [];
      },
    });
    const host = await start([vendor]);
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    vendor.behave(async () => ({ outcome: 'ambiguous' }));
    const visitor = new Visitor();
    const { page } = await givePassword(host, visitor, 'alice');
    const told = receipt('delivered', { unproved: true, vendorId: 'theirs', id: vendor.messages.at(-1)!.id });
    await tell(host, vendor, told, { url: host.sekisho.webhookUrl('a') });
    await host.sekisho.idle();
    assert.deepEqual(asked, [undefined], 'an address for all messages does not say whose that name is');
    time.advance(SECOND);
    await tell(host, vendor, told);
    await host.sekisho.idle();
    assert.deepEqual(asked, [undefined, 'theirs']);
    assert.equal(newsOn(await visitor.open(page.url)).state, 'delivered');
  });

  it('cannot give a message another name than the answer to its send did', async () => {
    const asked: (string | undefined)[] = [];
    const vendor = createVendor('a', {
      ...SMS,
      async poll({ vendorId }) {
        asked.push(vendorId);
        return [];
      },
    });
    const host = await start([vendor]);
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    vendor.behave(async () => ({ outcome: 'accepted', vendorId: 'theirs' }));
    await givePassword(host, new Visitor(), 'alice');
    await tell(host, vendor, receipt('delivered', { unproved: true, vendorId: 'other' }));
    await host.sekisho.idle();
    assert.deepEqual(asked, ['theirs']);
  });

  it('of a key that was pressed lets the code be heard three times, while it is awaited, and not uncounted (OPS-01)', async () => {
    const { store, failOnce } = failingStore(await openSqliteStore({ file: ':memory:' }));
    const vendor = createVendor('a');
    const host = await start([vendor], { store });
    const { page } = await waiting(host, [vendor]);
    await page.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    const url = vendor.messages.at(-1)!.call!.answerUrl!;
    const hear = async () => {
      const answer = await tell(host, vendor, 'key', { url });
      await host.sekisho.idle();
      return `${answer.status} ${/(zero|one|two|three|four|five|six|seven|eight|nine), /.test(await answer.text())}`;
    };
    failOnce(({ method, key }) => method === 'reserve' && key.endsWith('read'));
    assert.deepEqual([await hear(), await hear(), await hear()], ['503 false', '200 true', '200 true']);
    assert.deepEqual([await hear(), await hear()], ['200 true', '404 false']);
  });

  it('asks for no code any more once it was entered', async () => {
    const vendor = createVendor('a');
    const host = await start([vendor]);
    const { page } = await waiting(host, [vendor]);
    const called = await page.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    const url = vendor.messages.at(-1)!.call!.answerUrl!;
    await called.submit('code', { code: vendor.lastCode() });
    const answer = await tell(host, vendor, 'key', { url });
    assert.deepEqual([answer.status, await answer.text()], [404, '']);
  });
});
