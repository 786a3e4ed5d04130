import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoreFinding } from '../../src/ports/store.ts';
import { openRedisStore, type RedisOptions } from '../../src/stores/redis.ts';
import { NO_REDIS, type RedisServer, redisAvailable, startRedis } from '../support/redis.ts';

const SNAPSHOTS_ONLY = ['--appendonly', 'no', '--save', '900 1'];
const NOTHING_ON_DISK = ['--appendonly', 'no', '--save', ''];

describe('what is unsafe about a Redis (OPS-02)', { skip: redisAvailable() ? false : NO_REDIS }, () => {
  it('nothing, when it evicts nothing and appends to a file', async () => {
    assert.deepEqual(await findingsOf([]), []);
  });

  it('that it answers before it is on disk: a warning (fault H.1)', async () => {
    const [finding, ...others] = await findingsOf(['--appendfsync', 'everysec']);
    assert.equal(finding?.severity, 'warning');
    assert.match(finding.fix, /appendfsync always/);
    assert.deepEqual(others, []);
  });

  it('that fewer replicas follow than waitForReplicas asks for: a warning, for nobody can bind a number', async () => {
    const server = await startRedis({ args: ['--appendfsync', 'always'] });
    try {
      const store = await openRedisStore({ url: server.url, waitForReplicas: 1 });
      const [finding, ...others] = await store.findings().finally(() => store.close());
      assert.equal(finding?.severity, 'warning');
      assert.match(finding.message, /has 0 replicas, and waitForReplicas is 1/);
      assert.deepEqual(others, []);
    } finally {
      await server.stop();
    }
  });

  it('that it evicts keys: fatal, with the setting that helps', async () => {
    const [finding, ...others] = await findingsOf(['--maxmemory-policy', 'allkeys-lru']);
    assert.equal(finding?.severity, 'fatal');
    assert.match(finding.message, /allkeys-lru/);
    assert.match(finding.fix, /maxmemory-policy noeviction/);
    assert.deepEqual(others, []);
  });

  it('that it writes nothing to disk: fatal, with the setting that helps', async () => {
    const [finding, ...others] = await findingsOf(NOTHING_ON_DISK);
    assert.equal(finding?.severity, 'fatal');
    assert.match(finding.fix, /appendonly yes/);
    assert.deepEqual(others, []);
  });

  it('that it takes snapshots only: a warning', async () => {
    const [finding, ...others] = await findingsOf(SNAPSHOTS_ONLY);
    assert.equal(finding?.severity, 'warning');
    assert.deepEqual(others, []);
  });

  it('that it forbids CONFIG, as managed ones do: a warning that says what to verify by hand', async () => {
    const [finding, ...others] = await findingsOf(NOTHING_ON_DISK, '-config');
    assert.equal(finding?.severity, 'warning');
    assert.match(finding.fix, /Verify .* append-only .* snapshots/);
    assert.deepEqual(others, []);
  });

  it('that it forbids INFO as well: a warning for each setting', async (t) => {
    t.mock.method(console, 'warn', () => {});
    const findings = await findingsOf([], '-config', '-info');
    assert.deepEqual(
      findings.map(({ severity }) => severity),
      ['warning', 'warning'],
    );
    assert.match(findings[0]!.fix, /maxmemory-policy/);
  });
});

/** Asks a server with these arguments, as a user without some commands. */
async function findingsOf(args: string[], ...forbidden: string[]): Promise<StoreFinding[]> {
  const server = await startRedis({ args: ['--appendfsync', 'always', ...args] });
  try {
    const options = forbidden.length === 0 ? { url: server.url } : await asUser(server, forbidden);
    const store = await openRedisStore(options);
    return await store.findings().finally(() => store.close());
  } finally {
    await server.stop();
  }
}

async function asUser({ cli, url }: RedisServer, forbidden: string[]): Promise<RedisOptions> {
  await cli('ACL', 'SETUSER', 'limited', 'on', '>secret', '~*', '&*', '+@all', ...forbidden);
  return { url, username: 'limited', password: 'secret' };
}
