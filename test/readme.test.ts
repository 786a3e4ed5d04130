import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { COMMANDS, HELP } from '../src/cli/commands.ts';
import { textProblems } from '../src/domain/text-rules.ts';
import { optionsJsonSchema, parseOptions } from '../src/options.ts';
import { placeholders } from '../src/server/config/gateways.ts';
import { configSchema } from '../src/server/config/schema.ts';
import { parseConfig, sekishoOptions } from '../src/server/config.ts';
import { loadTexts } from '../src/texts.ts';
import { all, load, programs, READMES, tableOf } from './support/readme.ts';
import { blank, committedFiles, read } from './support/source-text.ts';

type Schema = {
  properties?: Record<string, Schema>;
  default?: unknown;
  type?: string;
  minimum?: number;
  maximum?: number;
};

const manifest = JSON.parse(read('plugin-manifest.json')) as Record<
  'gateways' | 'signals' | 'stores',
  { name: string }[]
>;

/** Options that are values; what `clients` holds is listed under `defaultClient`, and these two are one value each. */
const WHOLE = ['acr', 'alternative'];
function leaves(schema: Schema, path = ''): { path: string; schema: Schema }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    inner.properties && !WHOLE.includes(name)
      ? leaves(inner, `${path}${name}.`)
      : [{ path: path + name, schema: inner }],
  );
}
const OPTIONS = leaves(optionsJsonSchema() as Schema);

/** A default as the table writes it; undefined where there is none, or where it is an object or comes from outside. */
function written(path: string, { default: value }: Schema): string | undefined {
  if (path === 'production' || value === undefined) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : value.join(', ');
  return typeof value === 'object' ? undefined : String(value);
}

/** Bounds of a number; none where only the range of integers ends it. */
const bounds = ({ type, minimum, maximum }: Schema): (number | undefined)[] =>
  type === 'integer' && maximum !== Number.MAX_SAFE_INTEGER ? [minimum, maximum] : [];

/** Names and fields of every event, as `src/events.ts` declares them. */
const EVENTS = [
  ...blank(read('src/events.ts'), { strings: false }).matchAll(/\{\s*type: ((?:'[\w.]+'[\s|]*)+)([^}]*)\}/g),
].flatMap(([, types, rest]) => {
  const fields = [...rest!.matchAll(/(\w+)\??:/g)].map(([, field]) => field!);
  return [...types!.matchAll(/[\w.]+/g)].map(([type]) => ({ type, fields }));
});

/** What only code can pass. */
const IN_CODE = ['accounts', 'bodyTimeout', 'clock', 'log', 'onEvent', 'storeIdentity'];

for (const file of READMES) {
  describe(file, () => {
    const text = read(file);
    const options = tableOf(text, 'issuer', 'code.ttl');

    it('lists every option with its default and its bounds, and nothing else', () => {
      for (const { path, schema } of OPTIONS) {
        const row = options.get(path);
        assert.ok(row, `says nothing about ${path}`);
        const value = written(path, schema);
        if (value !== undefined) assert.ok(row.includes(`\`${value}\``), `${path}: \`${value}\``);
        for (const bound of bounds(schema)) assert.match(row, new RegExp(`\\b${bound}\\b`), path);
      }
      const known = OPTIONS.map(({ path }) => path);
      assert.deepEqual(
        [...options.keys()].filter((name) => !known.includes(name)),
        [],
      );
    });

    it('lists every option of the server, and nothing else', () => {
      const server = tableOf(text, 'port', 'data');
      const known = Object.keys(configSchema.shape);
      const unlisted = known.filter(
        (name) => !server.has(name) && ![...options.keys()].some((path) => path.split('.')[0] === name),
      );
      assert.deepEqual(unlisted, []);
      assert.deepEqual(
        [...server.keys()].filter((name) => !known.includes(name)),
        [],
      );
      const inCode = Object.keys((optionsJsonSchema() as Schema).properties!).filter(
        (name) => !known.includes(name),
      );
      assert.deepEqual(inCode.sort(), IN_CODE);
      for (const name of IN_CODE) assert.ok(text.includes(`\`${name}\``), name);
    });

    it('lists every event with its fields', () => {
      const events = tableOf(text, 'gate.decided');
      assert.deepEqual([...events.keys()].sort(), EVENTS.map(({ type }) => type).sort());
      for (const { type, fields } of EVENTS) {
        const cell = events.get(type)!.split('|')[2]!;
        const listed = [...cell.matchAll(/`(\w+)`/g)].map(([, field]) => field!);
        assert.deepEqual(listed.sort(), fields.sort(), type);
      }
    });

    it('names every gateway, signal and store', () => {
      const names = [...manifest.gateways, ...manifest.signals, ...manifest.stores].map(({ name }) => name);
      assert.deepEqual(
        names.filter((name) => !text.includes(`\`${name}\``)),
        [],
      );
    });

    it('leads to files that exist', () => {
      const files = committedFiles();
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) =>
        join(dirname(file), path!),
      );
      const gone = links.filter((path) => !files.some((one) => one === path || one.startsWith(`${path}/`)));
      assert.deepEqual(gone, []);
    });
  });
}

describe('what the READMEs show', () => {
  const words = loadTexts(fileURLToPath(new URL('../views/locales', import.meta.url)), {});

  it('is a configuration the server takes, with texts that fit into an SMS (OTP-17)', () => {
    const shown = programs('json', '"issuer"').map((text) =>
      parseConfig(JSON.parse(text), { folder: '/', production: true }),
    );
    assert.deepEqual(
      shown.map(({ gateway, gateways }) => (gateways ?? [gateway!]).map(({ type }) => type)),
      [['zettai-reach', 'karaden', 'twilio'], ['acme']],
    );
    for (const config of shown) {
      const options = parseOptions({
        ...sekishoOptions(config),
        ...{ secrets: ['A'.repeat(43)], store: {}, gateways: placeholders(config), accounts: {} },
      });
      assert.deepEqual(textProblems(options, words), []);
    }
  });

  it('is every command', () => {
    const commands = [...HELP.matchAll(/^ {2}sekisho (\w+)/gm)].map(([, name]) => name!);
    assert.deepEqual(Object.keys(COMMANDS), [...new Set(commands)]);
    for (const file of READMES)
      for (const name of commands) assert.match(read(file), new RegExp(`\`(sekisho )?${name}\\b`), name);
  });

  it('is a signal that finds what it says', async () => {
    const { nightTime } = await load(...programs('js', 'nightTime'));
    const at = (hour: number) => nightTime({ clock: { now: () => Date.UTC(2026, 0, 1, hour) } }).assess();
    assert.deepEqual([await at(3), await at(12)], [[{ reason: 'night' }], []]);
  });
});

describe('both READMEs', () => {
  const [english, japanese] = READMES.map(read);

  it('have the same chapters, tables and program text', () => {
    assert.deepEqual(all(japanese!, /^#+ /gm), all(english!, /^#+ /gm));
    assert.deepEqual(all(japanese!, /^\| `[^`]+` \|/gm), all(english!, /^\| `[^`]+` \|/gm));
    const blocks = /```(js|json|sh)\n[\s\S]*?```/g;
    const bare = (text: string) => all(text, blocks).map((code) => code.replace(/ *(\/\/|#) .*/g, ''));
    assert.deepEqual(bare(japanese!), bare(english!));
  });
});
