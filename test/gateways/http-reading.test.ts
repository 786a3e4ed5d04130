import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBody } from '../../src/gateways/http/body.ts';
import { readPath } from '../../src/gateways/http/path.ts';
import { type Facts, matches, type Predicate } from '../../src/gateways/http/predicate.ts';

describe('a predicate', () => {
  const facts: Facts = {
    status: 202,
    headers: { 'x-code': '7' },
    body: { s: '100', n: 100, yes: true, nothing: null, empty: '', list: [{ id: 'a' }, 'b'], 'a b': 1 },
  };
  const cases: [Predicate, boolean][] = [
    [{ status: 202 }, true],
    [{ status: 200 }, false],
    [{ status: '2xx' }, true],
    [{ status: ['4xx', 202] }, true],
    [{ path: 's', equals: 100 }, true],
    [{ path: 'n', equals: '100' }, true],
    [{ path: 'yes', equals: true }, true],
    [{ path: 'n', equals: '100.0' }, false],
    [{ path: 'nothing', equals: 'null' }, false],
    [{ path: 'missing', equals: 'undefined' }, false],
    [{ path: 'list', equals: '[object Object],b' }, false],
    [{ path: 'list[0].id', equals: 'a' }, true],
    [{ path: 'list.1', equals: 'b' }, true],
    [{ path: 'list[2]', exists: false }, true],
    [{ path: 'empty', exists: true }, false],
    [{ path: 'nothing', exists: false }, true],
    [{ path: '__proto__', exists: true }, false],
    [{ path: 'list.length', exists: true }, true],
    [{ path: 's.length', exists: true }, false],
    [{ path: 'constructor.name', exists: true }, false],
    [{ path: 's', in: [1, '100'] }, true],
    [{ path: 's', startsWith: '10' }, true],
    [{ path: 'missing', startsWith: 'u' }, false],
    [{ header: 'x-code', equals: 7 }, true],
    [{ header: 'toString', exists: true }, false],
    [{ not: { path: 'missing', equals: 1 } }, true],
    [{ all: [{ status: 202 }, { path: 's', equals: 1 }] }, false],
    [{ any: [{ status: 500 }, { path: 'n', equals: 100 }] }, true],
  ];
  for (const [predicate, expected] of cases) {
    it(`${JSON.stringify(predicate)} is ${expected}`, () =>
      assert.equal(matches(predicate, facts), expected));
  }

  it('finds nothing in what could not be read', () => {
    for (const body of [undefined, null, 'text', 7, []]) {
      assert.equal(matches({ path: 'status', equals: 'undefined' }, { body }), false);
      assert.equal(matches({ path: '$', exists: false }, { body: undefined }), true);
    }
  });
});

describe('a body', () => {
  it('keeps a message id that is longer than a number can be', () => {
    assert.equal(readPath(readBody('json', '{"id":12345678901234567890}'), 'id'), '12345678901234567890');
    assert.equal(readPath(readBody('json', '{"id":42}'), 'id'), 42);
  });

  it('reads XML with its attributes, entities and namespaces, and leaves blanks alone', () => {
    const xml =
      '<?xml version="1.0"?><s:R xmlns:s="u"><M id="a&amp;b" ok="1"> x &lt;&#12354; </M><M>2</M></s:R>';
    assert.deepEqual(readPath(readBody('xml', xml), 'R.M[0].@id'), 'a&b');
    assert.deepEqual(readPath(readBody('xml', xml), 'R.M[0].#text'), ' x <あ ');
    assert.equal(matches({ path: 'R.M[0]', startsWith: ' x' }, { body: readBody('xml', xml) }), true);
    assert.deepEqual(readPath(readBody('xml', xml), 'R.M[1]'), '2');
  });

  it('refuses XML with a document type or entities of its own: nothing is expanded or fetched (attack 13)', () => {
    const laughs = Array.from(
      { length: 9 },
      (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
    ).join('');
    for (const xml of [
      `<!DOCTYPE r [<!ENTITY l0 "ha">${laughs}]><r>&l9;</r>`,
      '<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><r/>',
      '<!doctype r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r>&x;</r>',
      '<?xml version="1.0"?>\n<!DOCTYPE r><r>1</r>',
      '<r><a></r>',
      '<r>',
      'no xml',
      '',
      `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`,
      '<r><__proto__><x>1</x></__proto__></r>',
    ]) {
      const begin = performance.now();
      assert.equal(readBody('xml', xml), undefined, xml.slice(0, 60));
      assert.ok(performance.now() - begin < 500);
    }
    assert.equal(({} as { x?: string }).x, undefined);
  });

  it('tells a field that came twice from one that came once, and gives up on too many', () => {
    const form = readBody('form', 'a=1&b=2&b=3&__proto__=x');
    assert.equal(matches({ path: 'b', in: [2, 3] }, { body: form }), false);
    assert.equal(readPath(form, '__proto__'), 'x');
    assert.equal(readBody('form', 'a&'.repeat(100_000)), undefined);
  });
});
