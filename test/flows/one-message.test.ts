import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SekishoOptions } from '../../src/index.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { failingStore } from '../support/failing-store.ts';
import { bindPhone, FREE_SENDS, type Host, PHONES, startHost } from '../support/host.ts';
import { createVendor, hold, receipt, tell, type Vendor } from '../support/vendor.ts';
import { newsOn } from '../support/waiting.ts';

const ACCEPTED = { outcome: 'accepted' } as const;
const REFUSED = { outcome: 'rejected', class: 'temporary' } as const;
const SMS = { channels: ['sms'] as const };

describe('one press is one message (GWY-05)', () => {
  let host: Host;
  afterEach(() => host.close());

  async function start(gateways: Vendor[], options: Partial<SekishoOptions> = {}, store?: Store) {
    host = await startHost({
      ...(store ? { store } : {}),
      inbox: gateways[0]!,
      options: { gateway: undefined, gateways, sends: FREE_SENDS, ...options },
    });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    for (const { messages } of gateways) messages.length = 0;
  }
  const signIn = async () => {
    const visitor = new Visitor({ 'accept-language': 'en' });
    const request = await host.request();
    const login = await visitor.open(request.url);
    return login.submit('login', { account: 'alice', password: 'right' });
  };
  const counts = (gateways: Vendor[]) => gateways.map(({ messages }) => messages.length);
  const three = () => [
    createVendor('a', SMS),
    createVendor('b', SMS),
    createVendor('c', { channels: ['voice'] }),
  ];

  it('also where the second try of an open send is refused: the first may have left (GWY-02)', async () => {
    for (const reason of ['throttled', 'temporary', 'auth'] as const) {
      const all = [createVendor('a', { ...SMS, idempotent: true }), createVendor('b')];
      await start(all);
      let asked = 0;
      all[0]!.behave(async () => {
        asked += 1;
        return asked === 1 ? { outcome: 'ambiguous' } : { outcome: 'rejected', class: reason };
      });
      const page = await signIn();
      await host.sekisho.idle();
      assert.deepEqual(counts(all), [2, 0], reason);
      assert.equal(newsOn(await page.visitor.open(page.url)).state, 'ambiguous');
      if (reason !== 'auth') await host.close();
    }
  });

  it('while the person’s own second one is on its way and the first turns out undelivered', async () => {
    const all = three();
    await start(all);
    const page = await signIn();
    await host.sekisho.idle();
    const { webhookUrl: url } = all[0]!.messages[0]!;
    const held = hold(all[0]!);
    await page.submit('send', { channel: 'sms' });
    await held.asked;
    await tell(host, all[0]!, receipt('undelivered'), { url: url! });
    held.answer(ACCEPTED);
    await host.sekisho.idle();
    assert.deepEqual(counts(all), [2, 0, 0]);
  });

  it('while the next gateway is asked and the one that refused reports too', async () => {
    const all = three();
    await start(all);
    all[0]!.behave(async () => REFUSED);
    const held = hold(all[1]!);
    const page = await signIn();
    await held.asked;
    await tell(host, all[0]!, receipt('undelivered', { class: 'temporary' }));
    held.answer(ACCEPTED);
    await host.sekisho.idle();
    assert.deepEqual(counts(all), [1, 1, 0]);
    assert.equal(newsOn(await page.visitor.open(page.url)).state, 'accepted');
  });

  it('and a receipt that is quicker than the answer is acted on once the answer is there', async () => {
    const all = three();
    await start(all);
    const held = hold(all[0]!);
    await signIn();
    await held.asked;
    await tell(host, all[0]!, receipt('undelivered', { class: 'temporary' }));
    assert.deepEqual(
      counts(all),
      [1, 0, 0],
      'the gateway may still refuse, and then the next one is asked anyway',
    );
    held.answer(ACCEPTED);
    await host.sekisho.idle();
    assert.deepEqual(counts(all), [1, 1, 0]);
  });

  it('and no other gateway is asked when a receipt says that a refused message arrived', async () => {
    const all = three();
    await start(all);
    const held = hold(all[0]!);
    const page = await signIn();
    await held.asked;
    await tell(host, all[0]!, receipt('delivered'));
    held.answer(REFUSED);
    await host.sekisho.idle();
    assert.deepEqual(counts(all), [1, 0, 0]);
    assert.equal(newsOn(await page.visitor.open(page.url)).state, 'delivered');
  });

  it('and the page is about the newest press, whatever is told about the ones before', async () => {
    const all = three();
    await start(all, { fallback: { undelivered: [] } });
    all[0]!.behave(async () => REFUSED);
    const page = await signIn();
    await host.sekisho.idle();
    await tell(host, all[0]!, receipt('undelivered', { class: 'temporary' }));
    await tell(host, all[1]!, receipt('undelivered', { class: 'unreachable' }));
    const held = hold(all[1]!);
    await page.submit('send', { channel: 'sms' });
    await held.asked;
    assert.equal(newsOn(await page.visitor.open(page.url)).state, 'sending');
    held.answer(ACCEPTED);
    await host.sekisho.idle();
    assert.equal(newsOn(await page.visitor.open(page.url)).state, 'accepted');
  });

  it('and of two presses whose answers come in the other order the later one counts', async () => {
    const all = three();
    await start(all);
    const page = await signIn();
    await host.sekisho.idle();
    const slow = hold(all[0]!);
    const second = await page.submit('send', { channel: 'sms' });
    await slow.asked;
    const quick = hold(all[0]!);
    quick.answer(ACCEPTED);
    await second.submit('send', { channel: 'sms' });
    await quick.asked;
    await tell(host, all[0]!, receipt('delivered'));
    slow.answer({ outcome: 'ambiguous' });
    await host.sekisho.idle();
    assert.equal(newsOn(await page.visitor.open(page.url)).state, 'delivered');
  });

  it('and one that never left because the store failed is not said to be on its way for ever', async () => {
    const all = three();
    const { store, failOnce } = failingStore(await openSqliteStore({ file: ':memory:' }));
    await start(all, { fallback: { undelivered: [] } }, store);
    const page = await signIn();
    await host.sekisho.idle();
    failOnce(({ method, key }) => method === 'put' && key.endsWith('message'));
    const second = await page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    assert.equal(newsOn(await page.visitor.open(page.url)).state, 'rejected');
    await second.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    await tell(host, all[0]!, receipt('delivered'));
    assert.equal(newsOn(await page.visitor.open(page.url)).state, 'delivered');
  });

  it('and a press of the person is never said to be ours', async () => {
    const all = three();
    await start(all, { voice: { perNumberDay: 1 }, fallback: { undelivered: ['voice'] } });
    await signIn();
    await host.sekisho.idle();
    await tell(host, all[0]!, receipt('undelivered'));
    await host.sekisho.idle();
    const page = await signIn();
    await host.sekisho.idle();
    await tell(host, all[0]!, receipt('undelivered'));
    await host.sekisho.idle();
    assert.deepEqual(counts(all), [2, 0, 1], 'the second call is one too many');
    await page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    assert.doesNotMatch(newsOn(await page.visitor.open(page.url)).text, /another way|instead|calling/);
  });
});
