import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadTexts } from '../src/texts.ts';

const texts = () => loadTexts('views/locales');

describe('the language of a page', () => {
  const cases: [string | undefined, string | undefined, string][] = [
    [undefined, undefined, 'en'],
    ['ja', 'en', 'ja'],
    ['ja-JP en', 'en', 'ja'],
    ['fr de', 'ja', 'ja'],
    ['xx', undefined, 'en'],
    [undefined, 'ja,en;q=0.8', 'ja'],
    [undefined, 'fr, en;q=0.5, ja;q=0.9', 'ja'],
    [undefined, 'ja;q=0, en', 'en'],
    [undefined, 'JA-jp', 'ja'],
    [undefined, '*', 'en'],
    [undefined, ';;;q=,,,', 'en'],
  ];
  for (const [uiLocales, acceptLanguage, expected] of cases) {
    it(`is ${expected} for ui_locales ${uiLocales} and Accept-Language ${acceptLanguage}`, () => {
      assert.equal(texts().negotiate(uiLocales, acceptLanguage), expected);
    });
  }
});

describe('texts of a host', () => {
  it('replace ours one by one', () => {
    const replaced = loadTexts('views/locales', { ja: { 'code.title': '確認コード' } });
    assert.equal(replaced.say('ja', 'code.title'), '確認コード');
    assert.notEqual(texts().say('ja', 'code.title'), '確認コード', 'and not those of other instances');
  });

  it('for a language or key that is not there are refused with the field and the fix', () => {
    assert.throws(
      () => loadTexts('views/locales', { xx: {}, ja: { 'no.such': 'x' } }),
      (error: { problems: { field: string }[] }) => {
        assert.deepEqual(
          error.problems.map(({ field }) => field),
          ['texts.xx', 'texts.ja.no.such'],
        );
        return true;
      },
    );
  });

  it('keep a placeholder that nobody fills, and fill none from the prototype', () => {
    const replaced = loadTexts('views/locales', { en: { 'code.title': '{constructor} {x}' } });
    assert.equal(replaced.say('en', 'code.title', { x: 1 }), '{constructor} 1');
  });
});
