import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Core } from '../../src/domain/core.ts';
import { isTroubled, learnTiming, usualSeconds } from '../../src/domain/timing.ts';
import { parseOptions } from '../../src/options.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { createInbox } from '../support/inbox.ts';
import { DAY, MINUTE, SECOND } from '../support/time.ts';

describe('what receipts tell about a gateway and a network', () => {
  let store: Store;
  let now: number;
  let core: Core;
  beforeEach(async () => {
    store = await openSqliteStore({ file: ':memory:' });
    now = Date.UTC(2026, 5, 1);
    const secrets = [Buffer.alloc(32, 1).toString('base64url')];
    const issuer = 'https://id.example.jp';
    const options = parseOptions({ issuer, secrets, store, gateway: createInbox(), countries: ['JP'] });
    core = { options, store, clock: { now: () => now } } as unknown as Core;
  });
  afterEach(() => store.close());

  async function learn(carrier: string, seconds: readonly number[], arrived = true) {
    for (const each of seconds) {
      now += SECOND;
      await learnTiming(core, { gateway: 'main', carrier, arrived, seconds: each });
    }
  }
  const usual = (carrier?: string, gateway = 'main') => usualSeconds(core, gateway, carrier);
  const range = (count: number, from = 1) => Array.from({ length: count }, (_, at) => from + at);

  it('is nothing until twenty messages arrived: fallback.lateAfter holds', async () => {
    assert.equal(await usual('docomo'), 30);
    await learn('docomo', range(19, 40));
    assert.equal(await usual('docomo'), 30);
    await learn('docomo', [59]);
    assert.equal(await usual('docomo'), 58, 'nineteen of twenty were quicker than that');
  });

  it('is told for each network apart, and for all of the gateway where a network is new', async () => {
    await learn('docomo', Array(20).fill(25));
    await learn('au', Array(20).fill(50));
    assert.deepEqual([await usual('docomo'), await usual('au')], [25, 50]);
    assert.equal(await usual('rakuten'), 50);
    assert.equal(await usual(), 50);
    assert.equal(await usual('docomo', 'other'), 30, 'and says nothing about another gateway');
  });

  it('asks nobody to wait less than 20 seconds (GWY-05) or more than 120', async () => {
    await learn('docomo', Array(20).fill(2));
    assert.equal(await usual('docomo'), 20);
    await learn('au', Array(20).fill(900));
    assert.equal(await usual('au'), 120);
  });

  it('goes by the newest sixty messages, and is forgotten after a week', async () => {
    await learn('docomo', Array(60).fill(100));
    await learn('docomo', Array(60).fill(40));
    assert.equal(await usual('docomo'), 40);
    now += 7 * DAY;
    assert.equal(await usual('docomo'), 30);
  });

  it('leaves messages that did not arrive out of the usual time', async () => {
    await learn('docomo', Array(20).fill(25));
    await learn('docomo', Array(20).fill(100), false);
    assert.equal(await usual('docomo'), 25);
  });

  it('is trouble when half of at least six were lost within ten minutes, for that network alone', async () => {
    const troubled = (carrier?: string) => isTroubled(core, 'main', carrier);
    await learn('au', [5, 5, 5], false);
    await learn('au', [5, 5]);
    assert.equal(await troubled('au'), false, 'five say nothing yet');
    await learn('au', [5]);
    assert.equal(await troubled('au'), true);
    assert.deepEqual([await troubled('docomo'), await troubled(undefined)], [false, false]);
    assert.equal(await isTroubled(core, 'other', 'au'), false);
    await learn('au', [5]);
    assert.equal(await troubled('au'), false, 'fewer than half');
    await learn('au', [5], false);
    now += 10 * MINUTE;
    assert.equal(await troubled('au'), false, 'it has passed');
  });
});
