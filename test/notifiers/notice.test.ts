import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noticeOf } from '../../src/domain/notices.ts';
import type { SekishoOptions } from '../../src/index.ts';
import { parseOptions } from '../../src/options.ts';
import { loadTexts } from '../../src/texts.ts';
import { PHONES, SECRET } from '../support/host.ts';
import { createInbox } from '../support/inbox.ts';
import { LOCALES } from '../support/pages.ts';

const NOON = Date.UTC(2026, 5, 1, 3, 0, 0);
const BOUND = { notice: 'number_bound', e164: PHONES.alice } as const;
const HAPPENINGS: Parameters<typeof noticeOf>[1][] = [
  BOUND,
  { notice: 'number_removed', e164: PHONES.alice },
  { notice: 'wrong_codes' },
];
const SUPPORT = '03-0000-0000';

/** What a notice is made from: real options and real texts. */
function partsWith(notices: object = {}, more: Partial<SekishoOptions> = {}) {
  const options = parseOptions({
    ...{
      issuer: 'https://id.example',
      secrets: [SECRET],
      countries: ['JP'],
      store: {},
      gateway: createInbox(),
    },
    brand: { name: 'Sekisho Bank', names: { ja: '関所銀行' }, support: SUPPORT },
    notices: { notifier: { name: 'post', notify: async () => {} }, find: () => undefined, ...notices },
    ...more,
  });
  return { options, texts: loadTexts(LOCALES) };
}

const written = (locale: string, happening: Parameters<typeof noticeOf>[1], notices: object = {}) =>
  noticeOf(partsWith(notices), happening, NOON, { email: 'a@mail.example', locale });

describe('a notice', () => {
  const SAID = {
    en: {
      service: /Sekisho Bank/,
      time: /June 1, 2026.* 03:00 UTC/,
      advice: /If this was not you/,
      contact: /\nContact: /,
    },
    ja: {
      service: /関所銀行/,
      time: /2026年6月1日 03:00 UTC/,
      advice: /お心当たりがない場合/,
      contact: /\nお問い合わせ先：/,
    },
  };
  for (const locale of ['en', 'ja'] as const) {
    for (const happening of HAPPENINGS) {
      it(`of ${happening.notice} in ${locale} says what, when, what to do and whom to turn to, no more (BND-02, LOG-02)`, () => {
        const { subject, text } = written(locale, happening);
        const { service, time, advice, contact } = SAID[locale];
        assert.match(subject, service);
        for (const part of [time, advice, contact]) assert.match(text, part);
        assert.ok(text.includes(SUPPORT));
        assert.equal(text.includes('••••••••01'), 'e164' in happening);
        assert.doesNotMatch(text, /12340001|9012|\+81/, 'the number is masked (PRV-03)');
        assert.doesNotMatch(`${subject}${text}`, /https?:|www\.|[<>{}]/, 'no link, no markup, no gap');
        assert.doesNotMatch(`${subject}${text}`.replace(SUPPORT, ''), /\d{5,}/, 'nothing like a code');
      });
    }
  }

  it('tells the time where the people are', () => {
    const { text } = written('ja', BOUND, { timeZone: 'Asia/Tokyo' });
    assert.match(text, /2026年6月1日 12:00 JST/);
  });

  it('says different things about different happenings', () => {
    const all = HAPPENINGS.map((happening) => written('en', happening));
    assert.equal(new Set(all.map(({ subject }) => subject)).size, 3);
  });

  it('keeps a name with line breaks and direction marks in one line (attack 13)', () => {
    const parts = partsWith({}, { brand: { name: 'A\r\nBcc: b\u202e', support: 'c\nd' } });
    const { subject, text } = noticeOf(parts, BOUND, NOON, { email: 'a@mail.example' });
    assert.equal(subject, 'A Bcc: b: a phone number was registered');
    assert.match(text, /Contact: c d\n/);
  });
});
