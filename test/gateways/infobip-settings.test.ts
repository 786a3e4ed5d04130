import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ConfigurationError } from '../../src/errors.ts';
import { pressKeyScenario } from '../../src/gateways/infobip/scenario.ts';
import { createInfobipGateway } from '../../src/gateways/infobip.ts';

const RIGHT = { baseUrl: 'https://abc12.api.infobip.com', apiKey: 'key-canary', sender: 'MiraiBank' };

describe('the settings of Infobip', () => {
  const problems = (settings: object): string[] => {
    try {
      createInfobipGateway(settings);
      return [];
    } catch (error) {
      assert.ok(error instanceof ConfigurationError);
      assert.doesNotMatch(error.message, /canary/, 'no value is quoted (GWY-06)');
      assert.ok(error.problems.every(({ fix }) => fix !== ''));
      return error.problems.map(({ field, reason }) => `${field} ${reason}`);
    }
  };

  it('are an address, one way to authenticate, and a sender', () => {
    assert.deepEqual(problems(RIGHT), []);
    assert.deepEqual(createInfobipGateway(RIGHT).findings!({ production: true }), []);
    assert.equal(createInfobipGateway({ ...RIGHT, name: 'ntt-cpaas' }).name, 'ntt-cpaas');
  });

  const WRONG: readonly [string, object, RegExp][] = [
    ['no address', { baseUrl: undefined }, /^gateway infobip\.baseUrl is missing$/],
    ['http', { baseUrl: 'http://abc12.api.infobip.com' }, /^gateway infobip\.baseUrl must begin with https/],
    [
      'an address without a scheme',
      { baseUrl: 'abc12.api.infobip.com' },
      /^gateway infobip\.baseUrl is no address/,
    ],
    ['no credentials', { apiKey: undefined }, /^gateway infobip\.apiKey set exactly one of/],
    ['credentials twice', { token: 'canary' }, /^gateway infobip\.apiKey set exactly one of/],
    [
      'a line break in a secret',
      { apiKey: 'canary\n' },
      /^gateway infobip\.apiKey has a blank or a line break/,
    ],
    [
      'a colon in a user',
      { apiKey: undefined, basic: { username: 'a:b', password: 'canary' } },
      /^gateway infobip\.basic\.username must not hold a colon/,
    ],
    ['no sender', { sender: undefined }, /^gateway infobip\.sender is missing$/],
    [
      'one scenario',
      { voice: { from: '8150', scenarios: { ja: 'J' } } },
      /^gateway infobip\.voice\.scenarios\.en is missing$/,
    ],
    ['a caller with plus', { voice: { from: '+8150' } }, /^gateway infobip\.voice\.from must be digits/],
    ['an empty profile', { webhook: {} }, /^gateway infobip\.webhook needs either basic or hmac/],
    [
      'a short secret',
      { webhook: { hmac: { secret: 'canary', header: 'x' } } },
      /^gateway infobip\.webhook\.hmac\.secret .*24/,
    ],
    ['a misspelling', { apikey: 'canary' }, /^gateway infobip\.apikey is not a setting$/],
  ];
  for (const [title, change, expected] of WRONG) {
    it(`refuse ${title}, and say where`, () => {
      const [first, ...more] = problems({ ...RIGHT, ...change });
      assert.match(first ?? '', expected);
      assert.deepEqual(more, []);
    });
  }

  it('are warned of where calls or tokens have a weakness', () => {
    const found = (settings: object) =>
      createInfobipGateway({ ...RIGHT, ...settings }).findings!({ production: true });
    assert.match(found({ voice: { from: '8150' } })[0]!.message, /answering machines/);
    assert.deepEqual(found({ voice: { from: '8150', scenarios: { ja: 'J', en: 'E' } } }), []);
    assert.match(found({ apiKey: undefined, token: 't' })[0]!.message, /runs out/);
    assert.equal(found({ insecure: true })[0]!.severity, 'fatal');
  });

  for (const file of ['infobip.md', 'infobip.ja.md']) {
    it(`of scenarios stand in ${file} as they are`, () => {
      const text = readFileSync(new URL(`../../docs/gateways/${file}`, import.meta.url), 'utf8');
      const [, shown] = /```json scenario\n([\s\S]+?)```/.exec(text) ?? [];
      assert.deepEqual(JSON.parse(shown ?? 'null'), pressKeyScenario('ja'));
    });
  }
});
