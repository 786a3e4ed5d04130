import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import type { SekishoOptions } from '../../src/index.ts';
import { Visitor } from '../support/browser-client.ts';
import { createAccounts } from '../support/directory.ts';
import { onEveryStore } from '../support/every-store.ts';
import {
  arrive,
  enterNumber,
  FREE_SENDS,
  givePassword,
  type Host,
  PHONES,
  startHost,
} from '../support/host.ts';
import { codeIn } from '../support/inbox.ts';
import { MINUTE, stopTime } from '../support/time.ts';
import { createVendor, receipt, tell, type Vendor } from '../support/vendor.ts';
import { newsOn } from '../support/waiting.ts';

const time = stopTime();

/** Whose network earns by each call decides what its receipts say, and nobody has to hold such a phone. */
onEveryStore('attack: a network that says "undelivered" to be called (THR-03; D.2, rule 5)', ({ open }) => {
  let host: Host;
  let all: [Vendor, Vendor, Vendor];
  afterEach(() => host.close());

  async function start(options: Partial<SekishoOptions> = {}) {
    all = [
      createVendor('a', { channels: ['sms'] }),
      createVendor('b', { channels: ['sms'] }),
      createVendor('c', { channels: ['voice'] }),
    ];
    host = await startHost({
      store: await open(),
      inbox: all[0],
      options: { gateway: undefined, gateways: all, sends: FREE_SENDS, ...options },
    });
  }
  /** Mallory's account has no number yet. */
  async function bind() {
    const { page } = await givePassword(host, new Visitor({ 'accept-language': 'en' }), 'mallory');
    return enterNumber(host, page, PHONES.mallory);
  }
  async function report(vendor: Vendor, state: string, reason?: string) {
    await tell(host, vendor, receipt(state, reason ? { class: reason } : {}));
    await host.sekisho.idle();
  }
  const counts = () => all.map(({ messages }) => messages.length);

  for (const reason of [undefined, 'temporary', 'unknown', 'blocked', 'permanent', 'opt-out']) {
    it(`gets no call to a number that is being bound, for the reason ${reason ?? 'that is not said'}`, async () => {
      await start();
      const page = await bind();
      await report(all[0], 'undelivered', reason);
      const [, second] = counts();
      if (second) await report(all[1], 'expired', reason);
      assert.equal(counts()[2], 0);
      const shown = await page.visitor.open(page.url);
      assert.deepEqual(
        [newsOn(shown).tone, newsOn(shown).helpOpen],
        ['bad', true],
        'the person hears at once',
      );
    });
  }

  it('gets none at a sign-up either, and none because every gateway refuses', async () => {
    await start({ signUp: true, accounts: createAccounts() });
    for (const vendor of all.slice(0, 2))
      vendor.behave(async () => ({ outcome: 'rejected', class: 'temporary' }));
    const request = await host.request({ prompt: 'create' });
    const form = await new Visitor({ 'accept-language': 'en' }).open(request.url);
    const number = await form.submit('signup', {
      login: 'm@example.jp',
      name: 'M',
      password: 'correct horse',
    });
    const page = await enterNumber(host, number, PHONES.mallory);
    assert.deepEqual(counts(), [1, 1, 0]);
    assert.equal(newsOn(await page.visitor.open(page.url)).state, 'rejected');
  });

  it('gets none by keeping silent, and the page does not ask for one', async () => {
    await start({ fallback: { late: ['voice'] } });
    const page = await bind();
    time.advance(2 * MINUTE);
    const events = await page.visitor.once(`${page.url.split('?')[0]}/events`);
    assert.equal(((await events.json()) as { follow: boolean }).follow, false);
    await page.submit('follow');
    await host.sekisho.idle();
    assert.deepEqual(counts(), [1, 0, 0]);
  });

  it('gets another SMS at most, within the sends of the challenge', async () => {
    await start({ code: { sends: 2 } });
    await bind();
    await report(all[0], 'undelivered', 'temporary');
    await report(all[1], 'undelivered', 'temporary');
    assert.deepEqual(counts(), [1, 1, 0]);
  });

  it('is called after a press, which counts for the address that pressed', async () => {
    await start({ sends: { ...FREE_SENDS, perIpHour: 2 } });
    const page = await bind();
    await report(all[0], 'undelivered', 'blocked');
    const called = await (await page.visitor.open(page.url)).submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    assert.deepEqual(counts(), [1, 0, 1]);
    assert.equal((await called.submit('send', { channel: 'voice' })).status, 429);
  });

  it('is called without one as soon as the number is proved', async () => {
    await start();
    const { page, request } = await givePassword(host, new Visitor(), 'alice');
    const bound = await enterNumber(host, page, PHONES.alice);
    await arrive(host, request, await bound.submit('code', { code: codeIn(all[0].messages[0]!) }));
    await givePassword(host, new Visitor(), 'alice');
    await report(all[0], 'undelivered', 'blocked');
    assert.deepEqual(counts(), [2, 0, 1]);
  });
});
