import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/server/config.ts';
import { startServer } from '../../src/server/server.ts';
import { storeIdFileIn } from '../../src/server/store-identity.ts';
import { commandIn } from '../support/command.ts';

const { folder, run, write, configuration } = commandIn('store-identity-');
const silent = { info() {}, warn() {}, error() {} };

async function readyOf(input: object) {
  const warned: string[] = [];
  const warn = (fields: object, text: string) => void warned.push(JSON.stringify({ ...fields, text }));
  const config = parseConfig(input, { folder, production: false });
  const server = await startServer(config, { log: { ...silent, warn } });
  try {
    const response = await fetch(`${server.url}/ready`);
    return { status: response.status, body: (await response.json()) as Record<string, string>, warned };
  } finally {
    await server.close();
  }
}

describe('a server whose database is gone (fault A.3)', () => {
  it('starts, is not ready, says what to do, and is ready once an operator confirmed it', async () => {
    const input = await configuration('data');
    write('c.json', input);
    assert.equal((await readyOf(input)).status, 200, 'the first start needs no hand');
    assert.equal((await readyOf(input)).status, 200);
    const id = await readFile(storeIdFileIn(join(folder, 'data')), 'utf8');
    for (const end of ['', '-wal', '-shm'])
      await rm(join(folder, 'data', `sekisho.db${end}`), { force: true });

    const { status, body, warned } = await readyOf(input);
    assert.equal(status, 503);
    assert.equal(body['store'], 'emptied');
    assert.match(body['advice']!, /backup.*sekisho store confirm/);
    assert.match(warned.join(), /store\.trust/);
    assert.equal(
      await readFile(storeIdFileIn(join(folder, 'data')), 'utf8'),
      id,
      'a restart changes nothing',
    );

    const shown = await run(['store', 'show', '--config', 'c.json']);
    assert.equal(shown.code, 1);
    assert.match(shown.out, /^state {2}emptied$/m);
    const confirmed = await run(['store', 'confirm', '--config', 'c.json']);
    assert.equal(confirmed.code, 0, confirmed.err);
    assert.match(confirmed.out, /^state {2}ok$/m);
    assert.equal((await readyOf(input)).status, 200);
  });

  it('goes by storeId where the folder cannot keep one, and says which to set', async () => {
    const input = await configuration('other');
    write('d.json', { ...input, storeId: 'another' });
    const { status, body } = await readyOf({ ...input, storeId: 'another' });
    assert.deepEqual([status, body['store']], [503, 'emptied']);
    const { code, out } = await run(['store', 'confirm', '--config', 'd.json']);
    assert.equal(code, 1);
    const [, id] = /^storeId names another store\. Set storeId to ([\w-]+)\.$/m.exec(out)!;
    assert.equal((await readyOf({ ...input, storeId: id })).status, 200);
  });
});
