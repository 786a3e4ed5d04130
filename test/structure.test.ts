import assert from 'node:assert/strict';
import { basename, extname, posix } from 'node:path';
import { describe, it } from 'node:test';
import { blank, committedFiles, functionsOf, importsOf, read } from './support/source-text.ts';

const files = committedFiles();
const sources = files.filter((path) => path.startsWith('src/') && path.endsWith('.ts'));
const isCode = (path: string) => ['.ts', '.js', '.ejs', '.css'].includes(extname(path));
const isScript = (path: string) => ['.ts', '.js'].includes(extname(path));

/**
 * Which parts of `src/` a part may import besides itself: those below it. Gateways, signals, stores and accounts stand
 * beside the domain, not on it, so that a third party's are made of the same.
 */
const VOCABULARY = [
  'alphabet',
  'equal-text',
  'errors',
  'events',
  'options',
  'ports',
  'texts',
  'truncate',
  'typed-text',
];
const PARTS: Record<string, readonly string[]> = {
  errors: [],
  alphabet: [],
  'equal-text': [],
  texts: ['errors'],
  truncate: [],
  'typed-text': [],
  ports: ['errors'],
  events: ['errors', 'ports'],
  options: ['errors', 'events', 'ports'],
  journal: ['errors', 'events', 'options', 'ports', 'truncate'],
  domain: VOCABULARY,
  oidc: ['domain', ...VOCABULARY],
  pages: ['oidc', 'domain', ...VOCABULARY],
  outbound: [],
  gateways: ['alphabet', 'equal-text', 'errors', 'outbound', 'ports', 'texts'],
  signals: ['errors', 'ports'],
  stores: ['equal-text', 'errors', 'ports'],
  accounts: ['errors', 'ports', 'typed-text'],
  notifiers: ['errors', 'ports'],
  testing: ['ports'],
  simulator: ['gateways', 'equal-text', 'errors', 'ports', 'texts'],
  sekisho: ['pages', 'oidc', 'domain', 'signals', 'journal', 'outbound', ...VOCABULARY],
  index: ['sekisho', 'pages', 'oidc', ...VOCABULARY],
  server: [
    ...[
      'outbound',
      'sekisho',
      'pages',
      'oidc',
      'domain',
      'accounts',
      'gateways',
      'notifiers',
      'signals',
      'stores',
    ],
    ...VOCABULARY,
  ],
  cli: ['server', 'sekisho', 'accounts', 'gateways', 'signals', 'simulator', 'stores', ...VOCABULARY],
};

const partOf = (path: string) => path.split('/')[1]!.replace(/\.ts$/, '');
const resolve = (path: string, from: string) => posix.join(posix.dirname(path), from);

describe('the source', () => {
  it('imports in one direction', () => {
    const wrong = sources.flatMap((path) => {
      const allowed = PARTS[partOf(path)];
      if (!allowed) return [`${path}: give ${partOf(path)} a place in this test`];
      return importsOf(read(path))
        .filter(({ from }) => from.startsWith('.'))
        .map(({ from }) => resolve(path, from))
        .filter((target) => target.startsWith('src/'))
        .filter((target) => partOf(target) !== partOf(path) && !allowed.includes(partOf(target)))
        .map((target) => `${path} imports ${target}`);
    });
    assert.deepEqual(wrong, []);
  });

  it('has no circle of imports at run time', () => {
    const loads = new Map(
      sources.map((path) => [
        path,
        importsOf(read(path)).flatMap(({ from, typeOnly }) =>
          typeOnly || !from.startsWith('.') ? [] : resolve(path, from),
        ),
      ]),
    );
    const done = new Set<string>();
    const visit = (path: string, way: readonly string[]): void => {
      assert.ok(!way.includes(path), `${[...way, path].join(' → ')}`);
      if (done.has(path)) return;
      for (const next of loads.get(path) ?? []) visit(next, [...way, path]);
      done.add(path);
    };
    for (const path of sources) visit(path, []);
  });

  it('leaves randomness that matters to node:crypto (OTP-01)', () => {
    assert.deepEqual(
      sources.filter((path) => /Math\s*\.\s*random/.test(blank(read(path), { strings: false }))),
      [],
    );
  });

  it('compares secret texts by one function (OTP-11, GWY-03)', () => {
    const others = sources.filter((path) => read(path).includes('timingSafeEqual'));
    // The other two compare bytes.
    const expected = [
      'src/accounts/password.ts',
      'src/equal-text.ts',
      'src/simulator/vendors/aws/signature.ts',
    ];
    assert.deepEqual(others, expected);
  });

  it('documents every name that the package exports', () => {
    const entries = sources.filter((path) =>
      /^src\/((gateways|notifiers|signals|stores)\/[^/]+|testing\/index|testing\/gateways)\.ts$/.test(path),
    );
    const reexported = [...read('src/index.ts').matchAll(/^export \{([^}]*)\} from '([^']+)'/gm)].flatMap(
      ([, names, from]) =>
        names!
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== '')
          .map((name) => ({ path: resolve('src/index.ts', from!), name: name.replace('type ', '') })),
    );
    const own = entries.flatMap((path) =>
      [...read(path).matchAll(EXPORTED)].map(([, name]) => ({ path, name: name! })),
    );
    const undocumented = [...reexported, ...own].filter(({ path, name }) => {
      const before = read(path).split(new RegExp(`^export [\\w ]*\\b${name}\\b`, 'm'))[0]!;
      return !before.trimEnd().endsWith('*/') && !/^(interface|type) /.test(kindOf(path, name));
    });
    assert.deepEqual(undocumented, []);
  });
});

const EXPORTED = /^export (?:async )?(?:function|class|const) (\w+)/gm;
const kindOf = (path: string, name: string): string =>
  new RegExp(`^export ((?:async )?\\w+ ${name}\\b)`, 'm').exec(read(path))?.[1] ?? '';

describe('every file', () => {
  it('has at most 250 lines', () => {
    const long = files
      .filter(isCode)
      .map((path) => ({ path, lines: read(path).trimEnd().split('\n').length }))
      .filter(({ lines }) => lines > 250);
    assert.deepEqual(long, []);
  });

  it('has functions of at most 50 lines', () => {
    const long = files.filter(isScript).flatMap((path) =>
      functionsOf(read(path), path.endsWith('.ts'))
        .filter(({ lines, body }) => lines > 50 && !isWrapper(path, body))
        .map(({ line, head, lines }) => ({ at: `${path}:${line}`, head, lines })),
    );
    assert.deepEqual(long, []);
  });

  it('has a name that says what is in it', () => {
    const vague = /(^|[-.])(utils?|helpers?|managers?|services?|base|misc|common)([-.]|$)/i;
    assert.deepEqual(
      files.filter((path) => isCode(path) && vague.test(basename(path))),
      [],
    );
  });

  it('names no place outside the project', () => {
    // Spelled in pieces, so that this file does not name them either.
    const places = ['/work|/', '/tmp/b|ash', '/home|/', '/ro|ot/', 'registry.n|pmjs'].map((place) =>
      place.replace('|', ''),
    );
    const found = files
      .filter((path) => !/\.(png|webp|ico)$/.test(path))
      .flatMap((path) =>
        places.filter((place) => read(path).includes(place)).map((place) => `${path}: ${place}`),
      );
    assert.deepEqual(found, []);
    assert.ok(!read('package-lock.json').includes('"resolved"'), 'the lock file names no registry');
  });
});

/** A callback that only holds tests, or the function around a whole classic script. */
function isWrapper(path: string, body: string): boolean {
  if (path.startsWith('test/') || path.startsWith('src/testing/'))
    return /^\s*(it|test|describe)\(/m.test(body);
  return path.startsWith('views/') && body.split('\n').length > read(path).trimEnd().split('\n').length - 5;
}

/** The rules there are: family and highest number. */
const RULES: Record<string, number> = {
  OTP: 18,
  RST: 7,
  BND: 10,
  REC: 6,
  THR: 8,
  SES: 12,
  OID: 20,
  EAM: 17,
  DLG: 5,
  TXN: 11,
  PRV: 10,
  WEB: 17,
  GWY: 9,
  LOG: 4,
  OPS: 5,
  SIG: 5,
  A11: 13,
};

describe('rules', () => {
  it('are quoted by an id that exists', () => {
    const quoted = /\b(OTP|RST|BND|REC|THR|SES|OID|EAM|DLG|TXN|PRV|WEB|GWY|LOG|OPS|SIG|A11Y?)-(\d+)/g;
    const unknown = files
      .filter(isCode)
      .flatMap((path) =>
        [...read(path).matchAll(quoted)]
          .filter(([, family, number]) => !/^\d\d$/.test(number!) || !(Number(number) <= RULES[family!]!))
          .map(([id]) => `${path}: ${id}`),
      );
    assert.deepEqual(unknown, []);
  });

  it('have lessons and attacks that exist', () => {
    const unknown = files.filter(isCode).flatMap((path) =>
      [...read(path).matchAll(/\b(?:lessons?|attacks?) (\d+)(?: and (\d+))?/gi)]
        .flatMap(([, one, two]) => [one, two].filter((number) => number !== undefined).map(Number))
        .filter((number) => number < 1 || number > 41)
        .map((number) => `${path}: ${number}`),
    );
    assert.deepEqual(unknown, []);
  });
});
