import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readSecrets } from '../../src/server/config/secrets.ts';

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
});
