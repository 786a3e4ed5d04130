import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRenderer } from '../../src/pages/render.ts';
import { EXAMPLES, exampleModel } from '../support/pages.ts';

const attribute = (html: string, name: string) =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value]) => value!);
const count = (html: string, pattern: RegExp) => html.match(pattern)?.length ?? 0;

describe('the pages', () => {
  const { render } = createRenderer();
  const show = (name: string, own: object = {}, lang = 'ja') =>
    render(EXAMPLES[name]!.page, exampleModel(name, lang, own) as never);

  for (const name of Object.keys(EXAMPLES)) {
    it(`${name}: one heading, one language, one title, no text without words`, () => {
      for (const lang of ['ja', 'en']) {
        const html = show(name, {}, lang);
        assert.equal(count(html, /<h1/g), 1);
        assert.match(html, new RegExp(`<html lang="${lang}">`));
        assert.equal(count(html, /<title>[^<]+<\/title>/g), 1);
        assert.doesNotMatch(html, /undefined|\[object|NaN|\{\w+\}/);
        assert.deepEqual(attribute(html, 'autofocus'), []);
        const ids = attribute(html, 'id');
        assert.equal(new Set(ids).size, ids.length, 'ids are unique');
        for (const id of attribute(html, 'aria-describedby').flatMap((list) => list.split(' '))) {
          assert.ok(ids.includes(id), `described by ${id}`);
        }
      }
    });
  }

  it('ask for a code in exactly one input that takes pastes and autofill (A11-01, A11-03)', () => {
    const html = show('code');
    const inputs = [...html.matchAll(/<input (?!type="hidden")[^>]*>/g)]
      .map(([tag]) => tag)
      .filter((tag) => !/checkbox/.test(tag));
    assert.equal(inputs.length, 1);
    const [input = ''] = inputs;
    for (const wanted of [
      'type="text"',
      'inputmode="numeric"',
      'autocomplete="one-time-code"',
      'name="code"',
      'id="code"',
    ]) {
      assert.ok(input.includes(wanted), wanted);
    }
    assert.doesNotMatch(input, /maxlength|pattern|required/);
    assert.match(html, /<label for="code">/);
  });

  it('ask for a number in a field for telephones, with an example (A11-04)', () => {
    const html = show('number');
    assert.match(html, /<input [^>]*type="tel" autocomplete="tel"/);
    assert.match(html, /090-1234-5678/);
  });

  it('show the notice before a number is bound, and post that it was read (RST-03)', () => {
    const html = show('number', { alternative: null });
    assert.match(html, /<input type="hidden" name="notice" value="read">/);
    assert.match(html, /フィッシング.*SIM/s);
  });

  it('tie an error to title, summary and field (A11-05)', () => {
    for (const [name, field, prefix] of [
      ['code-wrong', 'code', 'エラー:'],
      ['number-wrong', 'phone', 'エラー:'],
      ['signup-wrong', 'password', 'エラー:'],
    ] as const) {
      const html = show(name);
      assert.ok(html.includes(`<title>${prefix} `), name);
      assert.match(html, /id="top" role="alert" tabindex="-1"/);
      assert.ok(html.includes(`<a href="#${field}">`), name);
      assert.match(
        html,
        new RegExp(
          `id="${field}"[^>]*aria-describedby="error [^"]*"|id="${field}"[^>]*aria-describedby="error"`,
        ),
      );
      assert.match(html, new RegExp(`id="${field}"[^>]*aria-invalid="true"`));
      assert.match(
        html,
        /<form method="post" action="[^"]*#top"/,
        'the browser moves the focus, without scripts',
      );
    }
    assert.doesNotMatch(show('code'), /エラー|aria-invalid|id="error"/);
  });

  it('say times in words, whatever the length (A11-07)', () => {
    const wait = (seconds: number, lang: string) =>
      show('code', { error: { code: 'send_too_early', values: { seconds }, field: null } }, lang);
    assert.match(wait(1, 'en'), /Wait 1 second before/);
    assert.match(wait(90, 'en'), /Wait 1 minute 30 seconds before/);
    assert.match(wait(3600, 'ja'), /60分ほど/);
    assert.match(show('code', { trustDays: 1 }, 'en'), /for 1 day</);
    assert.match(show('code', {}, 'ja'), /30日間/);
  });

  it('offer a text and a call as equals, and a new code in one action after expiry (A11-07, A11-11)', () => {
    for (const name of ['code', 'code-first', 'code-expired']) {
      const html = show(name);
      const looks = [...html.matchAll(/name="channel" value="(\w+)">\s*<button class="(\w+)"/g)].map(
        ([, channel, look]) => [channel, look],
      );
      assert.deepEqual(
        looks.map(([channel]) => channel),
        ['sms', 'voice'],
        name,
      );
      assert.equal(looks[0]![1], looks[1]![1], name);
    }
    assert.doesNotMatch(show('code-expired'), /name="code"/);
  });

  it('let a number be changed only while it is being bound (A11-10)', () => {
    assert.match(show('code-bind'), /\/change\?/);
    assert.doesNotMatch(show('code'), /\/change/);
    assert.doesNotMatch(show('code', { number: '••••••••78' }), /•/);
  });

  it('say what is left when no more is sent, while the code lives and after that, and offer nothing that fails', () => {
    const text = (name: string, lang: string, own = {}) =>
      show(name, own, lang).replace(/<head>.*<\/head>/s, '');
    assert.match(
      text('code-no-more', 'en'),
      /No more codes can be sent this time\. A code that .* works until/,
    );
    assert.match(text('code-over', 'en'), /No more codes can be sent this time\. Cancel and start again/);
    assert.match(text('code-no-more', 'ja'), /これ以上コードを送信できません。.*有効期限までご入力/);
    assert.match(text('code-over', 'ja'), /これ以上コードを送信できません。お手続きを中止し/);
    for (const name of ['code-no-more', 'code-over', 'code-no-way', 'code-stopped-dead']) {
      assert.doesNotMatch(text(name, 'ja'), /data-send|お送りします|下のボタン/, name);
      assert.equal(/the other way below/.test(text(name, 'en')), name !== 'code-stopped-dead', name);
    }
    for (const name of ['code-no-way', 'code-stopped-dead'])
      assert.doesNotMatch(text(name, 'en'), /No more codes|newest code|We will send/, name);
    assert.doesNotMatch(text('code-stopped-dead', 'ja'), /お電話では、引き続き/);
    assert.match(
      text('code-stopped', 'ja'),
      /末尾が <bdi[^>]*>78<\/bdi> の電話番号へのSMSは.*お電話では、引き続き/s,
    );
    const last = text('code-stopped', 'en', { sent: true, channels: [], sendsUsed: true });
    assert.doesNotMatch(last, /START/, 'which would bring no more in this sign-in');
  });

  it('say nothing of a new code where it may be the same one', () => {
    for (const name of ['code', 'code-no-more', 'code-bind', 'code-delivered', 'code-late', 'code-called']) {
      assert.doesNotMatch(show(name, {}, 'en'), /new (security )?code|new one/i, name);
      assert.doesNotMatch(show(name, {}, 'ja'), /新しい(認証)?コード/, name);
    }
  });

  it('keep a telephone number in one piece, from left to right, in every sentence', () => {
    for (const lang of ['ja', 'en']) {
      const number = '<bdi dir="ltr" class="phone">090-1234-5678</bdi>';
      for (const [name, own] of [
        ['code-bind', {}],
        ['code-bind', { sent: false }],
        ['code-bind', { stopped: true }],
        ['number', {}],
      ] as const) {
        const html = show(name, own, lang);
        assert.ok(html.includes(number), `${name} ${lang}`);
        assert.equal(count(html, /090-1234-5678/g), count(html, new RegExp(number, 'g')), `${name} ${lang}`);
        assert.ok(!html.includes('\uFFFC'));
      }
    }
  });

  it('put the token into every form and send nothing by link (WEB-08, WEB-10)', () => {
    for (const name of Object.keys(EXAMPLES)) {
      const html = show(name);
      assert.equal(count(html, /<form/g), count(html, /name="csrf" value="form-token"/g), name);
      assert.equal(count(html, /<form/g), count(html, /<form method="post"/g), name);
      for (const href of attribute(html, 'href')) assert.doesNotMatch(href, /\/(send|cancel|change|code)/);
    }
  });

  it('always have a way on: another method, cancel, or what to do (RST-01)', () => {
    for (const name of [
      'number',
      'code',
      'code-first',
      'code-expired',
      'code-voice',
      'signup',
      'problem-return',
      'problem-retry',
    ]) {
      assert.match(show(name), /href="https:\/\/idp\.example\/passkey"/, name);
    }
    for (const name of [
      'number',
      'code',
      'code-first',
      'code-expired',
      'code-voice',
      'signup',
      'problem-return',
    ]) {
      assert.match(
        show(name, { alternative: null }),
        /action="\/sekisho\/AbCdEfGhIj\/cancel\?ui_locales=ja"/,
        name,
      );
    }
  });

  it('move on by themselves when all is done, with a mark for other clients', () => {
    const html = show('done', { next: '/auth/x?a=1&b=2' });
    assert.match(html, /<meta http-equiv="refresh" content="0;url=\/auth\/x\?a=1&amp;b=2">/);
    assert.match(html, /<a class="primary" id="continue" href="\/auth\/x\?a=1&amp;b=2">/);
    assert.equal(count(html, /<script[^>]*nonce="[^"]+"/g), count(html, /<script/g));
  });
});
