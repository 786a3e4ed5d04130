import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertLogin } from '../../src/domain/login-rules.ts';

const refusal = (login: string): string | undefined => {
  try {
    assertLogin(login.normalize('NFKC').trim(), ['Mirai Bank', '未来銀行'], 'login.mirai.example');
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a login at sign-up (A.9)', () => {
  for (const usable of [
    ...[
      'alice',
      'alice99',
      'a.b-c_d',
      'o.sato+app@example.jp',
      '佐藤花子',
      'はなこ99',
      'ハナコ',
      'サトーhanako',
    ],
    ...[
      'josé',
      'müller',
      'ışık',
      'Ольга',
      'Νίκος',
      'օլգա',
      '김민지',
      '陳大文',
      'สมชาย',
      'נועה',
      'admin@example.jp',
    ],
    ...['support@gmail.com', 'rooth', 'infobip', '12345'],
  ])
    it(`may be ${login(usable)}`, () => assert.equal(refusal(usable), undefined));

  for (const [name, code] of [
    ...['@@@', '...', '-_-', '%%%', 'a@', '@example.jp', 'a@b@c', 'a b', '<b>', '\u202ealice', 'ab'].map(
      (one) => [one, 'login_invalid'],
    ),
    ...[
      'admin',
      'Admin',
      'ADMIN1',
      'ad.min',
      'ａｄｍｉｎ',
      'ádmin',
      'admın',
      'root',
      'support',
      'help-desk',
      'www',
    ].map((one) => [one, 'login_reserved']),
    ...[
      'postmaster',
      'hostmaster',
      'abuse',
      'no-reply',
      'mirai_bank',
      'MiraiBank2',
      '未来銀行',
      '管理者',
      'サポート',
    ].map((one) => [one, 'login_reserved']),
    ...['admin@mirai.example', 'support@login.mirai.example'].map((one) => [one, 'login_reserved']),
    ...[
      '\u0430lice',
      'al\u0456ce',
      'p\u0430ypal@example.jp',
      'alice@ex\u0430mple.jp',
      '\u0441\u043e\u0441\u043e',
    ].map((one) => [one, 'login_lookalike']),
    ...['\u0251lice', 'a\u01c0ice', '\u03bf\u03bd\u03bf', 'ali\u0441e99', 'Ольгаalice'].map((one) => [
      one,
      'login_lookalike',
    ]),
  ] as const)
    it(`is not ${login(name!)}: ${code}`, () => assert.equal(refusal(name!), code));

  it('in other letters than Latin never looks like a Latin one, whatever it is made of', () => {
    const letters = fc.constantFrom(...'abcdehijopqsuvwxy');
    const cyrillic: Record<string, string> = {
      a: 'а',
      c: 'с',
      e: 'е',
      o: 'о',
      p: 'р',
      x: 'х',
      y: 'у',
      i: 'і',
      s: 'ѕ',
    };
    const pair = fc.array(fc.tuple(letters, fc.boolean()), { minLength: 3, maxLength: 12 }).map((signs) => ({
      latin: signs.map(([sign]) => sign).join(''),
      faked: signs.map(([sign, fake]) => (fake ? (cyrillic[sign] ?? sign) : sign)).join(''),
    }));
    fc.assert(
      fc.property(pair, ({ latin, faked }) => {
        fc.pre(latin !== faked);
        assert.equal(refusal(faked), 'login_lookalike');
      }),
    );
  });
});

function login(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
