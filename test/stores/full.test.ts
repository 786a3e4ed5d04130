import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openRedisStore } from '../../src/stores/redis.ts';
import { NO_REDIS, redisAvailable, startRedis } from '../support/redis.ts';

const STORE = new URL('../../src/stores/sqlite.ts', import.meta.url).href;

describe('a ping of a store that takes no writes fails (fault H.3)', () => {
  it('SQLite, when files cannot grow', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sekisho-full-'));
    const program = `
      const { openSqliteStore } = await import(${JSON.stringify(STORE)});
      const store = await openSqliteStore({ file: ${JSON.stringify(join(folder, 'full.db'))} });
      await store.ping();
      let written = 0;
      try {
        for (;; written += 1) await store.put('{k}' + written, 'x'.repeat(4000), null, 0);
      } catch {}
      const answer = await store.ping().then(() => 'fine', (error) => error.code);
      console.log(JSON.stringify({ written, answer, reads: await store.get('{k}0', 0) !== undefined }));`;
    try {
      // Blocks of 1024 bytes: a disk with half a megabyte.
      const command = `ulimit -f 512; exec "$0" --input-type=module -e "$1"`;
      const { stdout, stderr } = spawnSync('bash', ['-c', command, process.execPath, program], {
        encoding: 'utf8',
      });
      assert.notEqual(stdout, '', stderr);
      const { written, answer, reads } = JSON.parse(stdout);
      assert.ok(written > 10);
      assert.deepEqual([answer, reads], ['store_unavailable', true]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('Redis, out of memory or without the replicas it wants', {
    skip: redisAvailable() ? false : NO_REDIS,
  }, async () => {
    const redis = await startRedis();
    const store = await openRedisStore({ url: redis.url });
    try {
      await store.ping();
      for (const [setting, bad, good] of [
        ['maxmemory', '1', '0'],
        ['min-replicas-to-write', '1', '0'],
      ] as const) {
        await redis.cli('CONFIG', 'SET', setting, bad);
        await assert.rejects(store.ping(), { code: 'store_unavailable' }, setting);
        await redis.cli('CONFIG', 'SET', setting, good);
        await store.ping();
      }
    } finally {
      await store.close();
      await redis.stop();
    }
  });
});
