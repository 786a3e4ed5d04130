import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHashQueue, type HashQueueLimits } from '../../src/accounts/hash-queue.ts';

/** Hashes that end when the test says so. */
function bench(limits: Partial<HashQueueLimits> = {}) {
  const queue = createHashQueue({ running: 2, total: 10, perAsker: 4, ...limits });
  const started: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const run = (asker: string | undefined, name: string) =>
    queue.run(asker, () => {
      started.push(name);
      return new Promise<string>((resolve, reject) =>
        ends.set(name, (error) => (error ? reject(error) : resolve(name))),
      );
    });
  const end = async (name: string, error?: Error) => {
    ends.get(name)!(error);
    await new Promise(setImmediate);
  };
  return { queue, started, run, end };
}

describe('the queue of password hashes (B.1)', () => {
  it('runs so many at once and no more, and each caller gets his own answer', async () => {
    const { queue, started, run, end } = bench();
    const answers = ['a', 'b', 'c'].map((name) => run(name, name));
    assert.deepEqual(started, ['a', 'b']);
    assert.equal(queue.size(), 3);
    await end('b');
    assert.deepEqual(started, ['a', 'b', 'c']);
    await end('a');
    const refused = assert.rejects(answers[2]!, /broken/);
    await end('c', new Error('broken'));
    await refused;
    assert.deepEqual(await Promise.all(answers.slice(0, 2)), ['a', 'b']);
    assert.equal(queue.size(), 0);
  });

  it('lets askers take turns: who has many waiting keeps nobody waiting for all of them', async () => {
    const { started, run, end } = bench({ running: 1 });
    for (const name of ['m1', 'm2', 'm3', 'm4']) void run('mallory', name);
    void run('alice', 'a1');
    void run('bob', 'b1');
    for (const name of ['m1', 'm2', 'a1', 'b1', 'm3', 'm4']) await end(name);
    assert.deepEqual(started, ['m1', 'm2', 'a1', 'b1', 'm3', 'm4']);
  });

  it('refuses what one asker has too many of, and takes him again when one is done', async () => {
    const { run, end } = bench();
    for (const name of ['1', '2', '3', '4']) void run('mallory', name);
    await assert.rejects(run('mallory', '5'), { code: 'busy' });
    void run('alice', 'a');
    await end('1');
    void run('mallory', '6');
    await assert.rejects(run('mallory', '7'), { code: 'busy' });
  });

  it('is bounded in all, and those without a readable address fill half of it at most', async () => {
    const { queue, run } = bench();
    for (let at = 0; at < 5; at += 1) void run(undefined, `u${at}`);
    await assert.rejects(run(undefined, 'u5'), { code: 'busy' });
    for (let at = 0; at < 5; at += 1) void run(`asker ${at}`, `a${at}`);
    await assert.rejects(run('another', 'x'), { code: 'busy' });
    assert.equal(queue.size(), 10);
  });
});
