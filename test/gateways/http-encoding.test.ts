import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isGsm7 } from '../../src/alphabet.ts';
import { type Auth, type RequestTemplate, writeRequest } from '../../src/gateways/http/encode.ts';
import { writeNumber } from '../../src/gateways/http/number.ts';
import type { Template, Values } from '../../src/gateways/http/template.ts';
import { sendValues } from '../../src/gateways/http/values.ts';
import { ID, message, NOW } from './http-server.ts';

const WRITING = { number: 'e164', country: undefined, sender: 'Bank' } as const;
const FIELDS: Record<string, Template> = { to: '{{to}}', text: '{{text}}', id: '{{id}}' };

/** One request in that encoding, with its fields as somebody reads them who knows nothing of ours. */
function written(encoding: RequestTemplate['encoding'], values: Values, fields = FIELDS, auth: Auth[] = []) {
  const inside = encoding === 'xml' ? { send: fields } : fields;
  const url = 'https://vendor.example/send';
  const { url: href, body = '' } = writeRequest({ url, encoding, fields: inside }, auth, values, 0);
  if (encoding === 'json') return JSON.parse(body) as Record<string, unknown>;
  if (encoding === 'xml') return elementsOf(body);
  const form = encoding === 'form' ? new URLSearchParams(body) : new URL(href).searchParams;
  assert.equal(new Set(form.keys()).size, [...form.keys()].length, 'no field twice');
  return Object.fromEntries(form);
}

/** Reads flat XML by hand: no library agrees with itself here. */
function elementsOf(xml: string): Record<string, string> {
  const [, inside] = /^<\?xml version="1\.0" encoding="UTF-8"\?><send>(.*)<\/send>$/s.exec(xml) ?? [];
  assert.ok(inside !== undefined, xml);
  assert.ok(!/[\r\n\t]/.test(xml), 'a reader would normalise these');
  const found = [...inside.matchAll(/<(\w+)>([^<>]*)<\/\1>/g)];
  assert.equal(found.map(([whole]) => whole).join(''), inside, 'nothing but the elements');
  return Object.fromEntries(found.map(([, name, text]) => [name!, decoded(text!)]));
}
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const decoded = (text: string): string =>
  text.replace(/&(?:#(\d+)|(\w+));/g, (_, code: string | undefined, name: string) =>
    code === undefined ? NAMED[name]! : String.fromCodePoint(Number(code)),
  );

const ENCODINGS = ['json', 'form', 'query', 'xml'] as const;
const values = (own = {}) => sendValues(message(own), NOW, WRITING);

describe('an encoding', () => {
  for (const encoding of ENCODINGS) {
    it(`brings any text and number through ${encoding} unchanged (GWY-07, attack 13)`, () => {
      // What XML cannot hold in any spelling has a test of its own.
      const texts = fc
        .string({ unit: 'binary', minLength: 1, maxLength: 200 })
        .map((text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/gu, '\n'));
      const numbers = fc.stringMatching(/^\+[1-9]\d{6,14}$/);
      fc.assert(
        fc.property(texts, numbers, (text, to) => {
          assert.deepEqual({ ...written(encoding, values({ text, to })) }, { to, text, id: ID });
        }),
        { numRuns: 300 },
      );
    });

    it(`treats a value as data in ${encoding}: nothing in it is filled in, closed or added (attack 13)`, () => {
      for (const text of [
        '{{to}} {{ id }} {{text}} {{sender}}',
        '{{{{text}}}}',
        '"}, "to": "+19005550100", "x": {"',
        '&to=%2B19005550100&id=x',
        '</text><to>+19005550100</to><text>',
        ']]><![CDATA[ <!-- <?xml ?> &amp; &#65; &nbsp;',
        '$& $1 $` %s %d %00 \\u0041 \\n',
        '\r\nX-Injected: 1\r\n\r\n',
        ' kept \t at both ends \n ',
      ]) {
        const fields = written(encoding, values({ text }));
        assert.deepEqual({ ...fields }, { to: '+819012345678', text, id: ID }, text);
      }
    });
  }

  it('keeps braces in credentials as they are', () => {
    const auth: Auth[] = [{ type: 'body', values: { Token: '{{text}}', key: 'a&b=c' } }];
    for (const encoding of ['json', 'form', 'query'] as const) {
      const fields = written(encoding, values(), FIELDS, auth);
      assert.equal(fields['Token'], '{{text}}');
      assert.equal(fields['key'], 'a&b=c');
    }
  });

  it('refuses a character that XML cannot hold, instead of altering the text (GWY-07)', () => {
    for (const sign of ['\u0000', '\u001b', '\ufffe', '\ud800'])
      assert.throws(() => written('xml', values({ text: `a${sign}b` })), { code: 'xml_character' });
  });

  it('writes attributes of XML whose value would otherwise be lost or split', () => {
    const fields = { Say: { '@voice': 'true', '@to': '{{text}}', '#text': '{{to}}' } };
    const text = '"><Dial>\n+1900</Dial> & \'';
    const { body } = writeRequest(
      { url: 'https://v.example', encoding: 'xml', fields },
      [],
      values({ text }),
      0,
    );
    assert.equal(
      body,
      '<?xml version="1.0" encoding="UTF-8"?>' +
        '<Say voice="true" to="&quot;&gt;&lt;Dial&gt;&#10;+1900&lt;/Dial&gt; &amp; &apos;">+819012345678</Say>',
    );
  });
});

describe('an address', () => {
  const at = (url: string, own: Values) =>
    writeRequest({ url, encoding: 'query', fields: {} }, [], own, 0).url;

  it('holds values percent-encoded, so that they add no step, query or fragment (attack 13)', () => {
    const vendorId = 'a/../b?c=d&e#f%2e ü';
    const url = at('https://v.example/m/{{vendorId}}?id={{vendorId}}', { vendorId });
    const { pathname, searchParams, hash } = new URL(url);
    assert.equal(pathname, '/m/a%2F..%2Fb%3Fc%3Dd%26e%23f%252e%20%C3%BC');
    assert.deepEqual([...searchParams], [['id', vendorId]]);
    assert.equal(hash, '');
  });

  it('takes no value that is a step up (attack 13)', () => {
    for (const vendorId of ['.', '..'])
      assert.throws(() => at('https://v.example/m/{{vendorId}}/', { vendorId }), { code: 'address' });
    assert.throws(() => at('https://v.example/m/.{{vendorId}}', { vendorId: '.' }), { code: 'address' });
    assert.throws(() => at('https://v.example/m/{{vendorId}}', {}), { code: 'address' });
    assert.equal(at('https://v.example/m/{{vendorId}}', { vendorId: '...' }), 'https://v.example/m/...');
  });

  it('adds nothing to a header (attack 13)', () => {
    const request = (sender: string) =>
      writeRequest(
        { url: 'https://v.example', encoding: 'json', fields: {}, headers: { 'X-From': '{{sender}}' } },
        [],
        { sender },
        0,
      ).headers;
    assert.equal(request('Bank')!['x-from'], 'Bank');
    for (const sender of ['a\r\nX: y', 'a\nb', 'a\u0000', 'ü'])
      assert.throws(() => request(sender), { code: 'header' });
  });
});

describe('a template', () => {
  const json = (fields: Record<string, Template>, own: object = {}) =>
    written('json', sendValues(message(own), NOW, { ...WRITING, sender: undefined }), fields);

  it('leaves out what has no value, and only that', () => {
    const fields = {
      a: '{{sender}}',
      b: 'from {{sender}}',
      c: ['{{sender}}', '{{id}}'],
      d: { e: '{{sender}}' },
    };
    assert.deepEqual(json(fields), { c: [ID], d: {} });
    assert.deepEqual(json({ a: '{{sender}}' }, { sender: 'Bank' }), { a: 'Bank' });
    assert.deepEqual(json({ a: null, b: false, c: 0, d: '' }), { a: null, b: false, c: 0, d: '' });
  });

  it('chooses by what there is, and by the alphabet of the text', () => {
    const fields = {
      coding: { $if: 'ucs2', $then: '2' },
      type: { $if: 'gsm7', $then: 'text', $else: 'unicode' },
      from: { $if: 'sender', $then: { id: '{{sender}}' }, $else: 'default' },
    };
    assert.deepEqual(json(fields, { text: 'ab€' }), { type: 'text', from: 'default' });
    assert.deepEqual(json(fields, { text: '認証', sender: 'B' }), {
      ...{ coding: '2', type: 'unicode', from: { id: 'B' } },
    });
    assert.ok(!isGsm7('ｱ') && !isGsm7('’') && isGsm7('@£$[]{}~^|€ÄÖÑÜà\n'));
  });

  it('writes times and durations the way vendors want them', () => {
    const values = sendValues(
      message({ provedAt: Date.UTC(2026, 1, 3, 20), expiresAt: NOW + 119_999 }),
      NOW,
      WRITING,
    );
    const fields = {
      ...{ iso: '{{expiresAt}}', unix: '{{now|unix}}', day: '{{provedAt|yyyyMMdd}}' },
      ...{
        japan: '{{now|yyyy/MM/dd HH:mm:ss}}',
        left: { $number: '{{validity}}' },
        minutes: '{{validity|minutes}}',
      },
    };
    const { body } = writeRequest({ url: 'https://v.example', encoding: 'json', fields }, [], values, 540);
    assert.deepEqual(JSON.parse(body!), {
      ...{ iso: '2026-11-25T03:01:59.999Z', unix: String(NOW / 1000), day: '20260204' },
      ...{ japan: '2026/11/25 12:00:00', left: 119, minutes: '1' },
    });
  });

  it('gives the code alone, or refuses: a call without its code must not go out', () => {
    const digits = { code: '{{digits}}' };
    assert.deepEqual(json(digits, { digits: '482913', text: 'よん、はち' }), { code: '482913' });
    assert.throws(() => json(digits, { digits: undefined }), { code: 'no_digits' });
    assert.deepEqual(json({ a: { $if: 'digits', $then: 1, $else: 2 } }, { digits: undefined }), { a: 2 });
  });
});

describe('a number', () => {
  it('is written as the vendor wants it', () => {
    assert.equal(writeNumber('+819012345678', 'e164', undefined), '+819012345678');
    assert.equal(writeNumber('+819012345678', 'e164-no-plus', undefined), '819012345678');
    assert.equal(writeNumber('+819012345678', 'national', 'JP'), '09012345678');
    assert.equal(writeNumber('+81312345678', 'national', 'JP'), '0312345678');
    assert.equal(writeNumber('+447400123456', 'national', 'GB'), '07400123456');
  });

  it('is not written nationally for a country that it is not of: it would be the number of a stranger', () => {
    for (const to of ['+12133734253', '+442079460000', '+8613812345678', '+85212345678', '+81'])
      assert.equal(writeNumber(to, 'national', 'JP'), undefined, to);
    assert.equal(writeNumber('+14165550123', 'national', 'US'), undefined, 'Canada has the same prefix');
    assert.equal(writeNumber('+819012345678', 'national', undefined), undefined);
  });
});
