import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import ejs from 'ejs';
import { createRenderer } from '../../src/pages/render.ts';
import { EXAMPLES, exampleModel, pageModel } from '../support/pages.ts';

/** Names of tags and attributes, in order: what markup in a value would change. */
const skeleton = (html: string) =>
  [...html.matchAll(/<(\/?[a-z][\w-]*)((?:\s+[\w-]+(?:="[^"]*")?)*)\s*\/?>/gi)].map(
    ([, tag, attributes]) =>
      `${tag} ${[...attributes!.matchAll(/([\w-]+)(?:="[^"]*")?/g)].map(([, name]) => name).join(' ')}`,
  );
const attribute = (html: string, name: string) =>
  [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value]) => value!);

/** Attack 12. */
const ATTACKS = [
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  '</script><script>alert(1)</script>',
  '{{7*7}}',
  '<%= 7*7 %>',
  'javascript:alert(1)',
  '\u202e#654321 evil',
  "0;url='https://evil.example'",
];
/** Words of ours that a request cannot choose. */
const FIXED = new Set([
  'lang',
  'nonce',
  'code',
  'channel',
  'channels',
  'state',
  'reason',
  'fellBack',
  'tone',
  'tell',
  'way',
  'status',
  'field',
  'colour',
]);

function poison(value: unknown, attack: string, name = ''): unknown {
  if (FIXED.has(name)) return value;
  if (typeof value === 'string') return value && attack;
  if (Array.isArray(value)) return value.map((item) => poison(item, attack));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, poison(item, attack, key)]));
}

describe('values in pages', () => {
  const { render } = createRenderer();
  const show = (own: object = {}) => render('code', pageModel('ja', own) as never);

  for (const name of Object.keys(EXAMPLES)) {
    it(`${name}: hostile values stay text in every field (attack 12, WEB-11)`, () => {
      const model = exampleModel(name, 'en');
      const plain = skeleton(render(EXAMPLES[name]!.page, model as never));
      for (const attack of ATTACKS) {
        const html = render(EXAMPLES[name]!.page, poison(model, attack) as never);
        assert.deepEqual(skeleton(html), plain, attack);
        for (const url of ['href', 'src', 'action'].flatMap((attr) => attribute(html, attr))) {
          assert.match(url, /^(#|\/|https?:|data:|$)/, `${attack} in ${url}`);
        }
        assert.doesNotMatch(html, /\b49\b/);
        if (/[<>"]/.test(attack)) assert.ok(!html.includes(attack));
      }
    });
  }

  it('take nothing of a model for an option of the template engine (settings injection)', () => {
    const gadgets = {
      settings: {
        'view options': { client: true, escapeFunction: '1;throw 1' },
        'view cache': true,
        views: '/etc',
      },
      delimiter: '?',
      escapeFunction: 'x',
      outputFunctionName: 'x;throw 1;//',
      localsName: 'x',
      cache: false,
      filename: '/etc/passwd',
      include: () => 'evil',
      ...JSON.parse('{"__proto__": {"escapeFn": "evil"}}'),
    };
    assert.equal(show(gadgets), show());
  });

  it('do not mind what the host has done to its own EJS', () => {
    Object.assign(ejs, { delimiter: '?', localsName: 'it' });
    try {
      assert.match(createRenderer().render('code', pageModel('ja') as never), /<h1>認証コードの入力<\/h1>/);
    } finally {
      Object.assign(ejs, { delimiter: undefined, localsName: 'locals' });
    }
    ejs.clearCache();
    assert.match(show(), /<h1>認証コードの入力<\/h1>/);
  });
});
