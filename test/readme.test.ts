import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { json } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { COMMANDS, HELP } from '../src/cli/commands.ts';
import { optionsJsonSchema } from '../src/options.ts';
import type { Gateway } from '../src/ports/gateway.ts';
import { parseConfig } from '../src/server/config.ts';
import { committedFiles, read } from './support/source-text.ts';

type Schema = { properties?: Record<string, Schema>; default?: unknown };

const READMES = ['README.md', 'README.ja.md'];
const manifest = JSON.parse(read('plugin-manifest.json')) as Record<
  'gateways' | 'signals' | 'stores',
  { name: string }[]
>;

/** Options that are values; what `clients` holds is listed under `defaultClient`, and these two are one value each. */
const WHOLE = ['acr', 'alternative'];
function leaves(schema: Schema, path = ''): { path: string; value: unknown }[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    inner.properties && !WHOLE.includes(name)
      ? leaves(inner, `${path}${name}.`)
      : [{ path: path + name, value: inner.default }],
  );
}

/** A default as the table writes it; undefined where there is none, or where it is an object or comes from outside. */
function written({ path, value }: { path: string; value: unknown }): string | undefined {
  if (path === 'production' || value === undefined) return undefined;
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'object' ? undefined : String(value);
}

for (const file of READMES) {
  describe(file, () => {
    const text = read(file);
    const rows = new Map(
      text.split('\n').flatMap((line) => {
        const name = /^\| `([\w.-]+)` \|/.exec(line)?.[1];
        return name === undefined ? [] : [[name, line] as const];
      }),
    );

    it('lists every option with its default', () => {
      for (const option of leaves(optionsJsonSchema() as Schema)) {
        const row = rows.get(option.path);
        assert.ok(row, `says nothing about ${option.path}`);
        const value = written(option);
        if (value !== undefined) assert.ok(row.includes(`\`${value}\``), `${option.path}: \`${value}\``);
      }
    });

    it('lists every event', () => {
      const types = [...read('src/events.ts').matchAll(/type: '([\w.]+)'/g)].map(([, type]) => type!);
      assert.ok(types.length > 0);
      assert.deepEqual(
        types.filter((type) => !rows.has(type)),
        [],
      );
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
  const english = read('README.md');
  const code = (language: string, sign: string) =>
    [...english.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))]
      .map(([, program]) => program!)
      .find((program) => program.includes(sign))!;
  const load = async (program: string) => import(`data:text/javascript,${encodeURIComponent(program)}`);

  it('is a configuration the server takes', () => {
    const config = parseConfig(JSON.parse(code('json', '"issuer"')), { folder: '/', production: true });
    assert.equal(config.gateway.type, 'acme');
  });

  it('is every command', () => {
    const commands = [...HELP.matchAll(/^ {2}sekisho (\w+)/gm)].map(([, name]) => name!);
    assert.deepEqual(Object.keys(COMMANDS), [...new Set(commands)]);
    for (const file of READMES)
      for (const name of commands) assert.match(read(file), new RegExp(`\`(sekisho )?${name}\\b`), name);
  });

  it('is a gateway that tells what happened (GWY-02, GWY-07)', async () => {
    const requests: { headers: IncomingHttpHeaders; body: unknown }[] = [];
    let status = 202;
    const vendor = createServer(async (req, res) => {
      requests.push({ headers: req.headers, body: await json(req) });
      res.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(vendor, 'listening');
    const { createAcme } = await load(code('js', 'createAcme'));
    const url = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
    const gateway: Gateway = createAcme({ url, token: 'secret', from: 'Example' });
    const message = {
      id: 'one',
      to: '+819012345678',
      text: '1\n@id #1',
      channel: 'sms',
      locale: 'ja',
    } as const;
    const outcomes = [];
    for (status of [202, 429, 403, 500]) outcomes.push(await gateway.send(message));
    vendor.close();
    assert.deepEqual(outcomes, [
      { outcome: 'accepted' },
      { outcome: 'rejected', class: 'throttled' },
      { outcome: 'rejected', class: 'permanent' },
      { outcome: 'ambiguous' },
    ]);
    assert.equal(requests[0]!.headers['idempotency-key'], 'one');
    assert.deepEqual(requests[0]!.body, { from: 'Example', to: message.to, text: message.text });
  });

  it('is a signal that finds what it says', async () => {
    const { nightTime } = await load(code('js', 'nightTime'));
    const at = (hour: number) => nightTime({ clock: { now: () => Date.UTC(2026, 0, 1, hour) } }).assess();
    assert.deepEqual([await at(3), await at(12)], [[{ reason: 'night' }], []]);
  });
});

describe('both READMEs', () => {
  const [english, japanese] = READMES.map(read);
  const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([whole]) => whole);

  it('have the same chapters, tables and program text', () => {
    assert.deepEqual(all(japanese!, /^#+ /gm), all(english!, /^#+ /gm));
    assert.deepEqual(all(japanese!, /^\| `[^`]+` \|/gm), all(english!, /^\| `[^`]+` \|/gm));
    const programs = /```(js|json|sh)\n[\s\S]*?```/g;
    const bare = (text: string) => all(text, programs).map((code) => code.replace(/ *(\/\/|#) .*/g, ''));
    assert.deepEqual(bare(japanese!), bare(english!));
  });
});
