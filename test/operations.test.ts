import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createExchange } from '../src/domain/exchange.ts';
import { readPhone } from '../src/domain/phone.ts';
import { ERROR_CODES } from '../src/errors.ts';
import { optionsJsonSchema, parseOptions } from '../src/options.ts';
import { overlay, readEnvironment } from '../src/server/config/environment.ts';
import { configSchema } from '../src/server/config/schema.ts';
import { parseConfig, sekishoOptions } from '../src/server/config.ts';
import { cellsOf, tableOf } from './support/readme.ts';
import { blank, committedFiles, read } from './support/source-text.ts';

const GUIDES = [
  ['docs/operations.md', 'en'],
  ['docs/operations.ja.md', 'ja'],
] as const;

/** Source without its comments. */
const code = (path: string): string => blank(read(path), { strings: false });
const sources = (folder: string): string[] =>
  committedFiles().filter((path) => path.startsWith(folder) && path.endsWith('.ts'));

/** The words in quotes of a declaration, from where it begins to where it ends. */
function wordsIn(path: string, begin: RegExp, end = ';'): string[] {
  const text = code(path);
  const start = text.search(begin);
  assert.ok(start >= 0, `${begin} is not in ${path}`);
  return [...text.slice(start, text.indexOf(end, start)).matchAll(/'([\w.-]+)'/g)].map(([, word]) => word!);
}

/** Each reason that a file gives in the form of `reason: '…'`. */
const reasonsIn = (path: string): string[] =>
  [...code(path).matchAll(/reason: '(\w+)'/g)].map(([, word]) => word!);

const field = (name: string): string[] => wordsIn('src/events.ts', new RegExp(`^\\s*${name}: '`, 'm'));

/** What breaks by the names under which it is reported; those that hold another name are told in a sentence. */
const operations = sources('src/').flatMap((path) =>
  [...code(path).matchAll(/(?:\.fault|background(?:\.run)?)\(\s*'(\w+)'/g)].map(([, word]) => word!),
);

/** Each table of values, by two that are in no other one, and what the sources know. */
const VALUES: readonly [table: readonly string[], known: readonly string[]][] = [
  [
    ['client_policy', 'low_risk'],
    [
      'src/domain/decision.ts',
      'src/domain/risk.ts',
      ...sources('src/signals/'),
      ...sources('src/oidc/'),
    ].flatMap(reasonsIn),
  ],
  [
    ['rejected', 'ambiguous'],
    [...code('src/ports/gateway.ts').matchAll(/outcome: '(\w+)'/g)].map(([, w]) => w!),
  ],
  [['quota', 'recycled'], wordsIn('src/ports/gateway.ts', /type RejectionClass =/)],
  [
    ['heard', 'unheard'],
    // Those that only the answer to a send can give are in the table of outcomes.
    wordsIn('src/domain/receipt.ts', /type MessageState =/).filter(
      (state) => !['sending', 'ambiguous', 'rejected'].includes(state),
    ),
  ],
  [['undelivered', 'late'], field('cause')],
  [['up', 'refused'], field('state')],
  [['no_address', 'notifier_failed'], field('reason')],
  [['blocked', 'timeout'], field('failure')],
  [['rates', 'concurrency'], [...code('src/events.ts').matchAll(/limit: ('rates'.*) \}/g)].flatMap(quoted)],
  [['short', 'unreadable'], wordsIn('src/events.ts', /type: 'address.unreadable'; reason/, '}').slice(1)],
  [['opened', 'closed'], [...code('src/events.ts').matchAll(/circuit: ('.*) \}/g)].flatMap(quoted)],
  [
    ['mismatch', 'stale'],
    ['address', ...wordsIn('src/ports/webhook.ts', /reason: 'missing'/, '}')],
  ],
  [['challenge', 'voice'], field('limit')],
  [['code_wrong', 'internal'], ERROR_CODES],
  [['dispatch', 'webhook'], operations],
];

function quoted([, text]: RegExpMatchArray): string[] {
  return [...text!.matchAll(/'(\w+)'/g)].map(([, word]) => word!);
}

const unique = (words: Iterable<string>): string[] => [...new Set(words)].sort();

for (const [guide, locale] of GUIDES) {
  describe(guide, () => {
    const text = read(guide);

    it('says what every value of an event means, and nothing else (LOG-01)', () => {
      for (const [names, known] of VALUES)
        assert.deepEqual([...tableOf(text, ...names).keys()].sort(), unique(known), names.join(', '));
    });

    it('has a row for every fault that is tried, and no other (test/faults)', () => {
      const [, section = ''] =
        /\n## (?:When parts fail|一部が故障したとき)\n([\s\S]*?)\n## /.exec(text) ?? [];
      const rows = [...section.matchAll(/\| `([\w-]+)` \|$/gm)].map(([, name]) => name!);
      const tests = committedFiles().flatMap(
        (file) => /^test\/faults\/([\w-]+)\.test\.ts$/.exec(file)?.[1] ?? [],
      );
      assert.deepEqual(rows.sort(), tests.sort());
    });

    it('names what a refused code, a purpose and a notice can be', () => {
      const refusals = wordsIn('src/domain/verification.ts', /^const REFUSALS/m).slice(1);
      const named = [
        ...wordsIn('src/events.ts', /type NoticeKind =/),
        ...wordsIn('src/events.ts', /type Purpose =/),
        ...refusals,
      ];
      const missing = unique(named).filter((word) => !text.includes(`\`${word}\``));
      assert.deepEqual(missing, []);
    });

    it('says the levels of the log as they are', () => {
      const declared = wordsIn('src/journal.ts', /^const WARNINGS/m, ']);');
      const warnings = declared.filter((word) => word.includes('.'));
      const said = /\n[^\n]*`fault`[^\n]*(?:level error|レベルが error)[^\n]*/.exec(text)![0];
      assert.deepEqual(
        warnings.filter((type) => !said.includes(`\`${type}\``)),
        [],
      );
    });

    it('quotes the pages as they are', () => {
      const words = Object.values(JSON.parse(read(`views/locales/${locale}.json`)) as Record<string, string>);
      const quotes = [...text.matchAll(/^\| (?:"(.*?)"|「(.*?)」) \|/gm)].map(([, en, ja]) => en ?? ja!);
      assert.ok(quotes.length > 25);
      assert.deepEqual(
        quotes.filter((quote) => !words.includes(quote)),
        [],
      );
    });

    it('gives the defaults of the limits as they are', () => {
      type Schema = { properties?: Record<string, Schema>; default?: unknown };
      const table = tableOf(text, 'sends.cooldown', 'code.sends', 'sends.perIpHour');
      for (const [path, row] of table) {
        const schema = path
          .split('.')
          .reduce<Schema | undefined>((at, name) => at?.properties?.[name], optionsJsonSchema() as Schema);
        const value = schema?.default;
        assert.equal(cellsOf(row)[0], Array.isArray(value) ? value.join(', ') : String(value), path);
      }
    });
  });
}

describe('variables of the environment that documents name', () => {
  it('set fields that there are', () => {
    const documents = committedFiles().filter((path) => /^(README|SECURITY|docs\/).*\.md$/.test(path));
    // Of the examples in code, and the key file as a whole.
    const others = ['SEKISHO_SECRET', 'SEKISHO_FILE', 'SEKISHO_KEYS'];
    const named = unique(documents.flatMap((path) => read(path).match(/\bSEKISHO_[A-Z_]+/g) ?? []));
    const gone = named
      .filter((name) => !others.includes(name) && !name.endsWith('_'))
      .filter((name) => !(Object.keys(readEnvironment({ [name]: '1' }).values)[0]! in configSchema.shape));
    assert.deepEqual(gone, []);
    assert.ok(named.length > 8);
  });

  for (const [guide] of GUIDES) {
    it(`switch off what ${guide} says`, () => {
      const given = [...read(guide).matchAll(/`(SEKISHO_[A-Z_]+)=(?:'([^']+)'|([^`]+))`/g)];
      const [gateway, calls, all, ...others] = given.map(([, name, text, plain]) =>
        waysWith({ [name!]: text ?? plain! }),
      );
      assert.deepEqual(gateway, { sms: ['twilio'], voice: ['twilio'] });
      assert.deepEqual(calls, { sms: ['karaden', 'twilio'], voice: [] });
      assert.deepEqual(all, { sms: [], voice: [] });
      for (const other of others) assert.deepEqual(other, { sms: ['karaden', 'twilio'], voice: ['twilio'] });
    });
  }
});

/** Gateways that a Japanese phone is reached by when a server with two of them starts with these variables. */
function waysWith(env: Record<string, string>) {
  const written = {
    ...{ issuer: 'http://localhost', countries: ['JP', 'US'] },
    gateways: [{ type: 'karaden' }, { type: 'twilio' }],
  };
  const config = parseConfig(overlay(written, readEnvironment(env).values), {
    ...{ folder: '/', production: false },
  });
  const send = async () => ({ outcome: 'accepted' }) as const;
  const options = parseOptions({
    ...sekishoOptions(config),
    ...{ secrets: ['A'.repeat(43)], store: {}, accounts: {} },
    gateways: [
      { name: 'karaden', channels: ['sms'], send },
      { name: 'twilio', channels: ['sms', 'voice'], callGuard: 'key-press', send },
    ],
  });
  const { waysTo } = createExchange(options);
  const phone = readPhone('+819012345678', options.countries);
  const names = (channel: 'sms' | 'voice') => waysTo(phone, channel).map(({ gateway }) => gateway.name);
  return { sms: names('sms'), voice: names('voice') };
}
