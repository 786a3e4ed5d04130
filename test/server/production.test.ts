import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ConfigurationError } from '../../src/errors.ts';
import { type ConfigInput, parseConfig } from '../../src/server/config.ts';
import { startDemo } from '../../src/server/demo.ts';
import { createKeyFile, keyFileIn } from '../../src/server/keys/file.ts';
import { generateKeys } from '../../src/server/keys.ts';
import { markDemo } from '../../src/server/parts.ts';
import { readPlugins } from '../../src/server/plugins.ts';
import { startServer } from '../../src/server/server.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { freePorts } from '../support/free-ports.ts';
import { writePlugin } from '../support/test-server.ts';

const silent = { info() {}, warn() {}, error() {} };
let folder: string;
let pigeons: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'production-'));
  const gateways = [{ name: 'pigeons', module: './part', export: 'createPigeons' }];
  const code = `export const createPigeons = ({ wings = 2 }) => ({
    name: 'pigeons', channels: ['sms'], send: async () => ({ outcome: 'accepted' }),
    findings: () => wings === 2 ? [] : [{ severity: 'fatal', message: 'cannot fly', fix: 'Give them two wings' }],
  });`;
  pigeons = await writePlugin(folder, 'pigeon-post', { gateways }, code);
});
after(() => rm(folder, { recursive: true }));

async function configIn(data: string, more: Partial<ConfigInput> = {}) {
  const port = await freePorts();
  const input = {
    ...{ issuer: 'https://id.example', trustedProxies: 1, port, data, countries: ['JP'], production: true },
    ...{ plugins: ['./pigeon-post'], gateway: { type: 'pigeons' } },
    ...more,
  };
  return parseConfig(input, { folder, production: false });
}

async function refusal(start: Promise<unknown>): Promise<string> {
  try {
    await start;
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: 'it started' });
}

describe('a server in production', () => {
  it('starts with a gateway of a plugin, https and keys of its own', async () => {
    const config = await configIn('good');
    await createKeyFile(keyFileIn(config.data), () => generateKeys(Date.now()));
    const server = await startServer(config, { log: silent });
    assert.equal((await fetch(`http://127.0.0.1:${server.port}/ready`)).status, 200);
    await server.close();
  });

  it('makes no keys: where they are missing, a disk may be missing', async () => {
    assert.match(
      await refusal(startServer(await configIn('bare'), { log: silent })),
      /keys\.json: is missing/,
    );
  });

  it('refuses the keys and the accounts of the demo', async () => {
    const keys = await configIn('demo-keys');
    await createKeyFile(keyFileIn(keys.data), () => generateKeys(Date.now(), true));
    assert.match(await refusal(startServer(keys, { log: silent })), /data: holds the keys of the demo/);
    const accounts = await configIn('demo-accounts');
    await createKeyFile(keyFileIn(accounts.data), () => generateKeys(Date.now()));
    const store = await openSqliteStore({ file: join(accounts.data, 'sekisho.db') });
    await markDemo(store, Date.now());
    await store.close();
    assert.match(
      await refusal(startServer(accounts, { log: silent })),
      /store: holds the accounts of the demo/,
    );
  });

  it('refuses what a part says is unsafe, and leaves nothing open', async () => {
    const config = await configIn('unsafe', { gateway: { type: 'pigeons', wings: 1 } });
    await createKeyFile(keyFileIn(config.data), () => generateKeys(Date.now()));
    assert.match(await refusal(startServer(config, { log: silent })), /cannot fly\. Give them two wings/);
    const again = await startServer({ ...config, gateway: { type: 'pigeons' } }, { log: silent });
    await again.close();
  });

  it('refuses a client that the library would refuse later', async () => {
    const config = await configIn('client', { clients: [{ client_id: 'app' }] });
    await createKeyFile(keyFileIn(config.data), () => generateKeys(Date.now()));
    assert.match(
      await refusal(startServer(config, { log: silent })),
      /^clients\.0 \(app\): client_secret is mandatory/,
    );
  });

  it('has no demo', async () => {
    process.env['NODE_ENV'] = 'production';
    try {
      assert.match(await refusal(startDemo({ port: await freePorts(), data: folder })), /^demo: /);
    } finally {
      delete process.env['NODE_ENV'];
    }
  });
});

describe('the demo and a folder of a real server', () => {
  it('stay apart', async () => {
    const data = join(folder, 'real');
    await createKeyFile(keyFileIn(data), () => generateKeys(Date.now()));
    const start = startDemo({ port: await freePorts(), data, log: silent });
    assert.match(await refusal(start), /belongs to a server/);
  });
});

describe('plugins', () => {
  const load = (plugins: string[], name = 'pigeons') =>
    readPlugins(plugins, folder).load('gateways', name, 'gateway.type');

  it('provide parts by name, beside ours, which come through our own card', async () => {
    const ours = readPlugins([], folder).names('gateways');
    assert.equal(ours[0], 'handset');
    const names = readPlugins([pigeons.replace(folder, '.')], folder).names('gateways');
    assert.deepEqual(names, [...ours, 'pigeons']);
    assert.deepEqual(readPlugins([], folder).names('stores'), ['sqlite', 'redis']);
    for (const name of readPlugins([], folder).names('signals')) {
      assert.equal(typeof (await readPlugins([], folder).load('signals', name, 'signals')), 'function');
    }
    assert.equal(typeof (await load(['./pigeon-post'])), 'function');
  });

  it('are found in node_modules, through the exports of the package where it has some', async () => {
    const root = join(folder, 'node_modules');
    const card = { gateways: [{ name: 'owls', module: './owls', export: 'createOwls' }] };
    const owls = await writePlugin(root, 'owl-post', card, 'export const createOwls = () => ({});');
    const { writeFile } = await import('node:fs/promises');
    const exported = { name: 'owl-post', type: 'module', exports: { './owls': './part.js' } };
    await writeFile(join(owls, 'package.json'), JSON.stringify(exported));
    assert.equal(typeof (await load(['owl-post'], 'owls')), 'function');
  });

  it('are refused in one line where they are missing or wrong', async () => {
    await writePlugin(folder, 'no-card', { gateways: 'none' }, '');
    const copy = { gateways: [{ name: 'handset', module: './part', export: 'x' }] };
    await writePlugin(folder, 'copy', copy, '');
    const liar = { gateways: [{ name: 'liar', module: './part', export: 'missing' }] };
    await writePlugin(folder, 'liar', liar, 'export const present = 1;');
    const broken = { gateways: [{ name: 'broken', module: './part', export: 'x' }] };
    await writePlugin(folder, 'broken', broken, 'throw new Error("no\\nway")');
    const refused = async (work: () => Promise<unknown>) => {
      const message = await refusal(Promise.resolve().then(work));
      assert.equal(message.split('\n').length, 1);
      return message;
    };
    assert.match(await refused(() => load(['nobody-has-this'])), /is not installed\. Run: npm install/);
    assert.match(await refused(() => load(['./no-card'])), /whose gateways is not usable/);
    assert.match(await refused(() => load(['./copy'])), /"handset", which sekisho has already/);
    assert.match(await refused(() => load(['./liar'], 'liar')), /has no export missing/);
    assert.match(await refused(() => load(['./broken'], 'broken')), /cannot be loaded: no/);
    assert.match(await refused(() => load([], 'owls')), /there is no "owls"\. Use one of handset/);
  });
});

describe('a store that fails', () => {
  it('makes the server not ready, and a page tell nothing (WEB-14, OPS-01)', async () => {
    const sqlite = new URL('../../src/stores/sqlite.ts', import.meta.url).href;
    const code = `import { openSqliteStore } from ${JSON.stringify(sqlite)};
      export async function openFlaky() {
        const store = await openSqliteStore({ file: ':memory:' });
        const fails = () => globalThis.storeFails;
        return Object.fromEntries(Object.entries(store).map(([name, what]) => [name,
          typeof what === 'function' ? async (...args) => {
            if (fails()) throw new Error('canary /srv/secret.db');
            return what(...args);
          } : what]));
      }`;
    const stores = [{ name: 'flaky', module: './part', export: 'openFlaky' }];
    await writePlugin(folder, 'flaky', { stores }, code);
    const logged: string[] = [];
    const line = (fields: object, message: string) =>
      void logged.push(JSON.stringify({ ...fields, message }));
    const port = await freePorts();
    const input = {
      ...{ issuer: `http://localhost:${port}`, port, gateway: { type: 'handset' }, countries: ['JP'] },
      ...{ plugins: ['./flaky'], store: { type: 'flaky' }, data: 'flaky-data' },
      clients: [{ client_id: 'a', client_secret: 'b'.repeat(32), redirect_uris: ['https://a.example/cb'] }],
    };
    const config = parseConfig(input, { folder, production: false });
    const server = await startServer(config, { log: { info: line, warn: line, error: line } });
    const world = globalThis as { storeFails?: boolean };
    world.storeFails = true;
    try {
      for (const [path, statuses] of [
        ['/ready', [503]],
        ['/health', [200]],
        [
          '/auth?client_id=a&redirect_uri=https://a.example/cb&response_type=code&scope=openid&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256',
          [503],
        ],
        // A browser without the cookie of the interaction is turned away before the store is asked.
        ['/sekisho/aaaaaaaaaaaaaaaa', [404]],
      ] as const) {
        const headers = { accept: 'text/html', cookie: 'session=aaaaaaaaaaaaaaaa' };
        const response = await fetch(`${server.url}${path}`, { headers, redirect: 'manual' });
        assert.ok((statuses as readonly number[]).includes(response.status), `${path}: ${response.status}`);
        assert.doesNotMatch(await response.text(), /canary|secret\.db|\.ts:\d/);
      }
      assert.doesNotMatch(logged.join('\n'), /canary/, 'an unforeseen error may quote anything');
    } finally {
      world.storeFails = false;
      await server.close();
    }
  });
});
