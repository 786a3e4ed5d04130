import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import en from '../../views/locales/en.json' with { type: 'json' };
import ja from '../../views/locales/ja.json' with { type: 'json' };
import { Visitor } from '../support/browser-client.ts';
import { createAccounts } from '../support/directory.ts';
import {
  arrive,
  enterCode,
  enterNumber,
  type Host,
  MFA,
  PHONES,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';
import { MINUTE, stopTime } from '../support/time.ts';

const time = stopTime();

describe('sign-up with prompt=create', () => {
  let host: Host;
  let accounts: ReturnType<typeof createAccounts>;
  beforeEach(async () => {
    accounts = createAccounts();
    host = await startHost({ options: { signUp: true, accounts, sends: { cooldown: [0] } } });
  });
  afterEach(() => host.close());

  const open = async (visitor: Visitor) => {
    const request = await host.request({
      prompt: 'create',
      scope: 'openid phone',
      claims: JSON.stringify({ id_token: { phone_number: null, phone_number_verified: null } }),
    });
    return { request, page: await visitor.open(request.url, { stopAt: REDIRECT_URI }) };
  };
  const form = { login: 'Hanako@example.jp', name: '花子', password: 'correct horse' };

  it('makes the account once the code is right, and not before (OTP-15, OID-09, OID-12)', async () => {
    const { request, page } = await open(new Visitor());
    const number = await page.submit('signup', form);
    const code = await enterNumber(host, number, '080-1234-5678');
    assert.equal(accounts.all.size, 0);
    const { claims } = await arrive(host, request, await enterCode(host, code));
    assert.equal(accounts.all.size, 1);
    assert.equal(claims!.acr, MFA);
    assert.deepEqual(claims!['amr'], ['pwd', 'sms', 'mfa']);
    assert.equal(claims!['phone_number'], '+818012345678');
    assert.equal(claims!['phone_number_verified'], true);
  });

  it('is in the discovery document, and refuses prompt=create none (OID-09)', async () => {
    const metadata = await (await fetch(`${host.issuer}/.well-known/openid-configuration`)).json();
    assert.ok((metadata as { prompt_values_supported: string[] }).prompt_values_supported.includes('create'));
    const request = await host.request({ prompt: 'create none' });
    const { error } = await arrive(
      host,
      request,
      await new Visitor().open(request.url, { stopAt: REDIRECT_URI }),
    );
    assert.equal(error, 'invalid_request');
  });

  it('tells that a number has an account only to who holds the phone (lesson 18)', async () => {
    const first = await open(new Visitor());
    const number = await first.page.submit('signup', form);
    await arrive(host, first.request, await enterCode(host, await enterNumber(host, number, PHONES.bob)));
    const second = await open(new Visitor());
    const again = await second.page.submit('signup', { ...form, login: 'taro@example.jp' });
    const code = await enterNumber(host, again, PHONES.bob);
    assert.equal(code.status, 200, 'the same page as for any number');
    assert.ok(code.form('code'));
    const refused = await enterCode(host, code);
    assert.equal(refused.status, 400);
    assert.equal(accounts.all.size, 1);
    const other = await enterNumber(host, refused, PHONES.mallory);
    const { claims } = await arrive(host, second.request, await enterCode(host, other));
    assert.equal(accounts.all.size, 2);
    assert.equal(claims!['phone_number'], PHONES.mallory);
  });

  it('tells that a name is taken only to who proved a phone, and asks for another name but no other code (THR-05)', async () => {
    const first = await open(new Visitor());
    const number = await first.page.submit('signup', form);
    await arrive(host, first.request, await enterCode(host, await enterNumber(host, number, PHONES.alice)));
    const second = await open(new Visitor());
    const pageTwo = await second.page.submit('signup', form);
    assert.ok(pageTwo.form('number'), 'nothing is told before the code');
    const refused = await enterCode(host, await enterNumber(host, pageTwo, PHONES.bob));
    assert.ok(refused.form('signup'), refused.text());
    const sent = host.inbox.messages.length;
    const { claims } = await arrive(
      host,
      second.request,
      await refused.submit('signup', { ...form, login: 'jiro' }),
    );
    assert.equal(claims!.acr, MFA);
    assert.equal(host.inbox.messages.length, sent);
  });

  it('cuts a long name at the end of a character, never inside an emoji (lesson 33)', async () => {
    const { request, page } = await open(new Visitor());
    const number = await page.submit('signup', { ...form, name: `${'a'.repeat(79)}😀` });
    await arrive(host, request, await enterCode(host, await enterNumber(host, number, PHONES.alice)));
    assert.deepEqual(
      [...accounts.all.values()].map(({ name }) => name),
      ['a'.repeat(79)],
    );
  });

  for (const [language, locale] of [
    ['en', en],
    ['ja', ja],
  ] as const) {
    it(`says what is wrong with login or password in ${language}, and keeps what was typed (A.9)`, async () => {
      const { page } = await open(new Visitor({ 'accept-language': language }));
      for (const [code, wrong] of [
        ['password_short', { password: 'short"' }],
        ['password_common', { password: 'Password123' }],
        ['password_personal', { password: 'hanako2026' }],
        ['login_invalid', { login: '@@@' }],
        ['login_reserved', { login: 'admin' }],
        ['login_lookalike', { login: '\u0430lice' }],
      ] as const) {
        const refused = await page.submit('signup', { ...form, ...wrong });
        assert.equal(refused.status, 400);
        assert.ok(refused.text().includes(locale[`error.${code}`]), code);
        assert.ok(refused.html.includes('花子'));
        assert.ok(!refused.html.includes('short&#34;'), 'a password is never put back');
        const field = code.split('_')[0]!;
        assert.match(refused.html, new RegExp(`<input [^>]*id="${field}"[^>]*aria-invalid="true"`));
      }
    });
  }

  /** Somebody who proved PHONES.mallory, but chose a name that is taken. */
  const provedUnderTakenName = async () => {
    const first = await open(new Visitor());
    const number = await first.page.submit('signup', form);
    await arrive(host, first.request, await enterCode(host, await enterNumber(host, number, PHONES.alice)));
    const { request, page } = await open(new Visitor());
    const next = await enterNumber(host, await page.submit('signup', form), PHONES.mallory);
    return { request, refused: await enterCode(host, next) };
  };

  it('asks for a code again when finding another name took too long (OTP-02)', async () => {
    const { request, refused } = await provedUnderTakenName();
    time.advance(10 * MINUTE);
    const late = await refused.submit('signup', { ...form, login: 'jiro' });
    assert.equal(accounts.all.size, 1);
    const code = await late.submit('send', {});
    await host.sekisho.idle();
    const { claims } = await arrive(host, request, await enterCode(host, code));
    assert.equal(claims!['phone_number'], PHONES.mallory);
  });

  it('keeps the code under way right when the form is sent again', async () => {
    const { request, page } = await open(new Visitor());
    const number = await page.submit('signup', form);
    const code = await enterNumber(host, number, PHONES.alice);
    await page.submit('signup', { ...form, login: 'jiro' });
    const { claims } = await arrive(host, request, await enterCode(host, code));
    assert.equal(claims!['phone_number'], PHONES.alice);
    assert.deepEqual(
      [...accounts.all.values()].map(({ login }) => login),
      ['jiro'],
    );
  });
});
