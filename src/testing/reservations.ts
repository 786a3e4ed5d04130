import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Key, Reservation } from '../ports/store.ts';
import { type Bench, NOW } from './bench.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** `reserve` and `release`. */
export function reservations(bench: Bench): void {
  describe('reservations', () => {
    it('grant use n-1 and n, and refuse n+1, of a limit of n (THR-03, lesson 9)', () => limits(bench));
    it('slide: a use counts up to the last millisecond of its window (lesson 9)', () => slides(bench));
    it('hold every window at once, and name the first moment at which all have room', () =>
      manyWindows(bench));
    it('pause longer after each use, and the last pause repeats', () => pauses(bench));
    it('forget the pause when the first window has passed', () => pausesEnd(bench));
    it('name a moment that holds, also while the pause shrinks as uses grow old', () =>
      shrinkingPause(bench));
    it('record nothing when they refuse', () => refusalIsFree(bench));
    it('that were released count no more, and one release takes back one use', () => releases(bench));
    it('never grant more than the limit to 100 at once', () => parallel(bench));
    it('under a limit of zero are never granted', () => never(bench));
  });
}

function ask(key: Key, changes: Partial<Reservation> = {}): Reservation {
  return { key, now: NOW, windows: [{ window: HOUR, max: 3 }], cooldown: [], ...changes };
}

async function limits({ store, keys }: Bench): Promise<void> {
  const { uses } = keys('uses');
  for (const second of [0, 1, 2]) {
    assert.deepEqual(await store.reserve(ask(uses, { now: NOW + second })), { granted: true });
  }
  const refused = { granted: false, retryAt: NOW + HOUR, reason: 'window' };
  assert.deepEqual(await store.reserve(ask(uses, { now: NOW + 3 })), refused);
}

async function slides({ store, keys }: Bench): Promise<void> {
  const { uses } = keys('uses');
  const one = (now: number) => store.reserve(ask(uses, { now, windows: [{ window: HOUR, max: 1 }] }));
  await one(NOW);
  assert.deepEqual(await one(NOW + HOUR - 1), { granted: false, retryAt: NOW + HOUR, reason: 'window' });
  assert.deepEqual(await one(NOW + HOUR), { granted: true });
  assert.deepEqual(await one(NOW + HOUR + 1), { granted: false, retryAt: NOW + 2 * HOUR, reason: 'window' });
}

async function manyWindows({ store, keys }: Bench): Promise<void> {
  const { uses } = keys('uses');
  const windows = [
    { window: HOUR, max: 2 },
    { window: DAY, max: 3 },
  ];
  const at = (now: number) => store.reserve(ask(uses, { now, windows }));
  await at(NOW);
  await at(NOW + 10);
  assert.deepEqual(await at(NOW + 20), { granted: false, retryAt: NOW + HOUR, reason: 'window' });
  assert.deepEqual(await at(NOW + HOUR), { granted: true });
  assert.deepEqual(await at(NOW + HOUR + 1), { granted: false, retryAt: NOW + DAY, reason: 'window' });
  assert.deepEqual(await at(NOW + DAY), { granted: true });
}

async function pauses({ store, keys }: Bench): Promise<void> {
  const { uses } = keys('uses');
  const at = (now: number) =>
    store.reserve(ask(uses, { now, cooldown: [30, 60], windows: [{ window: HOUR, max: 9 }] }));
  const refused = (retryAt: number) => ({ granted: false, retryAt, reason: 'cooldown' });
  assert.deepEqual(await at(NOW), { granted: true });
  assert.deepEqual(await at(NOW + 29), refused(NOW + 30));
  assert.deepEqual(await at(NOW + 30), { granted: true });
  assert.deepEqual(await at(NOW + 89), refused(NOW + 90));
  assert.deepEqual(await at(NOW + 90), { granted: true });
  assert.deepEqual(await at(NOW + 149), refused(NOW + 150));
}

async function pausesEnd({ store, keys }: Bench): Promise<void> {
  const { uses } = keys('uses');
  const windows = [
    { window: 100, max: 9 },
    { window: DAY, max: 9 },
  ];
  const at = (now: number) => store.reserve(ask(uses, { now, windows, cooldown: [500] }));
  await at(NOW);
  assert.deepEqual(await at(NOW + 99), { granted: false, retryAt: NOW + 100, reason: 'cooldown' });
  assert.deepEqual(await at(NOW + 100), { granted: true });
}

async function shrinkingPause({ store, keys }: Bench): Promise<void> {
  const { uses } = keys('uses');
  const at = (now: number) =>
    store.reserve(ask(uses, { now, cooldown: [10, 1000], windows: [{ window: 100, max: 9 }] }));
  await at(NOW);
  await at(NOW + 10);
  // Two uses ask for a pause of 1000, but at NOW + 100 only the second is left, and its pause of 10 is over.
  assert.deepEqual(await at(NOW + 20), { granted: false, retryAt: NOW + 100, reason: 'cooldown' });
  assert.deepEqual(await at(NOW + 99), { granted: false, retryAt: NOW + 100, reason: 'cooldown' });
  assert.deepEqual(await at(NOW + 100), { granted: true });
}

async function refusalIsFree({ store, keys }: Bench): Promise<void> {
  const { uses } = keys('uses');
  const one = (now: number) => store.reserve(ask(uses, { now, windows: [{ window: HOUR, max: 1 }] }));
  await one(NOW);
  for (let step = 1; step <= 20; step++) await one(NOW + step * 1000);
  assert.deepEqual(await one(NOW + HOUR), { granted: true });
}

async function releases({ store, keys }: Bench): Promise<void> {
  const { uses, none } = keys('uses', 'none');
  const granted = async () => (await store.reserve(ask(uses))).granted;
  assert.deepEqual(
    [await granted(), await granted(), await granted(), await granted()],
    [true, true, true, false],
  );
  await store.release(uses, NOW);
  await store.release(uses, NOW + 1);
  assert.deepEqual([await granted(), await granted()], [true, false]);
  await store.release(uses, NOW);
  await store.release(uses, NOW);
  assert.deepEqual([await granted(), await granted(), await granted()], [true, true, false]);
  await store.release(none, NOW);
}

async function parallel({ keys, atOnce }: Bench): Promise<void> {
  const { uses } = keys('uses');
  const windows = [
    { window: HOUR, max: 10 },
    { window: DAY, max: 7 },
  ];
  const outcomes = await atOnce(100, (one, index) =>
    one.reserve(ask(uses, { now: NOW + (index % 3), windows })),
  );
  assert.equal(outcomes.filter(({ granted }) => granted).length, 7);

  const { paused } = keys('paused');
  const second = await atOnce(100, (one) => one.reserve(ask(paused, { cooldown: [1] })));
  assert.equal(
    second.filter(({ granted }) => granted).length,
    1,
    'the pause holds for parallel requests too',
  );
}

async function never({ store, keys }: Bench): Promise<void> {
  const outcome = await store.reserve(ask(keys('uses').uses, { windows: [{ window: HOUR, max: 0 }] }));
  assert.equal(outcome.granted, false);
  assert.ok(!outcome.granted && outcome.retryAt > NOW + 1e12);
  assert.ok(!outcome.granted && new Date(outcome.retryAt).getTime() === outcome.retryAt, 'still a time');
}
