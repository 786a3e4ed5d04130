import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { key, type Reservation, type ReservationOutcome, type Store } from '../../src/ports/store.ts';
import { openRedisStore } from '../../src/stores/redis.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { NO_REDIS, redisAvailable, startRedis } from '../support/redis.ts';

type Limits = Pick<Reservation, 'windows' | 'cooldown'>;
type Step = { pass: number } & ({ kind: 'reserve' } | { kind: 'release'; which: number });

/** The limits as one would explain them: a plain list, and "when" found by trying one millisecond after the other. */
class NaiveLimiter {
  uses: number[] = [];
  readonly limits: Limits;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  refusal(now: number): 'window' | 'cooldown' | undefined {
    const inside = (window: number) => this.uses.filter((use) => use + window > now);
    if (this.limits.windows.some(({ window, max }) => inside(window).length >= max)) return 'window';
    const recent = inside(this.limits.windows[0]!.window);
    const { cooldown } = this.limits;
    if (recent.length === 0 || cooldown.length === 0) return undefined;
    const pause = cooldown[Math.min(recent.length, cooldown.length) - 1]!;
    return now < Math.max(...recent) + pause ? 'cooldown' : undefined;
  }

  reserve(now: number): ReservationOutcome {
    const reason = this.refusal(now);
    if (!reason) {
      this.uses.push(now);
      return { granted: true };
    }
    let retryAt = now;
    while (this.refusal(retryAt)) retryAt++;
    return { granted: false, retryAt, reason };
  }

  release(which: number): number | undefined {
    return this.uses.length === 0 ? undefined : this.uses.splice(which % this.uses.length, 1)[0];
  }
}

const limits: fc.Arbitrary<Limits> = fc.record({
  windows: fc.array(
    fc.record({ window: fc.integer({ min: 1, max: 40 }), max: fc.integer({ min: 1, max: 5 }) }),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  cooldown: fc.array(fc.integer({ min: 0, max: 25 }), { maxLength: 3 }),
});
const pass = fc.integer({ min: 0, max: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('reserve' as const), pass }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), pass, which: fc.nat(9) }) },
);

async function behavesLikeTheModel(
  store: Store,
  { windows, cooldown }: Limits,
  steps: Step[],
): Promise<void> {
  const uses = key(randomUUID(), 'uses');
  const model = new NaiveLimiter({ windows, cooldown });
  let now = Date.UTC(2024, 0, 15);
  for (const current of steps) {
    now += current.pass;
    if (current.kind === 'reserve') {
      assert.deepEqual(await store.reserve({ key: uses, now, windows, cooldown }), model.reserve(now));
    } else {
      const at = model.release(current.which);
      if (at !== undefined) await store.release(uses, at);
    }
  }
}

const check = (store: Store, numRuns: number) =>
  fc.assert(
    fc.asyncProperty(limits, fc.array(step, { maxLength: 25 }), (...sample) =>
      behavesLikeTheModel(store, ...sample),
    ),
    { numRuns },
  );

describe('reservations behave like a list that is searched by hand (THR-03, lesson 9)', () => {
  it('in SQLite', async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    await check(store, 500).finally(() => store.close());
  });

  it('in Redis', { skip: redisAvailable() ? false : NO_REDIS }, async () => {
    const server = await startRedis();
    const store = await openRedisStore({ url: server.url });
    await check(store, 300).finally(async () => {
      await store.close();
      await server.stop();
    });
  });
});
