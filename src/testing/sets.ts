import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Bench, NOW } from './bench.ts';

/** `join`, `leave` and `members`. */
export function sets(bench: Bench): void {
  describe('sets', () => {
    it('hold each member once, and forget the one that leaves', () => holdsMembers(bench));
    it('take no more members than their cap', () => capsMembers(bench));
    it('take no more members than their cap from 50 at once', () => capsInParallel(bench));
    it('live until the latest expiry that was given, and an earlier one never shortens it', () =>
      expires(bench));
    it('that are over or emptied start anew', () => startsAnew(bench));
  });
}

async function holdsMembers({ store, keys }: Bench): Promise<void> {
  const { set } = keys('set');
  assert.deepEqual(await store.members(set, NOW), []);
  for (const member of ['a', 'b', '', 'e', 'a:b', 'a'])
    assert.equal(await store.join(set, member, 9, null, NOW), true);
  assert.deepEqual((await store.members(set, NOW)).sort(), ['', 'a', 'a:b', 'b', 'e']);
  await store.leave(set, 'b');
  await store.leave(set, 'nobody');
  assert.deepEqual((await store.members(set, NOW)).sort(), ['', 'a', 'a:b', 'e']);
  await store.leave(keys('none').none, 'a');
}

async function capsMembers({ store, keys }: Bench): Promise<void> {
  const { set } = keys('set');
  assert.equal(await store.join(set, 'a', 0, null, NOW), false);
  assert.equal(await store.join(set, 'a', 2, null, NOW), true);
  assert.equal(await store.join(set, 'b', 2, null, NOW), true);
  assert.equal(await store.join(set, 'c', 2, null, NOW), false);
  assert.equal(await store.join(set, 'a', 2, null, NOW), true, 'a member already there counts as added');
  await store.leave(set, 'a');
  assert.equal(await store.join(set, 'c', 2, null, NOW), true);
  assert.deepEqual((await store.members(set, NOW)).sort(), ['b', 'c']);
}

async function capsInParallel({ store, keys, atOnce }: Bench): Promise<void> {
  const { set } = keys('set');
  const joined = await atOnce(50, (one, index) => one.join(set, `m${index}`, 5, null, NOW));
  assert.equal(joined.filter(Boolean).length, 5);
  const expected = joined.flatMap((yes, index) => (yes ? [`m${index}`] : []));
  assert.deepEqual((await store.members(set, NOW)).sort(), expected.sort());
}

async function expires({ store, keys }: Bench): Promise<void> {
  const { set, lasting } = keys('set', 'lasting');
  await store.join(set, 'a', 9, NOW + 2000, NOW);
  await store.join(set, 'b', 9, NOW + 1000, NOW);
  assert.equal((await store.members(set, NOW + 1999)).length, 2);
  assert.deepEqual(await store.members(set, NOW + 2000), []);
  await store.join(set, 'a', 9, NOW + 3000, NOW);
  assert.equal((await store.members(set, NOW + 2999)).length, 2, 'a later expiry prolongs it');

  await store.join(lasting, 'a', 9, NOW + 1000, NOW);
  await store.join(lasting, 'b', 9, null, NOW);
  await store.join(lasting, 'c', 9, NOW + 1000, NOW);
  assert.equal((await store.members(lasting, NOW + 1e12)).length, 3, 'null is the latest of all');
}

async function startsAnew({ store, keys }: Bench): Promise<void> {
  const { set } = keys('set');
  await store.join(set, 'old', 1, NOW + 1000, NOW);
  assert.equal(await store.join(set, 'new', 1, NOW + 9000, NOW + 1000), true);
  assert.deepEqual(await store.members(set, NOW + 1000), ['new']);
  await store.leave(set, 'new');
  await store.join(set, 'third', 1, NOW + 5000, NOW + 1000);
  assert.deepEqual(await store.members(set, NOW + 5000), [], 'the expiry went with the last member');
}
