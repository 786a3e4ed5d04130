import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { readInput } from '../../src/errors/issues.ts';
import { nearest } from '../../src/errors/nearest.ts';
import { ConfigurationError } from '../../src/errors.ts';
import { createHttpGateway } from '../../src/gateways/http.ts';
import { createEmailNotifier } from '../../src/notifiers/email.ts';
import { parseOptions } from '../../src/options.ts';
import { configSchema } from '../../src/server/config/schema.ts';
import { parseConfig } from '../../src/server/config.ts';
import { parseScenario } from '../../src/simulator/scenario.ts';
import { GATEWAYS, makeGateway } from '../support/made-gateways.ts';

const said = (schema: z.ZodType, input: unknown) =>
  (readInput(schema, input).found ?? []).map(({ path, reason, fix }) =>
    [path.join('.'), reason, fix].filter((part) => part !== undefined && part !== '').join(' | '),
  );

describe('what is wrong with what an operator wrote', () => {
  const WORDS: readonly [schema: z.ZodType, input: unknown, words: string][] = [
    [z.string(), undefined, 'is missing'],
    [z.string(), 5, 'must be a text in quotes, not a number'],
    [z.string(), null, 'must be a text in quotes, not null'],
    [z.string(), ['x'], 'must be a text in quotes, not a list'],
    [z.int(), '3000', 'must be a number, not a text'],
    [z.int(), 1.5, 'must be a whole number, not a number with a fraction'],
    [z.boolean(), 'yes', 'must be true or false, not a text'],
    [z.array(z.string()), true, 'must be a list, not true'],
    [z.strictObject({}), [], 'must be an object, not a list'],
    [z.enum(['a', 'b']), 'canary', 'must be one of a, b'],
    [z.literal('email'), 'canary', 'must be email'],
    [z.string().min(1), '', 'is empty'],
    [z.string().min(24), 'canary', 'must have at least 24 characters'],
    [z.string().max(3), 'canary', 'must have at most 3 characters'],
    [z.array(z.int()).min(1), [], 'is an empty list'],
    [z.array(z.int()).max(1), [1, 2], 'must hold at most 1'],
    [z.int().min(5), 4, 'must be at least 5'],
    [z.int().positive(), 0, 'must be more than 0'],
    [z.int().max(5), 6, 'must be at most 5'],
    [z.url(), 'canary', 'must be an address that begins with http:// or https://'],
    [z.string().startsWith('/'), 'canary', 'must begin with /'],
    [z.string().regex(/^a$/), 'canary', 'is not written as it has to be'],
    [z.union([z.boolean(), z.strictObject({})]), 'canary', 'must be true or false or an object'],
    [z.union([z.enum(['a', 'b']), z.strictObject({})]), 5, 'must be a or b or an object'],
    [z.string().refine(() => false), 'canary', 'is not usable'],
  ];
  for (const [schema, input, words] of WORDS) {
    it(`is told in plain words: ${words}`, () => assert.deepEqual(said(schema, input), [words]));
  }

  it('is told in the words of the schema where it has some', () => {
    assert.deepEqual(said(z.string().regex(/^a$/, { error: 'must be a' }), 'b'), ['must be a']);
    const union = z.union([z.int(), z.strictObject({ a: z.int() })], { error: 'must be one or the other' });
    assert.deepEqual(said(union, { b: 1 }), ['must be one or the other']);
  });

  it('of a field that nobody knows names the one that was probably meant', () => {
    const schema = z.strictObject({
      inner: z.strictObject({ from: z.string().optional(), callFrom: z.string().optional() }),
    });
    assert.deepEqual(said(schema, { inner: { form: 1, callfrom: 1, call_from: 1, sender: 1 } }), [
      'inner.form | is not a setting | Did you mean from?',
      'inner.callfrom | is not a setting | Did you mean callFrom?',
      'inner.call_from | is not a setting | Did you mean callFrom?',
      'inner.sender | is not a setting | Remove it, or check the spelling',
    ]);
  });

  it('of several forms is told for the one that was meant, with its whole path', () => {
    const leg = z.strictObject({ gateway: z.string(), weight: z.int().max(100).optional() });
    const via = z.array(z.union([z.string().regex(/^[a-z]+$/, { error: 'must be lower case' }), leg]));
    assert.deepEqual(said(via, ['a', { gateway: 'b', weigth: 2 }, { weight: 101 }, 'C', 5]), [
      '1.weigth | is not a setting | Did you mean weight?',
      '2.gateway | is missing',
      '2.weight | must be at most 100',
      '3 | must be lower case',
      '4 | must be a text in quotes or an object',
    ]);
    const auth = z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('basic'), username: z.string() }),
      z.strictObject({ type: z.literal('bearer') }),
    ]);
    assert.deepEqual(said(auth, { type: 'canary' }), ['type | must be one of basic, bearer']);
    assert.deepEqual(said(auth, {}), ['type | is missing']);
    assert.deepEqual(said(auth, { type: 'basic' }), ['username | is missing']);
  });

  it('of a name in a record is told, and why', () => {
    const rates = z.record(z.string().regex(/^[a-z]+$/, { error: 'must be lower case' }), z.int());
    assert.deepEqual(said(rates, { Main: 5 }), ['Main | is no name that may stand here: must be lower case']);
  });

  it('is never told in the words of the library, wherever it was written', () => {
    const scribble = { form: 'canary', name: 5, countries: 'JP', insecure: 'no', totalTimeout: 1.5 };
    const tries: (() => unknown)[] = [
      ...Object.keys(GATEWAYS)
        .filter((type) => type !== 'handset')
        .flatMap((type) => [() => makeGateway(type, {}), () => makeGateway(type, scribble)]),
      () => createHttpGateway({ send: 5, auth: [{ type: 'canary' }, 5], maxUnits: 'x', poll: {} }),
      () => createEmailNotifier({ host: 5, tls: 'canary', port: '25', fro: 'canary' }),
      () => parseOptions({ routes: [{ via: [5, {}] }], code: 5, clients: [], countries: 'JP', secret: 'x' }),
      () => parseOptions(undefined),
      () => parseConfig({ port: '3000', store: 5, gateways: {}, clients: [5] }, origin),
      () => parseConfig('canary', origin),
      () => parseScenario({ rules: [{ to: 5 }] }),
    ];
    for (const one of tries) {
      assert.throws(one, (error: Error) => {
        assert.ok(error instanceof ConfigurationError, String(error));
        for (const { field, reason, fix } of error.problems) {
          assert.ok(field.length > 0 && fix.length > 10, `${field}: ${reason}. ${fix}`);
          assert.doesNotMatch(reason, /invalid|unrecognized|expected|received|too (big|small)|undefined/i);
          assert.ok(!`${reason}${fix}`.includes('canary'));
        }
        return true;
      });
    }
  });
  const origin = { folder: '/', production: false };
});

describe('the nearest of some names', () => {
  it('is near, whatever case and dashes are, and is none of another kind', () => {
    const known = Object.keys(configSchema.shape);
    for (const [given, meant] of [
      ['isuer', 'issuer'],
      ['Countries', 'countries'],
      ['trusted_proxies', 'trustedProxies'],
      ['gatway', 'gateway'],
      ['prot', 'port'],
      ['ports', 'port'],
      ['smtp', undefined],
      ['', undefined],
    ] as const)
      assert.equal(nearest(given, known), meant, given);
  });
});
