import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { leaksIn } from '../support/canaries.ts';
import { BRAND } from '../support/leak-stage.ts';

describe('the search for leaks', () => {
  const number = '+819012349901';
  const [code, text] = ['4829130576', `4829130576 ${BRAND}のログインコード。\n\n@localhost #4829130576`];
  const [secret, token] = ['simulated+secret/1', 'dG9rZW4-dG9rZW4_dG9rZW4-dG9rZW4_dG9rZW4-abc'];
  const hidden = (value: string): string[] => [
    ...[value, `x${value}`, `xy${value}z`].map((one) => `a ${Buffer.from(one).toString('base64')} b`),
    `{"${Buffer.from(value).toString('base64url')}"}`,
    `a ${Buffer.from(value).toString('hex')} b`,
    Buffer.from(`1${value}`).toString('hex').replace(/../g, '$& '),
    Buffer.from(value, 'utf16le').swap16().toString('hex'),
    encodeURIComponent(value),
    JSON.stringify({ a: JSON.stringify({ value }) }),
    inspect(new Error('x', { cause: { deep: { deeper: { deepest: { value } } } } }), { depth: Infinity }),
  ];

  for (const [kind, value] of Object.entries({ codes: code, texts: text, secrets: secret, tokens: token })) {
    it(`finds ${kind} as they are, and in every disguise`, () => {
      for (const line of hidden(value)) assert.equal(leaksIn(line, { [kind]: [value] }).length, 1, line);
    });
  }

  it('finds a number in every spelling', () => {
    const spellings = [
      '+819012349901',
      '819012349901',
      '09012349901',
      '090-1234-9901',
      '+81 90 1234 9901',
      '(090) 1234-9901',
    ];
    for (const spelling of spellings)
      for (const line of [spelling, ...hidden(spelling)])
        assert.equal(leaksIn(line, { numbers: [number] }).length, 1, line);
  });

  it('finds nothing where there is nothing', () => {
    const log = JSON.stringify({
      time: 1795618803123,
      number: '••••••••01',
      gateway: 'known',
      code: 'http.401',
    });
    assert.deepEqual(
      leaksIn(log, { codes: [code], numbers: [number], secrets: [secret], texts: [BRAND] }),
      [],
    );
  });
});
