import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../ports/store.ts';
import { type Bench, NOW } from './bench.ts';

const HOLDER = {
  account: 'ann',
  empty: {},
  none: [],
  deep: { list: [1, 2.5, 'é', null, true] },
  text: 'a\nb\0',
};

/** `get`, `put`, `add`, `replace`, `delete` and `consume`. */
export function records(bench: Bench): void {
  describe('records', () => {
    it('come back as they were written, whatever JSON they are', () => readsBack(bench));
    it('are absent from the millisecond of their expiry on, by the clock of the caller', () =>
      expires(bench));
    it('are replaced by put, together with their expiry', () => overwrites(bench));
    it('are written by add only where none is', () => addsOnce(bench));
    it('are written by one of 50 adds at once (lesson 1)', () => addsOnceInParallel(bench));
    it('are replaced only at the revision that was read', () => replacesAtRevision(bench));
    it('are replaced by one of 50 writers that read the same revision (lesson 2)', () =>
      oneWriterWins(bench));
    it('are gone after delete, which says whether one was there', () => deletes(bench));
    it('are consumed once, and carry the time of it', () => consumesOnce(bench));
    it('are consumed by one of 50 calls at once (OID-14, lesson 1)', () => consumesOnceInParallel(bench));
  });
}

async function readsBack({ store, keys }: Bench): Promise<void> {
  const values: Json[] = [HOLDER, [], ['a'], 'text', '', 0, -1.5, NOW, false, null, { 'odd "name"': {} }];
  for (const value of values) {
    const { record } = keys('record');
    await store.put(record, value, null, NOW);
    assert.deepEqual(await store.get(record, NOW), value);
  }
  assert.equal(await store.get(keys('record').record, NOW), undefined);
}

async function expires({ store, keys }: Bench): Promise<void> {
  const { put, added, replaced, kept } = keys('put', 'added', 'replaced', 'kept');
  await store.put(put, 'here', NOW + 1000, NOW);
  await store.add(added, 'here', NOW + 1000, NOW);
  await store.put(replaced, { rev: 1 }, null, NOW);
  await store.replace(replaced, { rev: 2 }, 1, NOW + 1000, NOW);
  await store.put(kept, 'here', null, NOW);
  for (const record of [put, added, replaced]) {
    assert.notEqual(await store.get(record, NOW + 999), undefined);
    assert.equal(await store.get(record, NOW + 1000), undefined);
  }
  assert.equal(await store.get(kept, NOW + 1e12), 'here');
}

async function overwrites({ store, keys }: Bench): Promise<void> {
  const { record } = keys('record');
  await store.put(record, { rev: 7, consumed: 1 }, NOW + 1000, NOW);
  await store.put(record, { name: 'new' }, null, NOW);
  assert.deepEqual(await store.get(record, NOW + 5000), { name: 'new' });
  assert.equal(await store.consume(record, 5, NOW), true, 'the mark of the old record is gone');
}

async function addsOnce({ store, keys }: Bench): Promise<void> {
  const { record } = keys('record');
  assert.equal(await store.add(record, 'first', NOW + 1000, NOW), true);
  assert.equal(await store.add(record, 'second', NOW + 9000, NOW + 999), false);
  assert.equal(await store.get(record, NOW), 'first');
  assert.equal(await store.add(record, 'third', NOW + 9000, NOW + 1000), true, 'the first is over');
  assert.equal(await store.get(record, NOW + 1000), 'third');

  const { lasting } = keys('lasting');
  assert.equal(await store.add(lasting, null, null, NOW), true);
  assert.equal(await store.add(lasting, 'second', null, NOW + 1e12), false);
}

async function addsOnceInParallel({ store, keys, atOnce }: Bench): Promise<void> {
  const { record } = keys('record');
  const added = await atOnce(50, (one, index) => one.add(record, index, NOW + 1000, NOW));
  assert.equal(added.filter(Boolean).length, 1);
  assert.equal(await store.get(record, NOW), added.indexOf(true));
}

async function replacesAtRevision({ store, keys }: Bench): Promise<void> {
  const { record, missing } = keys('record', 'missing');
  await store.put(record, { rev: 1, name: 'a' }, NOW + 1000, NOW);
  assert.equal(await store.replace(record, { rev: 2, name: 'b' }, 1, NOW + 2000, NOW), true);
  assert.equal(await store.replace(record, { rev: 2, name: 'c' }, 1, NOW + 2000, NOW), false);
  assert.deepEqual(await store.get(record, NOW + 1999), { rev: 2, name: 'b' });
  assert.equal(await store.replace(record, { rev: 3 }, 2, null, NOW + 2000), false, 'it is over');
  assert.equal(await store.replace(missing, { rev: 1 }, 0, null, NOW), false);
  assert.equal(await store.get(missing, NOW), undefined);
  await assert.rejects(store.replace(record, { rev: 2 }, 2, null, NOW), 'the revision has to grow by one');
}

async function oneWriterWins({ store, keys, atOnce }: Bench): Promise<void> {
  const { record } = keys('record');
  await store.put(record, { rev: 1 }, null, NOW);
  const won = await atOnce(50, (one, index) => one.replace(record, { rev: 2, by: index }, 1, null, NOW));
  assert.equal(won.filter(Boolean).length, 1);
  assert.deepEqual(await store.get(record, NOW), { rev: 2, by: won.indexOf(true) });
}

async function deletes({ store, keys }: Bench): Promise<void> {
  const { record } = keys('record');
  assert.equal(await store.delete(record), false);
  await store.put(record, 'here', null, NOW);
  assert.equal(await store.delete(record), true);
  assert.equal(await store.get(record, NOW), undefined);
  assert.equal(await store.delete(record), false);
}

async function consumesOnce({ store, keys }: Bench): Promise<void> {
  const { token, marked, over } = keys('token', 'marked', 'over');
  await store.put(token, HOLDER, NOW + 1000, NOW);
  assert.equal(await store.consume(token, 1_705_311_000, NOW), true);
  assert.equal(await store.consume(token, 1_705_311_009, NOW), false);
  assert.deepEqual(await store.get(token, NOW), { ...HOLDER, consumed: 1_705_311_000 });
  assert.equal(await store.get(token, NOW + 1000), undefined, 'the expiry stays');

  await store.put(marked, { consumed: 5 }, null, NOW);
  assert.equal(await store.consume(marked, 6, NOW), false);
  await store.put(over, {}, NOW, NOW);
  assert.equal(await store.consume(over, 6, NOW), false);
  assert.equal(await store.consume(keys('none').none, 6, NOW), false);
}

async function consumesOnceInParallel({ store, keys, atOnce }: Bench): Promise<void> {
  const { token } = keys('token');
  await store.put(token, HOLDER, NOW + 1000, NOW);
  const consumed = await atOnce(50, (one) => one.consume(token, 1_705_311_000, NOW));
  assert.equal(consumed.filter(Boolean).length, 1);
}
