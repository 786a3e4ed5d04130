import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { key, type Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { aChallenge, anAttempt, MINUTE, NOW } from '../../src/testing/bench.ts';

const HOUR = 60 * MINUTE;
const challenge = key('ann', 'challenge');
const tally = key('ann', 'tally');
const right = (now: number) => anAttempt({ challenge, tally }, { given: 'right', now });

describe('the time of the SQLite store', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sekisho-time-'));
  });
  after(() => rm(folder, { recursive: true }));
  const openAt = (name: string) => openSqliteStore({ file: join(folder, name) });

  it('voids every code when it steps back, for good (attack 17)', async () => {
    const store = await openAt('back.db');
    await store.openChallenge(challenge, aChallenge());
    await step(store, NOW + 4 * MINUTE);
    await step(store, NOW + 4 * MINUTE - HOUR);
    assert.deepEqual(await store.attempt(right(NOW + 1)), { result: 'expired' });
    const state = await store.readChallenge(challenge);
    assert.deepEqual([state?.status, state?.expiresAt], ['live', 0], 'a new code may be sent');
    await store.close();
  });

  it('does so too when it stepped back while nothing ran (attack 17)', async () => {
    const first = await openAt('restart.db');
    await first.openChallenge(challenge, aChallenge());
    await step(first, NOW + 4 * MINUTE);
    await first.close();
    const second = await openAt('restart.db');
    await step(second, NOW - HOUR);
    assert.deepEqual(await second.attempt(right(NOW + 1)), { result: 'expired' });
    await second.close();
  });

  it('lets codes live through a restart, and through requests that come a little late', async () => {
    const first = await openAt('late.db');
    await first.openChallenge(challenge, aChallenge());
    await step(first, NOW + MINUTE);
    await first.close();
    const second = await openAt('late.db');
    await step(second, NOW + MINUTE - 20_000);
    assert.equal((await second.attempt(right(NOW + MINUTE))).result, 'verified');
    await second.close();
  });

  it('empties nothing when it jumps thirty days ahead for a moment (attack 17)', async () => {
    const store = await openAt('ahead.db');
    const kept = Array.from({ length: 40 }, (_, at) => key(`kept${at}`, 'x'));
    for (const one of kept) await store.put(one, 1, NOW + 12 * HOUR, NOW);
    for (let round = 0; round < 5; round += 1) await step(store, NOW + 720 * HOUR + round);
    await step(store, NOW + 1);
    for (const one of kept) assert.equal(await store.get(one, NOW + 1), 1);
    await store.close();
  });

  it('gives the disk back what a flood has taken, an hour after it (fault H.8)', async () => {
    const store = await openAt('flood.db');
    const file = join(folder, 'flood.db');
    const body = 'x'.repeat(4500);
    for (let at = 0; at < 4000; at += 1) await store.put(key(`f${at}`, 'x'), body, NOW + HOUR, NOW);
    // Sign-ins that come afterwards, one a second.
    for (let at = 0; at < 200; at += 1) await step(store, NOW + 2 * HOUR + at * 1000);
    await store.close();
    const { size } = await stat(file);
    assert.ok(size < 9_000_000, `${size} bytes after the flood of 18 MB`);
    const again = await openAt('flood.db');
    assert.equal(await again.get(key('f1', 'x'), NOW), undefined, 'also what is over is gone');
    await again.close();
  });
});

const step = (store: Store, now: number) => store.put(key('any', 'x'), 1, null, now);
