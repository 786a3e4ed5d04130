import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import { createAccounts } from '../support/directory.ts';
import { onEveryStore } from '../support/every-store.ts';
import {
  arrive,
  enterCode,
  enterNumber,
  type Host,
  PHONES,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';
import { FREE_SENDS } from './setting.ts';

onEveryStore('attack: one proved phone asks for every login whether somebody has it (B.6)', ({ open }) => {
  const PASSWORD = 'violet otter 7 lanterns';
  const TAKEN = Array.from({ length: 20 }, (_, at) => `person${at}@example.jp`);
  let host: Host;
  beforeEach(async () => {
    const accounts = createAccounts();
    for (const login of TAKEN) await accounts.create({ accountId: login, login, passwordHash: '' });
    host = await startHost({ store: await open(), options: { signUp: true, accounts, sends: FREE_SENDS } });
  });
  afterEach(() => host.close());

  const choose = (page: Page, login: string) =>
    page.submit('signup', { login, name: '', password: PASSWORD });
  async function prove() {
    const request = await host.request({ prompt: 'create' });
    const visitor = new Visitor({ 'accept-language': 'en' });
    const form = await visitor.open(request.url, { stopAt: REDIRECT_URI });
    const number = await choose(form, TAKEN[0]!);
    const page = await enterCode(host, await enterNumber(host, number, PHONES.mallory));
    return { page, request };
  }
  const hasLogin = (page: Page) => /already has an account/.test(page.text());

  it('hears it of five, then proves the phone again, which is counted', async () => {
    const { page: first, request } = await prove();
    let page = first;
    assert.ok(hasLogin(page));
    assert.ok(page.html.includes(`value="${TAKEN[0]}"`), 'what was typed before the number is kept');
    for (const login of TAKEN.slice(1, 4)) {
      page = await choose(page, login);
      assert.ok(hasLogin(page), login);
    }
    page = await choose(page, TAKEN[4]!);
    assert.match(page.text(), /we will confirm your phone number once more/);
    const sent = host.inbox.messages.length;
    page = await choose(page, TAKEN[5]!);
    assert.ok(!hasLogin(page) && page.form('send'), 'nothing is told before another code');
    const code = await page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    assert.equal(host.inbox.messages.length, sent + 1);
    const again = await enterCode(host, code);
    assert.ok(hasLogin(again), 'the last name of those was taken too');
    const { claims } = await arrive(host, request, await choose(again, 'free@example.jp'));
    assert.ok(claims);
  });

  it('hears no more by asking at one moment', async () => {
    const { page } = await prove();
    const answers = await Promise.all(TAKEN.slice(1).map((login) => choose(page, login)));
    assert.ok(answers.filter(hasLogin).length <= 5);
  });
});
