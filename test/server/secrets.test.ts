import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { readSecrets, readStoreSecrets } from '../../src/server/config/secrets.ts';
import { NO_REDIS, redisAvailable, startRedis } from '../support/redis.ts';
import { REDIRECT_URI, startTestServer } from '../support/test-server.ts';

describe('secrets that a configuration names (GWY-06)', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sekisho-secrets-'));
    await writeFile(join(folder, 'token'), 'from-file\n');
    await writeFile(join(folder, 'empty'), '\n');
  });
  after(() => rm(folder, { recursive: true }));

  const env = { TOKEN: 'from-env', EMPTY: '' };
  const read = (settings: object) => readSecrets(settings, 'gateways.0', { env, folder });
  const problems = (settings: object) => {
    try {
      read(settings);
    } catch (error) {
      return (error as { problems: { field: string; reason: string; fix: string }[] }).problems;
    }
    return [];
  };

  it('come from the environment and from files, at any depth, and nothing else is touched', () => {
    const settings = {
      plain: 'text',
      count: 3,
      token: { env: 'TOKEN' },
      deep: [{ secret: { file: 'token' } }, { env: 'TOKEN', more: true }],
      nothing: null,
    };
    assert.deepEqual(read(settings), {
      plain: 'text',
      count: 3,
      token: 'from-env',
      deep: [{ secret: 'from-file' }, { env: 'TOKEN', more: true }],
      nothing: null,
    });
  });

  it('that are not there are told all at once, with field, reason and fix', () => {
    const found = problems({
      a: { env: 'MISSING' },
      b: [{ env: 'EMPTY' }],
      c: { file: 'nowhere' },
      d: { file: 'empty' },
      e: { env: 'toString' },
    });
    assert.deepEqual(
      found.map(({ field }) => field),
      ['gateways.0.a', 'gateways.0.b.0', 'gateways.0.c', 'gateways.0.d', 'gateways.0.e'],
    );
    for (const { reason, fix } of found) assert.ok(reason.length > 10 && fix.length > 10);
  });

  it('are not quoted when another one is missing', () => {
    assert.ok(!JSON.stringify(problems({ a: { env: 'TOKEN' }, b: { env: 'MISSING' } })).includes('from-env'));
  });

  it('are never the settings themselves, also where one of them alone is called file', () => {
    assert.deepEqual(read({ file: 'token' }), { file: 'token' });
  });

  it('of a store are refused where they were never filled in, the password in an address too, and not quoted', () => {
    const wrong = (settings: object, variables: Record<string, string> = {}) => {
      try {
        readStoreSecrets(settings, { env: variables, folder });
      } catch (error) {
        assert.ok(!/canary/i.test((error as Error).message));
        return (error as { problems: { field: string }[] }).problems.map(({ field }) => field);
      }
      return [];
    };
    assert.deepEqual(wrong({ url: { env: 'URL' } }, { URL: 'redis://:%24CANARY_WORD@host' }), ['store.url']);
    assert.deepEqual(wrong({ url: '<canary>' }), ['store.url']);
    assert.deepEqual(wrong({ password: { env: 'WORD' } }, { WORD: 'canary\n' }), ['store.password']);
    assert.deepEqual(wrong({ sentinel: { password: '%CANARY%' } }), ['store.sentinel.password']);
    assert.deepEqual(wrong({ url: { env: 'MISSING' } }), ['store.url']);
    assert.deepEqual(wrong({ url: 'redis://:pa%25ss@host', password: 'fine', tls: { ca: 'x\n' } }), []);
  });
});

describe('a server whose configuration holds no secret', () => {
  const SECRET = 'secret-of-a-relying-party-0123456789';
  const client = (id: string, client_secret: unknown) => ({
    ...{ client_id: id, client_secret, redirect_uris: [REDIRECT_URI], response_types: ['code'] },
  });
  const clients = [client('own', { env: 'SECRETS_TEST_CLIENT' }), client('other', { file: 'client' })];
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sekisho-client-secrets-'));
    await writeFile(join(folder, 'client'), `${SECRET}\n`);
  });
  after(() => rm(folder, { recursive: true }));
  afterEach(() => {
    delete process.env['SECRETS_TEST_CLIENT'];
    delete process.env['SECRETS_TEST_REDIS'];
  });

  it('knows its relying parties by the secrets that it names', async () => {
    process.env['SECRETS_TEST_CLIENT'] = SECRET;
    const file = join(folder, 'client');
    const running = await startTestServer({ clients: [clients[0], client('other', { file })] as never });
    try {
      const ask = async (id: string, secret: string) => {
        const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
        const body = new URLSearchParams({ token: 'unknown' });
        const url = `${running.server.url}/token/introspection`;
        return (await fetch(url, { method: 'POST', headers: { authorization }, body })).status;
      };
      assert.deepEqual([await ask('own', SECRET), await ask('other', SECRET)], [200, 200]);
      assert.deepEqual([await ask('own', 'wrong'), await ask('other', 'wrong')], [401, 401]);
      assert.ok(!running.logged.some((line) => line.includes(SECRET)));
    } finally {
      await running.close();
    }
  });

  it('does not start where one is missing or was never filled in, and says which', async () => {
    await assert.rejects(startTestServer({ clients: clients as never }), (error: Error) => {
      assert.match(error.message, /^clients\.0\.client_secret: names the variable SECRETS_TEST_CLIENT/m);
      assert.match(error.message, /^clients\.1\.client_secret: names the file client/m);
      return true;
    });
    process.env['SECRETS_TEST_CLIENT'] = 'changeme';
    await assert.rejects(
      startTestServer({ clients: clients.slice(0, 1) as never }),
      /^ConfigurationError: clients\.0\.client_secret: is a placeholder/,
    );
    await assert.rejects(
      startTestServer({ clients: [client('own', { envv: 'X' })] as never }),
      /clients\.0\.client_secret\.envv: is not an option\. Did you mean env\?/,
    );
  });

  it('finds its Redis by an address that holds a password', {
    skip: !redisAvailable() && NO_REDIS,
  }, async () => {
    const redis = await startRedis({ args: ['--requirepass', 'pass-word-of-redis'] });
    process.env['SECRETS_TEST_REDIS'] = redis.url.replace('//', '//:pass-word-of-redis@');
    try {
      const running = await startTestServer({ store: { type: 'redis', url: { env: 'SECRETS_TEST_REDIS' } } });
      assert.equal((await fetch(`${running.at}/ready`)).status, 200);
      await running.close();
    } finally {
      await redis.stop();
    }
  });
});
