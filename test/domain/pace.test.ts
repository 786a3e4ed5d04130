import assert from 'node:assert/strict';
import { describe, it, mock, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Core } from '../../src/domain/core.ts';
import { type Turn, takeTurn, waitForTurn } from '../../src/domain/pace.ts';
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
    const options = { rates: { vendor: RATE }, concurrency: {} };
    return { options, store, clock, emit: () => {} } as unknown as Core;
  });
  return async (from: number, until: number, every: number): Promise<number[][]> => {
    const taken: number[][] = processes.map(() => []);
    for (time = START + from; time < START + until; time += every) {
      for (const [at, core] of processes.entries()) {
        const turn = await takeTurn(core, gateway);
        turn?.end();
        if (turn) taken[at]!.push(time - START);
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

describe('the places at a gateway (fault H.5)', () => {
  function start(concurrency: Record<string, number>, own: { concurrency?: number } = {}) {
    const events: object[] = [];
    const core = {
      options: { rates: {}, concurrency },
      clock: { now: () => START },
      emit: (event: object) => void events.push(event),
    } as unknown as Core;
    return { core, events, gateway: createVendor('vendor', own) };
  }
  async function takeAll({ core, gateway }: ReturnType<typeof start>): Promise<Turn[]> {
    const turns: Turn[] = [];
    for (let turn = await takeTurn(core, gateway); turn; turn = await takeTurn(core, gateway))
      turns.push(turn);
    return turns;
  }

  it('are a hundred, as many as the option says, or as the gateway can have', async () => {
    assert.equal((await takeAll(start({}))).length, 100);
    assert.equal((await takeAll(start({ vendor: 7 }))).length, 7);
    assert.equal((await takeAll(start({ vendor: 7 }, { concurrency: 5 }))).length, 5);
    assert.equal((await takeAll(start({ vendor: 300 }, { concurrency: 200 }))).length, 200);
  });

  it('are counted before anything is awaited, so that many at one moment are no more', async () => {
    const { core, gateway } = start({ vendor: 3 });
    const turns = await Promise.all(Array.from({ length: 50 }, () => takeTurn(core, gateway)));
    assert.equal(turns.filter(Boolean).length, 3);
  });

  it('go to who waited longest when one becomes free, and to nobody who comes later', async () => {
    const { core, gateway } = start({ vendor: 1 });
    const first = (await takeTurn(core, gateway))!;
    const order: number[] = [];
    const waits = [1, 2, 3].map((who) =>
      waitForTurn(core, gateway).then((turn) => {
        order.push(who);
        return turn!;
      }),
    );
    first.end();
    first.end();
    assert.equal(await takeTurn(core, gateway), undefined);
    for (const wait of waits) (await wait).end();
    assert.deepEqual(order, [1, 2, 3]);
    assert.ok(await takeTurn(core, gateway), 'and the line is gone');
  });

  it('are waited for ten seconds, not longer', async (test) => {
    const place = start({ vendor: 1 });
    const { core, gateway } = place;
    const held = (await takeTurn(core, gateway))!;
    let now = 0;
    mock.timers.enable({ apis: ['setTimeout'] });
    const watch = mock.method(performance, 'now', () => now);
    test.after(() => {
      mock.timers.reset();
      watch.mock.restore();
    });
    const waits = Promise.all([waitForTurn(core, gateway), waitForTurn(core, gateway)]);
    await setImmediate();
    now = 10 * SECOND;
    mock.timers.tick(10 * SECOND);
    assert.deepEqual(await waits, [undefined, undefined]);
    held.end();
    assert.ok(await takeTurn(core, gateway));
  });

  it('are told of when they are used up, once a minute', async () => {
    const place = start({ vendor: 2 });
    await takeAll(place);
    await takeAll(place);
    assert.deepEqual(place.events, [{ type: 'gateway.busy', gateway: 'vendor', limit: 'concurrency' }]);
  });
});
