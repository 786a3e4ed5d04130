import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { failingStore } from '../support/failing-store.ts';
import { bindPhone, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { createVendor, receipt, tell } from '../support/vendor.ts';

const time = stopTime();

onEveryStore('what a stranger can do about STOP', ({ open }) => {
  let host: Host;
  afterEach(() => host.close());

  it('is nothing with the address of one message, in either direction (GWY-04)', async () => {
    const vendor = createVendor('a');
    host = await startHost({ store: await open(), inbox: vendor, options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    for (const keyword of ['stop', 'start'])
      assert.equal((await tell(host, vendor, [{ type: 'inbound', from: PHONES.bob, keyword }])).status, 200);
    assert.ok(!host.events.some(({ type }) => type.startsWith('sms.')));
  });

  it('is nothing about a number that only looks like one of this country without its plus', async () => {
    const vendor = createVendor('a');
    host = await startHost({ store: await open(), inbox: vendor, options: { countries: ['US', 'NO'] } });
    const url = host.sekisho.webhookUrl('a');
    await tell(host, vendor, [{ type: 'inbound', from: '4792345678', keyword: 'stop' }], { url });
    const stopped = host.events.flatMap((event) => (event.type === 'sms.stopped' ? [event.number] : []));
    assert.deepEqual(stopped, ['••••••••78']);
    await tell(host, vendor, [{ type: 'inbound', from: '+4792345678', keyword: 'start' }], { url });
    assert.ok(
      host.events.some(({ type }) => type === 'sms.resumed'),
      'it was the Norwegian one',
    );
  });

  it('is to ask whether a number said it, no more often than to have messages sent', async () => {
    const vendor = createVendor('a');
    host = await startHost({
      store: await open(),
      inbox: vendor,
      options: { sends: { ...FREE_SENDS, perIpHour: 4 } },
    });
    const stop = [{ type: 'inbound', from: PHONES.bob, keyword: 'stop' }];
    await tell(host, vendor, stop, { url: host.sekisho.webhookUrl('a') });
    const { page } = await givePassword(host, new Visitor(), 'mallory');
    const answers = [];
    for (let at = 0; at < 6; at += 1)
      answers.push((await page.submit('number', { phone: PHONES.bob })).text().includes('are stopped'));
    assert.equal(answers.filter(Boolean).length, 4);
  });

  it('is not to undo a START with an old receipt that comes again', async () => {
    const vendor = createVendor('a');
    host = await startHost({
      store: await open(),
      inbox: vendor,
      options: { sends: FREE_SENDS, fallback: { undelivered: [] } },
    });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await tell(host, vendor, receipt('undelivered', { class: 'opt-out' }));
    const url = host.sekisho.webhookUrl('a');
    time.advance(601 * SECOND);
    await tell(host, vendor, [{ type: 'inbound', from: PHONES.alice, keyword: 'start' }], { url });
    await tell(host, vendor, receipt('undelivered', { class: 'opt-out' }));
    assert.equal(host.events.filter(({ type }) => type === 'sms.stopped').length, 1);
  });

  it('is not to undo what support took back, with the same receipt within minutes', async () => {
    const vendor = createVendor('a');
    host = await startHost({
      store: await open(),
      inbox: vendor,
      options: { sends: FREE_SENDS, fallback: { undelivered: [] } },
    });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await tell(host, vendor, receipt('undelivered', { class: 'opt-out' }));
    time.advance(60 * SECOND);
    assert.equal(await host.sekisho.resumeSms('alice'), true);
    time.advance(60 * SECOND);
    await tell(host, vendor, receipt('undelivered', { class: 'opt-out', carrier: 'docomo' }));
    assert.equal(await host.sekisho.resumeSms('alice'), false, 'it was not stopped');
    const { messages } = vendor;
    messages.length = 0;
    await givePassword(host, new Visitor(), 'alice');
    await tell(host, vendor, receipt('undelivered', { class: 'opt-out' }));
    assert.equal(await host.sekisho.resumeSms('alice'), true, 'a new one stops it again');
  });

  for (const [older, newer] of [
    ['start', 'stop'],
    ['stop', 'start'],
  ] as const) {
    const saying = (keyword: string, more: object = {}) => ({
      ...{ type: 'inbound', from: PHONES.alice, keyword },
      ...more,
    });
    const lastEvent = () => host.events.map(({ type }) => type).findLast((type) => type.startsWith('sms.'));
    const stands = { start: 'sms.resumed', stop: 'sms.stopped' }[newer];

    it(`is not to undo a ${newer} with the ${older} before it, brought again after trouble of ours`, async () => {
      const { store, failOnce } = failingStore(await open());
      const vendor = createVendor('a');
      host = await startHost({ store, inbox: vendor, options: { sends: FREE_SENDS } });
      await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
      const { id } = vendor.messages[0]!;
      const url = host.sekisho.webhookUrl('a');
      const say = async (events: object[], delivery: string) => {
        time.advance(SECOND);
        return (await tell(host, vendor, events, { url, headers: { 'x-replay': delivery } })).status;
      };
      assert.equal(await say([saying(newer)], 'before'), 200);
      const batch = [saying(older), { type: 'receipt', state: 'sent', id }];
      failOnce(({ method, key }) => method === 'replace' && key.includes('delivery'));
      assert.equal(await say(batch, 'batch'), 503);
      assert.equal(await say([saying(newer)], 'newer'), 200);
      assert.equal(lastEvent(), stands);
      assert.equal(await say(batch, 'batch'), 200);
      assert.equal(lastEvent(), stands, 'and nothing happened since');
    });

    it(`is not to undo a ${newer} with the ${older} before it, where the vendor says when it was written`, async () => {
      const vendor = createVendor('a');
      host = await startHost({ store: await open(), inbox: vendor });
      const url = host.sekisho.webhookUrl('a');
      const at = Date.now();
      time.advance(60 * SECOND);
      for (const event of [
        saying('stop', { at: at - 1 }),
        saying('start', { at }),
        saying(newer, { at: at + 2 }),
        saying(older, { at: at + 1 }),
      ])
        assert.equal((await tell(host, vendor, [event], { url })).status, 200);
      assert.equal(lastEvent(), stands);
    });
  }

  it('is not to keep a STOP out with a START of tomorrow', async () => {
    const vendor = createVendor('a');
    host = await startHost({ store: await open(), inbox: vendor });
    const url = host.sekisho.webhookUrl('a');
    const say = (keyword: string, at?: number) =>
      tell(host, vendor, [{ type: 'inbound', from: PHONES.bob, keyword, at }], { url });
    await say('start', Date.now() + 86_400_000);
    time.advance(SECOND);
    await say('stop');
    assert.ok(host.events.some(({ type }) => type === 'sms.stopped'));
  });

  it('is not to stop anybody with a receipt about a message that arrived', async () => {
    const vendor = createVendor('a');
    host = await startHost({ store: await open(), inbox: vendor, options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await tell(host, vendor, receipt('delivered'));
    await tell(host, vendor, receipt('undelivered', { class: 'opt-out' }));
    assert.ok(!host.events.some(({ type }) => type === 'sms.stopped'));
  });

  it('outlives the secret it was written under, once it was asked about', async () => {
    const store = await open();
    const kept = { ...store, close: async () => {} };
    const secrets = [0, 1].map(() => randomBytes(32).toString('base64url'));
    const stopped = async (ring: string[], say?: string) => {
      const vendor = createVendor('a');
      host = await startHost({ store: kept, inbox: vendor, options: { secrets: ring, sends: FREE_SENDS } });
      if (say) {
        const events = [{ type: 'inbound', from: PHONES.bob, keyword: say }];
        await tell(host, vendor, events, { url: host.sekisho.webhookUrl('a') });
      }
      const { page } = await givePassword(host, new Visitor(), `user${ring.length}${say}`);
      const answer = await page.submit('number', { phone: PHONES.bob });
      const said = answer.text().includes('are stopped');
      await host.close();
      return said;
    };
    assert.equal(await stopped([secrets[0]!], 'stop'), true);
    assert.equal(await stopped([secrets[1]!, secrets[0]!]), true);
    assert.equal(await stopped([secrets[1]!]), true);
    await store.close();
    host = await startHost();
  });
});
