import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Core } from '../../src/domain/core.ts';
import { takeTurn } from '../../src/domain/pace.ts';
import type { Store } from '../../src/ports/store.ts';
import { openRedisStore } from '../../src/stores/redis.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { NO_REDIS, redisAvailable, startRedis } from '../support/redis.ts';
import { HOUR, SECOND } from '../support/time.ts';
import { createVendor } from '../support/vendor.ts';

const START = Date.UTC(2026, 5, 1, 3, 0, 0);
const RATE = 3;

/**
 * Processes that share a gateway, each with a clock that is off by so many milliseconds.
 *
 * @returns asks in each process as often as that, and answers when each of them had a turn.
 */
function start(store: Store, ...skews: number[]) {
  const gateway = createVendor('vendor');
  let time = START;
  const processes = skews.map((skew) => {
    const clock = { now: () => time + skew };
    return { options: { rates: { vendor: RATE } }, store, clock } as unknown as Core;
  });
  return async (from: number, until: number, every: number): Promise<number[][]> => {
    const taken: number[][] = processes.map(() => []);
    for (time = START + from; time < START + until; time += every) {
      for (const [at, core] of processes.entries()) {
        if (await takeTurn(core, gateway)) taken[at]!.push(time - START);
      }
    }
    return taken;
  };
}

describe('the turns at a gateway with a rate', () => {
  async function sqlite(test: TestContext): Promise<Store> {
    const store = await openSqliteStore({ file: ':memory:' });
    test.after(() => store.close());
    return store;
  }
  /** Where clocks differ, the machines do. */
  async function redis(test: TestContext): Promise<Store> {
    const server = await startRedis();
    const store = await openRedisStore({ url: server.url });
    test.after(() => store.close().then(server.stop));
    return store;
  }
  const skip = redisAvailable() ? false : NO_REDIS;

  it('are no more than that in any second, wherever it begins, and none is wasted', async (test) => {
    const [one, two] = await start(await sqlite(test), 0, 0)(900, 5900, 10);
    const times = [...one!, ...two!].sort((a, b) => a - b);
    assert.deepEqual(times.slice(0, 6), [900, 900, 910, 1900, 1900, 1910]);
    const within = times.map((from) => times.filter((at) => at >= from && at < from + SECOND).length);
    assert.equal(Math.max(...within), RATE);
    assert.equal(times.length, 5 * RATE);
  });

  it('are not taken from the others by a process whose clock is far ahead', { skip }, async (test) => {
    const [one] = await start(await redis(test), 0, HOUR)(0, 3000, 20);
    assert.ok(one!.length >= 3 * RATE, `${one}`);
  });

  it('are given back where a process that is a little ahead has been quicker', { skip }, async (test) => {
    // The second one shares a span with the first, and one with the third, which would find it full.
    const store = await redis(test);
    const [ahead] = await start(store, 1200)(0, 50, 10);
    const [between, behind] = await start(store, 600, -300)(0, 50, 10);
    assert.deepEqual([ahead!.length, between!.length, behind!.length], [RATE, 0, RATE]);
  });
});
