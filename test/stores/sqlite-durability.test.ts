import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { key, type Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';

const NOW = Date.UTC(2024, 0, 15);
const CHALLENGE = key('ann', 'challenge');
const TALLY = key('ann', 'tally');
const MAX_TRIES = 250;

describe('the SQLite store when its process dies', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sekisho-durability-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('has every write it answered after kill -9 (OPS-02)', async () => {
    file = join(folder, 'writes.db');
    const answered = await killAfter(150, file, WRITES);
    await withStore(file, async (store) => {
      for (const number of answered) assert.deepEqual(await store.get(key('kept', number), NOW), { number });
    });
  });

  it('compares no more codes than the limit over 20 rounds of kill -9 (OTP-13)', async () => {
    file = join(folder, 'attempts.db');
    await withStore(file, (store) =>
      store.openChallenge(CHALLENGE, {
        data: null,
        now: NOW,
        expiresAt: NOW + 300_000,
        keepUntil: NOW + 600_000,
        channel: 'sms',
      }),
    );
    let compared = 0;
    for (let round = 1; round <= 20; round++) {
      compared += (await killAfter(round, file, ATTEMPTS)).length;
      const { tries, failures } = await withStore(file, counters);
      assert.ok(tries >= compared, `${compared} answers were given, ${tries} are counted`);
      assert.equal(failures, tries, 'the challenge and the authenticator are counted in one step');
      assert.ok(compared <= MAX_TRIES);
    }
  });

  it('refuses a second process, and names the store for several of them (OPS-05)', async () => {
    file = join(folder, 'locked.db');
    const refused = { code: 'store_unavailable', message: /Another process has .*locked\.db open.*Redis/ };
    await withStore(file, async () => {
      const second = run(file, "console.log('opened'); process.exit()");
      assert.match(await outputOf(second), /store_unavailable Another process has .*locked\.db open.*Redis/);
      await assert.rejects(openSqliteStore({ file }), refused, 'and a second time in one process');
    });
    await withStore(file, (store) => store.ping());
  });
});

/** Children write one line for each thing the store answered, and go on until they are killed. */
const WRITES = `
  for (let number = 0; ; number++) {
    await store.put(\`{kept}\${number}\`, { number: String(number) }, null, 0);
    say(number);
  }`;
const ATTEMPTS = `
  const request = { challenge: '${CHALLENGE}', tally: '${TALLY}', now: ${NOW}, expected: ['right'], given: 'wrong',
    maxTries: ${MAX_TRIES}, ceiling: 1e6, delays: [], tallyExpiresAt: null };
  for (;;) {
    const { result } = await store.attempt(request);
    if (result === 'wrong') say(result);
    else say('over');
    await new Promise(setImmediate);
  }`;

function run(file: string, work: string): ChildProcess {
  const store = new URL('../../src/stores/sqlite.ts', import.meta.url);
  const code = `
    import { writeSync } from 'node:fs';
    import { openSqliteStore } from '${store}';
    const say = (text) => writeSync(1, text + '\\n');
    try {
      const store = await openSqliteStore({ file: ${JSON.stringify(file)} });
      ${work}
    } catch (error) {
      say(error.code + ' ' + error.message);
    }`;
  return spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
}

/** Everything the child said before it died; it is killed once it said so many lines. */
async function killAfter(lines: number, file: string, work: string): Promise<string[]> {
  const child = run(file, work);
  const said: string[] = [];
  for await (const line of createInterface(child.stdout!)) {
    assert.doesNotMatch(line, /store_unavailable/);
    if (line !== 'over') said.push(line);
    if (said.length >= lines || line === 'over') child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return said;
}

async function outputOf(child: ChildProcess): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout!)) lines.push(line);
  return lines.join('\n');
}

async function counters(store: Store): Promise<{ tries: number; failures: number }> {
  const state = await store.readChallenge(CHALLENGE);
  const { failures } = await store.readTally(TALLY, NOW);
  return { tries: state!.tries, failures };
}

async function withStore<T>(file: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openSqliteStore({ file });
  return work(store).finally(() => store.close());
}
