import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ERROR_CODES } from '../src/errors.ts';
import { committedFiles, read } from './support/source-text.ts';

const files = committedFiles();
const sources = files.filter((path) => path.startsWith('src/') && path.endsWith('.ts'));

describe('what a host gets', () => {
  const manifest = JSON.parse(read('package.json')) as { exports: Record<string, Entry> };
  type Entry = string | { source: string; types: string; default: string };

  it('is there for every entry of the package', async () => {
    for (const [name, entry] of Object.entries(manifest.exports)) {
      if (typeof entry === 'string') assert.ok(files.includes(entry.slice(2)), entry);
      else for (const part of partsOf(entry.source)) await assertLoads(name.replace('*', part), entry, part);
    }
  });

  it('is locked at what package.json asks for', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, object> };
    const parts = [
      'version',
      'dependencies',
      'devDependencies',
      'peerDependencies',
      'bin',
      'engines',
    ] as const;
    const [asked, locked] = [manifest, lock.packages['']].map((from) =>
      parts.map((part) => (from as Partial<Record<(typeof parts)[number], unknown>>)[part]),
    );
    assert.deepEqual(locked, asked);
  });

  async function assertLoads(name: string, entry: Exclude<Entry, string>, part: string): Promise<void> {
    const loaded = (await import(name.replace('.', 'sekisho'))) as object;
    assert.ok(Object.keys(loaded).length > 0, `${name} exports nothing`);
    const source = entry.source.replace('*', part);
    assert.equal(entry.default.replace('*', part), source.replace('src', 'dist').replace(/\.ts$/, '.js'));
    assert.equal(entry.types.replace('*', part), source.replace('src', 'dist').replace(/\.ts$/, '.d.ts'));
  }

  /** What a `*` stands for; one empty part where there is none. */
  function partsOf(source: string): string[] {
    if (!source.includes('*')) return [''];
    const folder = source.slice(2, source.indexOf('*'));
    const there = sources.filter(
      (path) => path.startsWith(folder) && !path.slice(folder.length).includes('/'),
    );
    assert.ok(there.length > 0, `there is nothing in ${folder}`);
    return there.map((path) => path.slice(folder.length, -3));
  }

  it('prints nothing in a view without escaping it, but other views (WEB-11)', () => {
    const raw = files
      .filter((path) => path.endsWith('.ejs'))
      .flatMap((path) =>
        [...read(path).matchAll(/<%-(.*?)-?%>/gs)].map(([, code]) => ({ path, code: code!.trim() })),
      )
      .filter(({ code }) => !/^include\('[\w/-]+'(, \{[^}]*\})?\);?$/.test(code));
    assert.deepEqual(raw, []);
  });

  it('says everything in every language, with the same placeholders', () => {
    const locales = files.filter((path) => path.startsWith('views/locales/'));
    const [first, ...others] = locales.map((path) => placeholders(read(path)));
    assert.ok(others.length > 0);
    for (const other of others) assert.deepEqual(other, first);
    for (const code of ERROR_CODES) assert.ok(first && `error.${code}` in first, `no text for ${code}`);
  });
});

function placeholders(json: string): Record<string, string[]> {
  const texts = Object.entries(JSON.parse(json) as Record<string, string>);
  const named = texts.map(([name, text]) => [name, [...new Set(text.match(/\{\w+\}/g))].sort()] as const);
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}
