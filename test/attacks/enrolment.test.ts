import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import type { SekishoOptions } from '../../src/index.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import { createAccounts } from '../support/directory.ts';
import { onEveryStore } from '../support/every-store.ts';
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
import { MINUTE, SECOND, stopTime } from '../support/time.ts';
import { wrongCodes } from './setting.ts';

const time = stopTime();

onEveryStore('attack: keeping somebody from registering his own number (B.2)', ({ open: openStore }) => {
  let host: Host;
  async function start(options: Partial<SekishoOptions> = {}) {
    host = await startHost({
      store: await openStore(),
      options: {
        ...{ signUp: true, accounts: createAccounts(), trustedProxies: 1, sends: { cooldown: [0] } },
        ...options,
      },
    });
  }
  beforeEach(() => start());
  afterEach(() => host.close());

  const from = (address: string) => new Visitor({ 'x-forwarded-for': address, 'accept-language': 'en' });
  let people = 0;
  /** A sign-up with this number, up to the page that follows it. */
  async function signUp(address: string, phone: string = PHONES.alice) {
    people += 1;
    const request = await host.request({ prompt: 'create' });
    const form = await from(address).open(request.url, { stopAt: REDIRECT_URI });
    const fields = { login: `person${people}@example.jp`, name: '', password: 'violet otter 7 lanterns' };
    const page = await enterNumber(host, await form.submit('signup', fields), phone);
    return { page, request };
  }
  async function bind(address: string, account: string) {
    const { page, request } = await givePassword(host, from(address), account);
    return { page: await enterNumber(host, page, PHONES.alice), request };
  }
  const enterWrong = async (page: Page, count: number) => {
    let shown = page;
    for (const code of wrongCodes(host.inbox.lastCode(), count)) shown = await page.submit('code', { code });
    return shown;
  };

  it('a stranger at one address uses up what that address has, and not what the owner has (THR-02)', async () => {
    for (let at = 0; at < 5; at += 1) assert.equal((await signUp('192.0.2.66')).page.status, 200);
    assert.equal((await signUp('192.0.2.66')).page.status, 429);
    const owner = await signUp('198.51.100.7');
    assert.ok((await arrive(host, owner.request, await enterCode(host, owner.page))).claims);
  });

  it('strangers at many addresses keep no account with a password from binding, and a sign-up for minutes at most', async () => {
    for (let at = 0; at < 10; at += 1) assert.equal((await signUp(`192.0.2.${at}`)).page.status, 200);
    assert.equal(
      (await signUp('198.51.100.7')).page.status,
      429,
      'the phone is spared, and the bill (THR-03)',
    );
    const owner = await bind('198.51.100.7', 'alice');
    assert.ok((await arrive(host, owner.request, await enterCode(host, owner.page))).claims);
    time.advance(15 * MINUTE);
    assert.equal((await signUp('198.51.100.8')).page.status, 200);
  });

  it('after the number was reset its owner binds at once, whatever was sent for the account before', async () => {
    await bindPhone(host, from('192.0.2.1'), 'alice', PHONES.alice);
    for (let at = 0; at < 12; at += 1) {
      await givePassword(host, from('192.0.2.66'), 'alice');
      time.advance(13 * MINUTE);
    }
    await host.sekisho.removePhone('alice');
    // Grants know whole seconds: one of the second in which the number was removed counts as older.
    time.advance(SECOND);
    const owner = await bind('192.0.2.1', 'alice');
    assert.ok((await arrive(host, owner.request, await enterCode(host, owner.page))).claims);
  });

  it('wrong codes of strangers delay no right code of the owner', async () => {
    for (let at = 0; at < 4; at += 1) {
      const { page } = await signUp(`192.0.2.${at}`);
      time.advance(MINUTE);
      await enterWrong(page, 3);
    }
    const owner = await signUp('198.51.100.7');
    assert.ok((await arrive(host, owner.request, await enterCode(host, owner.page))).claims);
  });

  it('a wait while a number is being bound is shorter than a code lives', async () => {
    await host.close();
    await start({ failures: { delays: [3600], ceiling: 5 } });
    const owner = await signUp('198.51.100.7');
    await enterWrong(owner.page, 1);
    time.advance(75_000);
    assert.ok((await arrive(host, owner.request, await enterCode(host, owner.page))).claims);
  });

  it('a hundred guesses a day meet a usual code; after that codes are longer, and the owner gets in all the same (OTP-01)', async () => {
    await host.close();
    await start({ sends: FREE_SENDS, failures: { delays: [0], ceiling: 100 } });
    const lengths: number[] = [];
    for (let at = 0; at < 22; at += 1) {
      // By both ways: an account of the stranger's, and sign-up.
      const address = `192.0.2.${at}`;
      const { page } = await (at % 2 === 0 ? signUp(address) : bind(address, `mallory${at}`));
      lengths.push(host.inbox.lastCode().length);
      if (at < 2) assert.equal((await enterWrong(page, 5)).status, 403, 'five tries each');
    }
    assert.deepEqual(lengths, [...Array<number>(20).fill(6), 8, 8]);
    const owner = await signUp('198.51.100.7');
    assert.match(owner.page.text(), /Enter the 8.digit security code/);
    const short = await owner.page.submit('code', { code: '123456' });
    assert.match(short.text(), /The security code has 8 digits/);
    const again = await owner.page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    assert.equal(host.inbox.lastCode().length, 8);
    assert.ok((await arrive(host, owner.request, await enterCode(host, again))).claims);
    const other = await signUp('192.0.2.1', PHONES.bob);
    assert.equal(other.page.status, 200);
    assert.equal(host.inbox.lastCode().length, 6, 'no other number is concerned');
  });
});
