import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/server/config.ts';
import { checkLogin, checkPassword } from '../../src/server/new-account.ts';

const config = parseConfig(
  {
    issuer: 'https://id.kurobe-bank.example',
    trustedProxies: 1,
    brand: { name: 'Kurobe Bank', names: { ja: '黒部銀行' } },
    gateway: { type: 'handset' },
    countries: ['JP'],
  },
  { folder: '.', production: false },
);

describe('what an operator gives an account (fault A.9, NIST SP 800-63B-4 section 3.1.1.2)', () => {
  for (const [password, code] of [
    ['short', 'password_short'],
    ['', 'password_short'],
    ['x'.repeat(129), 'password_long'],
    ['passw0rd', 'password_common'],
    ['hanako-yamada', 'password_personal'],
    ['Kurobe-Bank-1', 'password_personal'],
    ['黒部銀行12345', 'password_personal'],
  ] as const) {
    it(`is not the password ${password.slice(0, 20)}`, () => {
      assert.throws(() => checkPassword(config, 'hanako-yamada', password), { code });
    });
  }

  it('may be any other password, and a login such as admin', () => {
    checkPassword(config, 'admin', 'quite a good one');
    for (const login of ['admin', "o'brien@example.com", 'はなこ']) checkLogin(login);
  });

  it('is no login that looks like one in another alphabet', () => {
    assert.throws(() => checkLogin('\u0430lice'), { code: 'login_lookalike' });
  });
});
