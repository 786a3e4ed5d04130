import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Key, RotateRequest, RotatingRecord } from '../ports/store.ts';
import { type Bench, MINUTE, NOW } from './bench.ts';

const EXPIRES = NOW + 30 * 24 * 60 * MINUTE;

/** `rotate`. */
export function rotation(bench: Bench): void {
  describe('secrets of trusted browsers', () => {
    it('are swapped at each visit (SES-06)', () => swaps(bench));
    it('are swapped for as long as was asked for, and keep their expiry otherwise', () => renews(bench));
    it('still work for a moment after the swap, without another one (lesson 15)', () => grants(bench));
    it('that come back after their grace remove the trust (attack 6, lesson 15)', () => replays(bench));
    it('that were copied several visits ago remove the trust as well', () => oldCopy(bench));
    it('are unknown when the record is missing or over', () => unknown(bench));
    it('that 50 requests show at once are swapped once', () => parallel(bench));
  });
}

function browser(): RotatingRecord {
  const data = { account: 'ann', list: [], nothing: {} };
  return { data, secret: 's1', previous: null, rotatedAt: NOW, expiresAt: EXPIRES };
}

function show(key: Key, presented: string, next: string, now = NOW): RotateRequest {
  return { key, now, presented, next, grace: 10_000 };
}

async function swaps({ store, keys }: Bench): Promise<void> {
  const { device } = keys('device');
  await store.put(device, browser(), EXPIRES, NOW);
  const rotated = { result: 'rotated', data: browser().data, expiresAt: EXPIRES };
  assert.deepEqual(await store.rotate(show(device, 's1', 's2', NOW + MINUTE)), rotated);
  assert.deepEqual(await store.get(device, NOW), {
    ...browser(),
    secret: 's2',
    previous: 's1',
    rotatedAt: NOW + MINUTE,
  });
  assert.deepEqual(await store.rotate(show(device, 's2', 's3', NOW + 2 * MINUTE)), rotated);
  assert.equal(await store.get(device, EXPIRES), undefined, 'the expiry stays');
}

async function renews({ store, keys }: Bench): Promise<void> {
  const { device } = keys('device');
  await store.put(device, browser(), NOW + MINUTE, NOW);
  const renewal = { ...show(device, 's1', 's2'), expiresAt: EXPIRES };
  const rotated = { result: 'rotated', data: browser().data, expiresAt: EXPIRES };
  assert.deepEqual(await store.rotate(renewal), rotated);
  const { expiresAt } = (await store.get(device, EXPIRES - 1)) as RotatingRecord;
  assert.equal(expiresAt, EXPIRES);
  const later = show(device, 's2', 's3', NOW + 2 * MINUTE);
  assert.deepEqual(await store.rotate(later), rotated, 'after the expiry it had');
  const copy = { ...show(device, 's2', 's4', NOW + 2 * MINUTE + 1), expiresAt: EXPIRES + MINUTE };
  assert.deepEqual(await store.rotate(copy), { ...rotated, result: 'grace' }, 'not by the secret before');
  assert.equal((await store.rotate(show(device, 's3', 's5', EXPIRES))).result, 'unknown');
}

async function grants({ store, keys }: Bench): Promise<void> {
  const { device } = keys('device');
  await store.put(device, browser(), EXPIRES, NOW);
  await store.rotate(show(device, 's1', 's2'));
  const grace = { result: 'grace', data: browser().data, expiresAt: EXPIRES };
  assert.deepEqual(await store.rotate(show(device, 's1', 's3', NOW + 9999)), grace);
  assert.equal(
    (await store.rotate(show(device, 's2', 's4', NOW + 9999))).result,
    'rotated',
    's3 was not taken',
  );
}

async function replays({ store, keys }: Bench): Promise<void> {
  const { device } = keys('device');
  await store.put(device, browser(), EXPIRES, NOW);
  await store.rotate(show(device, 's1', 's2'));
  const replayed = { result: 'replayed', data: browser().data };
  assert.deepEqual(await store.rotate(show(device, 's1', 's3', NOW + 10_000)), replayed);
  assert.equal(await store.get(device, NOW), undefined);
  assert.deepEqual(await store.rotate(show(device, 's2', 's4', NOW + 10_000)), { result: 'unknown' });
}

async function oldCopy({ store, keys }: Bench): Promise<void> {
  const { device } = keys('device');
  await store.put(device, browser(), EXPIRES, NOW);
  await store.rotate(show(device, 's1', 's2'));
  await store.rotate(show(device, 's2', 's3', NOW + 1));
  assert.equal((await store.rotate(show(device, 's1', 's4', NOW + 2))).result, 'replayed');
  assert.equal((await store.rotate(show(device, 's3', 's5', NOW + 3))).result, 'unknown');
}

async function unknown({ store, keys }: Bench): Promise<void> {
  const { device, none } = keys('device', 'none');
  await store.put(device, browser(), EXPIRES, NOW);
  assert.deepEqual(await store.rotate(show(none, 's1', 's2')), { result: 'unknown' });
  assert.deepEqual(await store.rotate(show(device, 's1', 's2', EXPIRES)), { result: 'unknown' });
  assert.equal((await store.rotate(show(device, 's1', 's2', EXPIRES - 1))).result, 'rotated');
}

async function parallel({ store, keys, atOnce }: Bench): Promise<void> {
  const { device } = keys('device');
  await store.put(device, browser(), EXPIRES, NOW);
  const outcomes = await atOnce(50, (one, index) => one.rotate(show(device, 's1', `next${index}`)));
  const swapped = outcomes.findIndex(({ result }) => result === 'rotated');
  assert.equal(outcomes.filter(({ result }) => result === 'grace').length, 49);
  const record = (await store.get(device, NOW)) as RotatingRecord;
  assert.deepEqual([record.secret, record.previous], [`next${swapped}`, 's1']);
}
