import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertPassword } from '../../src/domain/password-rules.ts';

const CONTEXT = {
  login: 'hanako.sato@example.jp',
  name: '佐藤 花子',
  service: ['Mirai Bank', '未来銀行', 'login'],
};
const refusal = (password: string, context = CONTEXT): string | undefined => {
  try {
    assertPassword(password, context);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a password at sign-up (A.9, NIST SP 800-63B-4 section 3.1.1.2)', () => {
  it('has 8 to 128 characters, whatever they are and however they are stored', () => {
    for (const short of ['', 'kT7!vq', '😀😀😀😀😀😀😀'])
      assert.equal(refusal(short), 'password_short', short);
    assert.equal(refusal('🦉🪁🫐🧭🪗🥝🪨🦑'), undefined, 'eight of them');
    assert.equal(refusal(`${'x7 '.repeat(43)}`), 'password_long');
    assert.equal(
      refusal('violet otter seven lanterns'),
      undefined,
      'blanks, and no rule about kinds of characters',
    );
    assert.equal(refusal('なつのよるのほたる'), undefined);
  });

  for (const common of [
    ...[
      'password',
      'Password',
      'PASSWORD1',
      'passw0rd',
      'P@ssw0rd',
      'p@ssw0rd2024!',
      'password!!',
      '12345678',
    ],
    ...[
      'iloveyou',
      '1loveyou',
      'qwerty123456',
      'Dragon2024',
      '2024summer!',
      'letmein!!',
      'ｐａｓｓｗｏｒｄ',
      'trustno1',
    ],
    ...[
      '11111111',
      'abababab',
      '12341234',
      'ああああああああ',
      'abcdefgh',
      'hgfedcba',
      'qwertyuiop',
      '0987654321',
    ],
    ...['1qaz2wsx', 'asdfghjkl', '87654321', '１２３４５６７８'],
  ])
    it(`is not ${common}, which is tried first`, () => assert.equal(refusal(common), 'password_common'));

  for (const personal of [
    ...[
      'hanako.sato@example.jp',
      'hanakosato',
      'Hanako2024',
      'sato1234',
      'SATO-hanako',
      'h4nako99',
      '花子花子花子花子',
    ],
    ...['佐藤花子2024', 'MiraiBank1', 'mirai-bank!', '未来銀行未来銀行', 'example2024', 'login123!'],
  ])
    it(`is not ${personal}, which is made of login, name or service`, () =>
      assert.equal(refusal(personal), 'password_personal'));

  it('may hold such words beside others', () => {
    for (const password of [
      'hanako-violet-otter',
      'example of a kite',
      'sunshine over Kyoto 47',
      'mirai no tsubame',
    ])
      assert.equal(refusal(password), undefined, password);
  });

  it('is taken where nobody can guess it, and refused or taken alike in either form of Unicode', () => {
    const random = fc
      .array(fc.constantFrom(...'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_'), {
        minLength: 20,
        maxLength: 40,
      })
      .map((signs) => signs.join(''))
      .filter((text) => new Set(text).size > 10);
    fc.assert(fc.property(random, (text) => assert.equal(refusal(text), undefined, text)));
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (text) => {
        assert.equal(refusal(text.normalize('NFKC')), refusal(text.normalize('NFKC').normalize('NFC')));
      }),
    );
  });
});
