import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { interactionPolicy } from 'oidc-provider';
import { createDirectory } from '../src/accounts/directory.ts';
import { deriveAssurance } from '../src/domain/assurance.ts';
import { HOST_METHODS } from '../src/domain/factors.ts';
import { createHandset } from '../src/gateways/handset.ts';
import { createSekisho, type Sekisho } from '../src/index.ts';
import { optionsJsonSchema } from '../src/options.ts';
import { HANDLERS } from '../src/pages/handlers.ts';
import { systemClock } from '../src/ports/clock.ts';
import { openSqliteStore } from '../src/stores/sqlite.ts';
import { SECRET } from './support/host.ts';
import { committedFiles, ROOT, read } from './support/source-text.ts';

type Part = { name: string; module: string; export: string };
type Manifest = Record<'prompts' | 'acr' | 'amr' | 'views' | 'locales', string[]> &
  Record<'gateways' | 'notifiers' | 'signals' | 'stores', Part[]> & {
    name: string;
    version: string;
    description: string;
    entry: { module: string; export: string };
    requires: Record<string, string>;
    routes: { method: string; path: string; what: string }[];
    secrets: { option: string }[];
    options: object;
  };

const manifest = JSON.parse(read('plugin-manifest.json')) as Manifest;
const packageJson = JSON.parse(read('package.json'));
const sorted = (list: Iterable<string>) => [...list].sort();

describe('plugin-manifest.json is true about', () => {
  let sekisho: Sekisho;
  before(async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    sekisho = await createSekisho({
      issuer: 'http://localhost',
      secrets: [SECRET],
      store,
      gateway: createHandset(),
      accounts: createDirectory({ store, clock: systemClock }),
      signUp: true,
      countries: ['JP'],
      log: { info() {}, warn() {}, error() {} },
    });
  });
  after(() => sekisho.close());

  it('the package', async () => {
    const { name, version, description, engines, peerDependencies } = packageJson;
    assert.deepEqual([manifest.name, manifest.version, manifest.description], [name, version, description]);
    const { node, 'oidc-provider': provider } = manifest.requires;
    assert.deepEqual([node, provider], [engines.node, peerDependencies['oidc-provider']]);
    const { module, export: entry } = manifest.entry;
    const loaded = (await import(module.replace('.', 'sekisho'))) as Record<string, unknown>;
    assert.equal(typeof loaded[entry], 'function');
  });

  it('prompts and acr values', () => {
    const { interactions, acrValues } = sekisho.configure({ cookies: { keys: ['key'] } });
    const stock = new Set(interactionPolicy.base().map(({ name }) => name));
    const added = interactions!.policy!.map(({ name }) => name).filter((name) => !stock.has(name));
    assert.deepEqual(sorted(manifest.prompts), sorted(added));
    assert.deepEqual(sorted(manifest.acr), sorted(acrValues as string[]));
  });

  it('amr values (OID-01)', () => {
    const first = { method: 'pwd', at: 0 };
    const acr = { mfa: 'mfa', sfa: 'sfa' };
    const ofHost = Object.keys(HOST_METHODS);
    const all = [undefined, 'sms', 'tel', ...ofHost].flatMap((method) => {
      const second = method === undefined ? [] : [{ method, at: 0, userPresent: true as const }];
      return deriveAssurance([first, ...second], { acr, requested: [] }).amr;
    });
    assert.deepEqual(sorted(manifest.amr), sorted(new Set(all)));
  });

  it('routes', () => {
    const page = '{mountPath}/{uid}';
    const forms = Object.keys(HANDLERS).map((name) => `POST ${page}/${name}`);
    const hook = '{mountPath}/hooks/{gateway}/{token}';
    const hooks = ['GET', 'POST'].flatMap((method) =>
      ['', '/{id}', '/{id}/answer'].map((rest) => `${method} ${hook}${rest}`),
    );
    const expected = [
      `GET ${page}`,
      `GET ${page}/alternative`,
      `GET ${page}/events`,
      'GET {mountPath}/assets/{file}',
      ...forms,
      ...hooks,
    ];
    const handset = createHandset().routes!.path;
    const listed = manifest.routes.map(({ method, path }) => `${method} ${path}`);
    const [ours, theirs] = [true, false].map((mounted) =>
      sorted(listed.filter((route) => route.includes('{mountPath}') === mounted)),
    );
    assert.deepEqual(ours, sorted(expected));
    assert.ok(theirs!.length > 0);
    for (const route of theirs!) assert.ok(route.includes(` ${handset}`), route);
  });

  it('views and languages', () => {
    const files = committedFiles().filter((path) => path.startsWith('views/'));
    const names = files.map((path) => path.slice('views/'.length));
    const isLocale = (name: string) => name.startsWith('locales/');
    assert.deepEqual(sorted(manifest.views), sorted(names.filter((name) => !isLocale(name))));
    const tags = names.filter(isLocale).map((name) => name.slice('locales/'.length, -'.json'.length));
    assert.deepEqual(sorted(manifest.locales), sorted(tags));
  });

  for (const kind of ['gateways', 'notifiers', 'signals', 'stores'] as const) {
    it(`${kind}: one file, one entry`, async () => {
      const files = readdirSync(join(ROOT, 'src', kind)).filter((file) => file.endsWith('.ts'));
      assert.deepEqual(
        sorted(manifest[kind].map(({ name }) => name)),
        sorted(files.map((file) => file.slice(0, -3))),
      );
      for (const { name, module, export: made } of manifest[kind]) {
        assert.equal(module, `./${kind}/${name}`);
        const loaded = (await import(module.replace('.', 'sekisho'))) as Record<string, unknown>;
        assert.equal(typeof loaded[made], 'function', `${module} has no ${made}`);
      }
    });
  }

  it('options and secrets', () => {
    assert.deepEqual(withoutSurroundings(manifest.options), withoutSurroundings(optionsJsonSchema()));
    for (const { option } of manifest.secrets) assert.ok(option in optionsIn(manifest.options), option);
  });
});

type Schema = { properties?: Record<string, Schema>; default?: unknown };
const optionsIn = (schema: object) => (schema as Schema).properties ?? {};

/** The default of `production` comes from NODE_ENV. */
function withoutSurroundings(schema: unknown): Schema {
  const copy = structuredClone(schema) as Schema;
  delete copy.properties!['production']!.default;
  return copy;
}
