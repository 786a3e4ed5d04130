import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SekishoOptions } from '../../src/index.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import { createAccounts } from '../support/directory.ts';
import { failingStore, type StoreCall } from '../support/failing-store.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  enterNumber,
  FREE_SENDS,
  givePassword,
  type Host,
  PHONES,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';
import { HOUR, SECOND, stopTime } from '../support/time.ts';
import { createVendor, tell, type Vendor } from '../support/vendor.ts';

const time = stopTime();

const here = (page: Page) => page.visitor.open(page.url.split(/[?#]/)[0]!);

describe('what is done by half', () => {
  let host: Host;
  let fail: ReturnType<typeof failingStore>;
  const start = async (options: Partial<SekishoOptions> = {}, vendor?: Vendor) => {
    fail = failingStore(await openSqliteStore({ file: ':memory:' }));
    host = await startHost({
      store: fail.store,
      options: { sends: FREE_SENDS, ...options },
      ...(vendor ? { inbox: vendor } : {}),
    });
  };
  afterEach(() => host.close());

  const savesResult = ({ method, key }: StoreCall) => method === 'put' && /interaction/i.test(key);

  it('a sign-in whose code was right before the store failed goes on with another code', async () => {
    await start();
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const { page, request } = await givePassword(host, new Visitor(), 'alice');
    fail.failOnce(savesResult);
    const failed = await enterCode(host, page);
    assert.ok(failed.status >= 500);
    const again = await here(page);
    assert.ok(!again.form('code'), 'that code cannot be entered any more');
    const next = await again.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    const { claims } = await arrive(host, request, await enterCode(host, next));
    assert.equal(claims!.sub, 'alice');
  });

  it('so does a binding, whose number is the account’s by then', async () => {
    await start();
    const { page, request } = await givePassword(host, new Visitor(), 'alice');
    const code = await enterNumber(host, page, PHONES.alice);
    fail.failOnce(savesResult);
    await enterCode(host, code);
    const next = await (await here(code)).submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    const { claims } = await arrive(host, request, await enterCode(host, next));
    assert.equal(claims!.sub, 'alice');
    assert.equal((await host.sekisho.phoneClaims('alice')).phone_number, PHONES.alice);
  });

  for (const where of ['the account', 'the result'] as const) {
    it(`so does a sign-up that failed at ${where}, and makes one account`, async () => {
      const accounts = createAccounts();
      const { create } = accounts;
      let away = where === 'the account';
      accounts.create = async (account) => {
        if (away) {
          away = false;
          throw new Error('the database of the accounts is away');
        }
        return create(account);
      };
      await start({ signUp: true, accounts });
      const request = await host.request({ prompt: 'create' });
      const form = await new Visitor().open(request.url, { stopAt: REDIRECT_URI });
      const number = await form.submit('signup', { login: 'hanako', name: '', password: 'correct horse' });
      const code = await enterNumber(host, number, PHONES.bob);
      if (where === 'the result') fail.failOnce(savesResult);
      assert.ok((await enterCode(host, code)).status >= 500);
      const next = await (await here(code)).submit('send', { channel: 'sms' });
      await host.sekisho.idle();
      const { claims } = await arrive(host, request, await enterCode(host, next));
      assert.equal(accounts.all.size, 1);
      assert.ok(accounts.all.has(claims!.sub));
    });
  }

  it('a send that failed before anything left is not counted', async () => {
    await start({ sends: {} });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    time.advance(HOUR);
    for (const fits of [
      ({ method }: StoreCall) => method === 'readTally',
      ({ method }: StoreCall) => method === 'openChallenge',
    ]) {
      fail.failOnce(fits);
      const login = await new Visitor().open((await host.request()).url, { stopAt: REDIRECT_URI });
      await login.submit('login', { account: 'alice', password: 'right' }, REDIRECT_URI);
      host.inbox.messages.length = 0;
      const { page } = await givePassword(host, new Visitor(), 'alice');
      assert.ok(page.form('code'), 'nothing has to be waited for');
      assert.equal(host.inbox.messages.length, 1);
      time.advance(HOUR);
    }
  });

  it('nothing goes to a number that was taken off the account meanwhile (BND-08)', async () => {
    await start();
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const { page } = await givePassword(host, new Visitor(), 'alice');
    await host.sekisho.removePhone('alice');
    host.inbox.messages.length = 0;
    const refused = await page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    assert.equal(refused.status, 404);
    assert.equal(host.inbox.messages.length, 0);
  });

  for (const [how, end] of [
    ['every gateway refused', undefined],
    ['nobody answered', { type: 'call', state: 'no-answer' }],
    ['a machine answered', { type: 'call', state: 'machine' }],
  ] as const) {
    it(`a call that ${how} told no code, so amr says sms (OID-01)`, async () => {
      const vendor = createVendor('vendor');
      await start({}, vendor);
      await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
      const { page, request } = await givePassword(host, new Visitor(), 'alice');
      const code = host.inbox.lastCode();
      if (!end) vendor.behave(async () => ({ outcome: 'rejected', class: 'permanent', code: 'no' }));
      const next = await page.submit('send', { channel: 'voice' });
      await host.sekisho.idle();
      if (end) await tell(host, vendor, [end]);
      const { claims } = await arrive(host, request, await next.submit('code', { code }));
      assert.deepEqual(claims!['amr'], ['pwd', 'sms', 'mfa']);
    });
  }

  it('a send that nothing came of is late in time, like the first one', async () => {
    const vendor = createVendor('vendor');
    await start({ fallback: { lateAfter: 30 } }, vendor);
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const { page } = await givePassword(host, new Visitor(), 'alice');
    time.advance(40 * SECOND);
    const released = Promise.withResolvers<void>();
    // The process that was to hand it over hangs.
    fail.delay(({ method, key }) => method === 'get' && key.endsWith('carrier'), released.promise);
    const next = await page.submit('send', { channel: 'sms' });
    time.advance(20 * SECOND);
    const soon = await here(next);
    time.advance(15 * SECOND);
    const late = await here(next);
    assert.notEqual(tone(soon), tone(late));
    assert.equal(tone(late), 'care');
    released.resolve();
    await host.sekisho.idle();
  });

  const tone = ({ html }: Page) => /data-tone="(\w+)"/.exec(html)?.[1];
});
