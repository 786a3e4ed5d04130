import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ERROR_CODES } from '../../src/errors.ts';
import { LOCALES } from '../support/pages.ts';

type Catalogue = Record<string, string>;
const catalogues = new Map<string, Catalogue>(
  readdirSync(LOCALES).map((file) => [
    file.slice(0, -5),
    JSON.parse(readFileSync(join(LOCALES, file), 'utf8')),
  ]),
);
const english = catalogues.get('en')!;
const PURPOSES = ['signin', 'stepup', 'bind', 'signup'];
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).sort();
const fill = (text: string, values: Record<string, string>) =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? assert.fail(`no value for ${name}`));

/** The GSM 7-bit default alphabet; anything else makes an SMS shorter and dearer. */
const GSM7 = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/;

function assertOneSms(tag: string, text: string): void {
  const words = fill(text, { code: '123456', service: tag === 'ja' ? '関所みらい信託銀行東' : 'Mirai Bank' });
  const message = `${words}\n\n@${'h'.repeat(12)}.example #123456`;
  const most = tag === 'en' ? 160 : 70;
  assert.equal(GSM7.test(message), most === 160, message);
  assert.ok(message.length <= most, `${message.length}: ${message}`);
}

describe('the texts', () => {
  for (const [tag, catalogue] of catalogues) {
    describe(`in ${tag}`, () => {
      it('have the same keys as every other language, in order', () => {
        const keys = Object.keys(catalogue);
        assert.deepEqual(keys, Object.keys(english));
        assert.deepEqual(keys, [...keys].sort(), 'sorted, so that each group stays together');
      });

      it('take the same values as the English ones', () => {
        for (const [key, text] of Object.entries(catalogue)) {
          assert.deepEqual(placeholders(text), placeholders(english[key]!), key);
        }
      });

      it('are never empty and never hold markup', () => {
        for (const [key, text] of Object.entries(catalogue)) {
          assert.match(text, /\S/, key);
          assert.doesNotMatch(text, /[<>]|&\w+;/, key);
        }
      });

      it('have one for every error there is, and for each kind of malformed code (A11-13)', () => {
        for (const code of ERROR_CODES) assert.ok(catalogue[`error.${code}`], code);
        for (const kind of ['empty', 'not_digits', 'too_short', 'too_long']) {
          assert.match(catalogue[`error.code_malformed.${kind}`]!, /\{length\}/, kind);
        }
      });

      it('say before a number is bound what a code cannot do (RST-03, OTP-14)', () => {
        for (const part of ['phishing', 'sim', 'screen', 'choice', 'choice_link']) {
          assert.ok(catalogue[`number.notice_${part}`], part);
        }
      });

      it('never call a code phishing-resistant (OTP-18)', () => {
        for (const text of Object.values(catalogue))
          assert.doesNotMatch(text, /phishing.resistant|フィッシング耐性/i);
      });

      it('lead with the code in an SMS, warn, and link nowhere (OTP-17)', () => {
        for (const purpose of PURPOSES) {
          const text = catalogue[`sms.${purpose}`]!;
          assert.match(text, /^\{code\} /, purpose);
          assert.match(text, /Never tell|教えないでください/, purpose);
          assert.doesNotMatch(text, /https?:|www\.|:\/\/|[0-9]{3}|[@#\n]/, purpose);
        }
      });

      it('fit into one SMS with a service of 10 and a host of 20 characters', () => {
        for (const purpose of PURPOSES) assertOneSms(tag, catalogue[`sms.${purpose}`]!);
      });

      it('say a spoken code twice, and each digit as a word', () => {
        for (const purpose of PURPOSES) {
          assert.equal(
            placeholders(catalogue[`voice.${purpose}`]!).filter((name) => name === 'code').length,
            2,
            purpose,
          );
        }
        const digits = Array.from({ length: 10 }, (_, digit) => catalogue[`voice.digit.${digit}`]!);
        assert.equal(new Set(digits).size, 10);
        for (const word of digits) assert.doesNotMatch(word, /[0-9]/);
      });

      it('tell messages of different purposes apart (TXN-09)', () => {
        for (const kind of ['sms', 'voice']) {
          assert.equal(
            new Set(PURPOSES.map((purpose) => catalogue[`${kind}.${purpose}`])).size,
            PURPOSES.length,
          );
        }
      });
    });
  }

  it('name each language in that language', () => {
    assert.equal(english['language.name'], 'English');
    assert.equal(catalogues.get('ja')!['language.name'], '日本語');
  });
});
