import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { textProblems } from '../../src/domain/text-rules.ts';
import { parseOptions, type SekishoOptions } from '../../src/options.ts';
import { loadTexts } from '../../src/texts.ts';
import { createInbox } from '../support/inbox.ts';

function problems(more: Partial<SekishoOptions> = {}) {
  const options = parseOptions({
    issuer: 'https://login.example.jp',
    secrets: [Buffer.alloc(32, 1).toString('base64url')],
    store: {} as never,
    gateway: createInbox(),
    countries: ['JP'],
    ...more,
  });
  return textProblems(options, loadTexts('views/locales', options.texts));
}
const fields = (more: Partial<SekishoOptions> = {}) => problems(more).map(({ field }) => field);
const ALL_SMS = ['en', 'ja'].flatMap((tag) =>
  ['signin', 'stepup', 'bind', 'signup'].map((purpose) => `texts.${tag}.sms.${purpose}`),
);

describe('the texts of messages, looked at when it starts (OTP-17)', () => {
  it('are ours without a complaint, with eight digits, or a long name in each language, and the origin line', () => {
    assert.deepEqual(problems(), []);
    assert.deepEqual(problems({ code: { length: 8 } }), []);
    const brand = { name: 'みらいインターネット', names: { en: 'Mirai Internet Bank of Japan' } };
    assert.deepEqual(problems({ brand }), []);
  });

  it('with a Japanese name in English are told to have a name in Latin letters', () => {
    const found = problems({ brand: { name: 'みらい銀行' } });
    assert.deepEqual(
      found.map(({ field }) => field),
      ALL_SMS.filter((field) => field.startsWith('texts.en')),
    );
    assert.match(found[0]!.fix, /brand\.names\.en/);
  });

  it('that take a second segment with the longest code and our host are refused, unless that is allowed', () => {
    const polite =
      'あなたの確認コードは {code} です。有効期限は{minutes}分です。第三者に教えないでください。';
    const texts = { ja: { 'sms.signin': polite } };
    const [found, ...more] = problems({ texts });
    assert.deepEqual([found!.field, more], ['texts.ja.sms.signin', []]);
    assert.match(found!.reason, /72 UTF-16 units.*2 segments/);
    assert.match(found!.fix, /sms\.maxSegments/);
    assert.deepEqual(fields({ texts, sms: { maxSegments: 2 } }), []);
    assert.deepEqual(
      fields({ texts, sms: { originLine: false } }),
      [],
      'without the line of the host it fits',
    );
    const routes = [{ via: [{ gateway: 'inbox', originLine: true }] }];
    assert.deepEqual(fields({ texts, sms: { originLine: false }, routes }), ['texts.ja.sms.signin']);
  });

  it('are counted in the alphabet they need: one accent outside GSM-7 more than halves the room', () => {
    const long = `{code} is your code. ${'Never tell it to anyone at all. '.repeat(3)}`;
    assert.deepEqual(fields({ texts: { en: { 'sms.signin': long } } }), []);
    assert.deepEqual(fields({ texts: { en: { 'sms.signin': `${long}ë…` } } }), ['texts.en.sms.signin']);
  });

  it('with a host or a name that is too long are refused for every purpose and language it is too long for', () => {
    const found = fields({ issuer: `https://${'a'.repeat(60)}.${'b'.repeat(60)}.example.jp` });
    assert.deepEqual(found.sort(), [...ALL_SMS].sort());
  });

  it('with a link, a telephone number or no code are refused', () => {
    const say = (text: string) => fields({ texts: { en: { 'sms.signin': text } } });
    assert.deepEqual(say('{code} see https://x.example'), ['texts.en.sms.signin']);
    assert.deepEqual(say('{code} see www.x.example'), ['texts.en.sms.signin']);
    assert.deepEqual(say('{code} see bank.example/help'), ['texts.en.sms.signin']);
    assert.deepEqual(say('{code}. Questions? 0120-123-456'), ['texts.en.sms.signin']);
    assert.deepEqual(say('{code}. Questions? (03) 1234 5678'), ['texts.en.sms.signin']);
    assert.deepEqual(say('Your code'), ['texts.en.sms.signin']);
    assert.deepEqual(say('{code} is your code, valid for 5 minutes'), []);
  });

  it('are refused with a telephone number in Japanese writing, whatever its dashes are (OTP-17)', () => {
    const numbers = [
      '問合せ０１２０－１２３－４５６',
      '問合せ0120\u2010123\u2010456',
      '問合せ0120ー123ー456',
      '問合せ0120−123−456',
      '問合せ０３（１２３４）５６７８',
      '問合せ0120\u200b-\u200b123-456',
      '問合せ0120ｰ123ｰ456',
    ];
    for (const number of numbers) {
      const found = problems({ texts: { ja: { 'sms.signin': `コード {code} ${number}` } } });
      assert.deepEqual(
        found.map(({ field, reason }) => [field, reason]),
        [['texts.ja.sms.signin', 'holds a telephone number']],
        number,
      );
    }
  });

  it('are refused with whatever a phone makes a link of, in SMS and call alike (OTP-17)', () => {
    const links = [
      ...['app://open', 'tel:110', 'mailto:a', 'sms:110', 'ｈｔｔｐｓ：／／x', 'mirai-bank.co.jp'],
      ...['mirai-bank.co.jp/help', 'mirai.app', 'みらい銀行.jp', 'MIRAI.COM', 'mirai．com'],
    ];
    for (const link of links) {
      const texts = {
        ja: { 'sms.signin': `コード {code} ${link}をご覧ください`, 'voice.bind': `{code}{code}${link}。` },
      };
      const reasons = problems({ texts }).map(({ field, reason }) => [field, reason]);
      const both = ['texts.ja.sms.signin', 'texts.ja.voice.bind'].sort();
      assert.deepEqual(
        reasons.sort(),
        both.map((field) => [field, 'holds a link']),
        link,
      );
    }
  });

  it('may name a service that is called like a host, but put no ending of a host behind the name', () => {
    const brand = { name: 'Booking.com', names: { ja: 'みらい.jp' } };
    assert.deepEqual(problems({ brand }), []);
    const say = (text: string) => fields({ brand, texts: { en: { 'sms.signin': text } } });
    assert.deepEqual(say('{code} for {service}'), []);
    assert.deepEqual(say('{code} for {service}, or Booking.com'), ['texts.en.sms.signin']);
    assert.deepEqual(say('{code} for {service}.com'), ['texts.en.sms.signin']);
    assert.deepEqual(say('Code {code}. It is valid for {minutes} minutes, i.e. a while. Ok?'), []);
  });

  it('are refused with a dot that joins two words in any language or country, with what to write instead (OTP-17)', () => {
    const names = [
      'bank.de',
      'evil.ru',
      'shop.kr',
      'bank.us',
      '例え.テスト',
      'x.みんな',
      'x.भारत',
      'bank .com',
    ];
    const others = ['http : //x', 'https:x', '1.1.1.1', '{code}.com', 'you.Please', '誰にも．教えない'];
    for (const link of [...names, ...others]) {
      const found = problems({ texts: { ja: { 'sms.signin': `{code} ${link} {code}` } } });
      assert.deepEqual(
        found.map(({ field, reason }) => [field, reason]),
        [['texts.ja.sms.signin', 'holds a link']],
        link,
      );
      assert.match(found[0]!.fix, /Take it out.*write a space or 。/);
    }
  });

  it('are refused with a short telephone number too, in whatever digits (OTP-17)', () => {
    for (const number of [
      'call 555-1234',
      '106-1234',
      '12345',
      '#9110',
      '*186',
      '〇三の一二三四-五六七八',
      '0 1 2 0 - 1',
    ]) {
      const found = problems({
        texts: { en: { 'sms.signin': `{code} ${number}` } },
        sms: { maxSegments: 3 },
      });
      assert.deepEqual(
        found.map(({ field, reason }) => [field, reason]),
        [['texts.en.sms.signin', 'holds a telephone number']],
        number,
      );
    }
    const named = (name: string) => fields({ brand: { name: '銀行', names: { en: name } } });
    assert.deepEqual(named('Bank 12345'), [], 'a name may be a number');
    assert.equal(named('Bank 03-1234-5678').length, 5, 'but no whole one: four messages, and who calls');
  });

  it('may hold times, versions, years, abbreviations, and full stops of any language', () => {
    const fine = [
      '{code}, valid until 10:30, 5 minutes from now. Never tell it.',
      '{code} for app 2.0.1 (v3.5), e.g. at 9 a.m. or 10.30. Thanks...or not',
      'コードは{code}。{service}の2段階認証です。24時間365日…誰にも教えない。',
      '{code} in 2026, U.S. only: 100% ours, 1,000 yen, {minutes} min.',
    ];
    for (const text of fine)
      assert.deepEqual(fields({ texts: { en: { 'sms.signin': text } }, sms: { maxSegments: 3 } }), [], text);
  });

  it('are refused with a placeholder that nothing is filled in for', () => {
    const [found, ...more] = problems({ texts: { en: { 'sms.bind': '{code} for {minute} minutes' } } });
    assert.deepEqual([found!.field, more], ['texts.en.sms.bind', []]);
    assert.match(found!.reason, /\{minute\}/);
  });

  it('with an app hash in place of the line are counted with the hash', () => {
    const text = `{code} ${'あ'.repeat(52)}`;
    const client = { androidAppHash: 'FA+9qCX9VSu' };
    assert.deepEqual(fields({ texts: { ja: { 'sms.signin': text } }, sms: { originLine: false } }), []);
    assert.deepEqual(
      fields({ texts: { ja: { 'sms.signin': text } }, sms: { originLine: false }, clients: { app: client } }),
      ['texts.ja.sms.signin'],
    );
  });

  it('that are longer than a gateway takes are refused, whatever may be paid for', () => {
    const texts = { ja: { 'sms.signin': `{code} ${'あ'.repeat(100)}` } };
    const sms = { maxSegments: 3 };
    assert.deepEqual(fields({ texts, sms }), []);
    const gateway = { ...createInbox(), maxUnits: 70 };
    const [found] = problems({ texts, sms, gateway });
    assert.match(found!.reason, /70 UTF-16 units of gateway inbox/);
  });

  it('that are longer than a gateway takes of their alphabet are refused, and told how it takes more', () => {
    const maxUnits = { ascii: 140, other: 70, lineBreak: 2 };
    const gateway = { ...createInbox(), maxUnits };
    const brand = { name: 'みらい銀行', names: { en: 'Mirai Bank' } };
    assert.deepEqual(fields({ gateway, brand }), []);
    // The code and a space take 7, the line of the host 25, and the two line breaks before it two each.
    const say = (words: string) => problems({ gateway, texts: { en: { 'sms.bind': words } } });
    const ascii = `{code} ${'a'.repeat(140 - 7 - 29)}`;
    assert.deepEqual(say(ascii), []);
    const [found, ...more] = say(`${ascii}a`);
    assert.deepEqual([found!.field, more], ['texts.en.sms.bind', []]);
    assert.match(found!.reason, /takes 141, more than the 140 UTF-16 units of gateway inbox/);
    assert.match(found!.fix, /^Shorten the text.*\blong for mediasms/);
    assert.match(say(`${'a'.repeat(40)}é {code}`)[0]!.reason, /77, more than the 70 /);
  });
});
