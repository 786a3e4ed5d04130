import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { equalText } from '../../../src/equal-text.ts';
import { formOf, headerOf, jsonOf, mediaTypeOf, textOf } from '../../../src/gateways/wire/request.ts';
import type { RawWebhook } from '../../../src/ports/gateway.ts';

const FORM = 'application/x-www-form-urlencoded';

const request = (body: string | Uint8Array, type?: string | readonly string[]): RawWebhook => ({
  method: 'POST',
  url: new URL('https://op.example/'),
  headers: { 'content-type': type, 'x-one': 'a', 'x-two': ['a', 'a'], 'x-empty': '' },
  body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
  receivedAt: 0,
});

describe('a header of a webhook', () => {
  it('is its one value, and nothing where there is none or more (attack 7)', () => {
    assert.equal(headerOf(request(''), 'x-one'), 'a');
    for (const name of ['x-two', 'x-empty', 'x-none', '__proto__', 'constructor', 'toString']) {
      assert.equal(headerOf(request(''), name), undefined, name);
    }
  });

  it('names the media type without what follows it', () => {
    assert.equal(mediaTypeOf(request('', 'Application/JSON ; charset=utf-8')), 'application/json');
    assert.equal(mediaTypeOf(request('', [FORM, FORM])), undefined);
    assert.equal(mediaTypeOf(request('')), undefined);
  });
});

describe('the body of a webhook', () => {
  it('is text where it is UTF-8, as it came', () => {
    assert.equal(textOf(request('あ\r\n')), 'あ\r\n');
    assert.equal(textOf(request('\uFEFF{}')), '\uFEFF{}');
    assert.equal(textOf(request(new Uint8Array([0xe3, 0x81]))), undefined);
  });

  it('is a form where the content type says so', () => {
    assert.equal(formOf(request('a=1+2&b=%2B', FORM))?.get('a'), '1 2');
    assert.equal(formOf(request('a=%E3%81%82', `${FORM};charset=utf-8`))?.get('a'), 'あ');
    for (const type of ['application/json', undefined, [FORM, FORM], `${FORM}x`, `x, ${FORM}`]) {
      assert.equal(formOf(request('a=1', type)), undefined, String(type));
    }
    assert.equal(formOf(request(new Uint8Array([0xff]), FORM)), undefined);
  });

  it('is no form with more than a thousand fields, which take seconds to part (attack 15)', () => {
    assert.equal(formOf(request(`a=1${'&a=1'.repeat(999)}`, FORM))?.size, 1000);
    assert.equal(formOf(request(`a=1${'&a=1'.repeat(1000)}`, FORM)), undefined);
    const begin = performance.now();
    assert.equal(formOf(request('a&'.repeat(524_288), FORM)), undefined);
    assert.ok(performance.now() - begin < 500);
  });

  it('is JSON whatever its content type says', () => {
    assert.deepEqual(jsonOf(request('{"a":[1]}', 'text/plain')), { a: [1] });
    assert.equal(jsonOf(request('null')), null);
    for (const body of ['', '{', 'a', "{'a':1}", '\uFEFF{}', '{"a":1}}'])
      assert.equal(jsonOf(request(body)), undefined, body);
    const polluted = jsonOf(request('{"__proto__":{"verified":true}}')) as object;
    assert.equal((polluted as { verified?: unknown }).verified, undefined);
    assert.equal(({} as { verified?: unknown }).verified, undefined);
  });

  it('is no JSON when it nests deeper than 64, but may hold as many brackets in texts (attack 15)', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    assert.ok(jsonOf(request(nested(64))));
    assert.equal(jsonOf(request(nested(65))), undefined);
    assert.equal(jsonOf(request(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)), undefined);
    assert.deepEqual(jsonOf(request(JSON.stringify(`${'['.repeat(200)}"\\"{{`))), `${'['.repeat(200)}"\\"{{`);
    assert.deepEqual(jsonOf(request(JSON.stringify(Array(200).fill([])))), Array(200).fill([]));
    const begin = performance.now();
    for (const body of ['"\\'.repeat(524_288), '['.repeat(1_048_576), '"'.repeat(1_048_576)]) {
      assert.equal(jsonOf(request(body)), undefined);
    }
    assert.ok(performance.now() - begin < 1000);
  });
});

describe('comparing in constant time (GWY-03)', () => {
  it('tells equal texts from all others, also of other lengths and outside ASCII', () => {
    for (const text of ['', 'a', 'あ', 'x'.repeat(10_000)]) assert.equal(equalText(text, text), true);
    for (const [a, b] of [
      ['a', 'b'],
      ['a', 'aa'],
      ['', 'a'],
      ['a', 'A'],
      ['é', 'e\u0301'],
      ['あ', 'い'],
      ['a\u0000', 'a'],
    ] as const) {
      assert.equal(equalText(a, b), false, `${a} ${b}`);
    }
  });
});
