import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SekishoOptions } from '../../src/index.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { bindPhone, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { createVendor, receipt, tell } from '../support/vendor.ts';

/** The last line of the SMS that a first sign-in sends. */
async function ending(options: Partial<SekishoOptions>, client = 'app'): Promise<string> {
  const host = await startHost({ options: { sends: FREE_SENDS, ...options } });
  try {
    const { page } = await givePassword(host, new Visitor(), 'alice', { client_id: client });
    await page.submit('number', { phone: PHONES.alice });
    await host.sekisho.idle();
    return host.inbox.messages.at(-1)!.text.split('\n').at(-1)!;
  } finally {
    await host.close();
  }
}

describe('the end of an SMS (OTP-17)', () => {
  it('is the line of our host, and nothing of the relying party', async () => {
    assert.match(await ending({}), /^@127\.0\.0\.1 #\d{6}$/);
  });

  it('is the text alone where the route or all of it is switched off', async () => {
    assert.match(await ending({ sms: { originLine: false } }), /^\d{6} is your/);
    const routes = [{ via: [{ gateway: 'inbox', originLine: false }] }];
    assert.match(await ending({ routes }), /^\d{6} is your/);
    const on = [{ via: [{ gateway: 'inbox', originLine: true }] }];
    assert.match(await ending({ routes: on, sms: { originLine: false } }), /^@127\.0\.0\.1 #\d{6}$/);
  });

  it('is the hash of the Android app for a client that has one, in place of the line, and for no other', async () => {
    const clients = { bank: { androidAppHash: 'FA+9qCX9VSu' }, app: {} };
    assert.equal(await ending({ clients }, 'bank'), 'FA+9qCX9VSu');
    assert.match(await ending({ clients }, 'app'), /^@/);
    await assert.rejects(ending({ clients: { app: { androidAppHash: 'short' } } }), /androidAppHash/);
  });

  it('has the name of the service in the language of the message', async () => {
    const brand = { name: 'みらい銀行', names: { en: 'Mirai Bank' } };
    const host = await startHost({ options: { brand } });
    const said = async (language: string, account: string, phone: string) => {
      const { page } = await givePassword(host, new Visitor({ 'accept-language': language }), account);
      await page.submit('number', { phone });
      await host.sekisho.idle();
      return host.inbox.messages.at(-1)!.text;
    };
    assert.match(await said('en', 'alice', PHONES.alice), /Mirai Bank/);
    assert.match(await said('ja', 'bob', PHONES.bob), /みらい銀行/);
    await host.close();
  });
});

describe('a network that a gateway does not get through to', () => {
  let host: Host;
  afterEach(() => host.close());

  it('is served by the next gateway first, for numbers that receipts put there (a circuit per carrier)', async () => {
    const vendors = [createVendor('first'), createVendor('second')];
    const options = {
      gateway: undefined,
      gateways: vendors,
      sends: FREE_SENDS,
      fallback: { undelivered: [] },
    };
    host = await startHost({ inbox: vendors[0]!, options });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await tell(host, vendors[0]!, receipt('delivered', { carrier: 'au' }));
    await bindPhone(host, new Visitor(), 'bob', PHONES.bob);
    await tell(host, vendors[0]!, receipt('delivered', { carrier: 'docomo' }));
    for (let at = 0; at < 5; at += 1) {
      await givePassword(host, new Visitor(), 'alice');
      await tell(host, vendors[0]!, receipt('undelivered', { class: 'temporary', carrier: 'au' }));
    }
    const counts = () => vendors.map(({ messages }) => messages.length);
    const [before] = counts();
    await givePassword(host, new Visitor(), 'alice');
    assert.deepEqual(counts(), [before!, 1]);
    await givePassword(host, new Visitor(), 'bob');
    assert.deepEqual(counts(), [before! + 1, 1], 'another network is not in trouble');
  });

  it('is known of a number before its next message, so that lateness goes by the usual time there', async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    const written: string[] = [];
    const noting = {
      ...store,
      add: (...args: Parameters<typeof store.add>) => {
        if (args[0].includes('delivery')) written.push(JSON.stringify(args[1]));
        return store.add(...args);
      },
    };
    const vendor = createVendor('first');
    host = await startHost({ store: noting, inbox: vendor, options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await tell(host, vendor, receipt('delivered', { carrier: 'docomo' }));
    await givePassword(host, new Visitor(), 'alice');
    assert.deepEqual(
      written.map((record) => record.includes('docomo')),
      [false, true],
    );
  });
});
