import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { dispatch } from '../../src/domain/dispatch.ts';
import { readPhone } from '../../src/domain/phone.ts';
import type { SekishoEvent } from '../../src/events.ts';
import { parseOptions, type SekishoOptions } from '../../src/options.ts';
import { type Built, buildCore } from '../../src/sekisho/core.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { PHONES } from '../support/host.ts';
import { SECOND } from '../support/time.ts';
import { createVendor, type Vendor } from '../support/vendor.ts';

const SILENT = { info() {}, warn() {}, error() {} };
const START = Date.UTC(2026, 5, 1, 3, 0, 0);
/** What was seen: 570 sends, 24 a second, and a vendor that takes two seconds for each. */
const SENDS = 570;
const PER_SECOND = 24;
const ANSWER_MS = 2 * SECOND;

describe('a vendor that answers in two seconds, at 24 sends a second (fault H.5)', () => {
  let now = 0;
  let built: Built;
  let events: SekishoEvent[];
  beforeEach(() => {
    now = 0;
    events = [];
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: START });
    mock.method(performance, 'now', () => now);
  });
  afterEach(async () => {
    mock.timers.reset();
    mock.restoreAll();
    await built.core.store.close();
  });

  function slow(name: string): { gateway: Vendor; most(): number } {
    const gateway = createVendor(name);
    let [underWay, most] = [0, 0];
    gateway.behave(async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
      underWay -= 1;
      return { outcome: 'accepted' };
    });
    return { gateway, most: () => most };
  }

  async function start(gateways: Vendor[], options: Partial<SekishoOptions> = {}) {
    const store = await openSqliteStore({ file: ':memory:' });
    const secrets = [randomBytes(32).toString('base64url')];
    const onEvent = (event: SekishoEvent) => void events.push(event);
    const all = { issuer: 'http://localhost', secrets, countries: ['JP'], store, gateways, onEvent };
    built = await buildCore(parseOptions({ ...all, ...options }), SILENT);
  }

  /** Moves time on until nothing is under way. */
  async function pass(milliseconds: number): Promise<void> {
    for (let left = milliseconds; left > 0; left -= 100) {
      for (let turn = 0; turn < 12; turn += 1) await setImmediate();
      now += 100;
      mock.timers.tick(100);
    }
  }

  async function sendAll(): Promise<void> {
    for (let send = 0; send < SENDS; send += 1) {
      dispatch(built.core, {
        ...{ phone: readPhone(PHONES.alice, ['JP']), code: '123456', channel: 'sms', purpose: 'signin' },
        ...{ locale: 'en', appHash: undefined, uid: `uid-${send}`, holder: undefined, tag: `tag${send}` },
        ...{ challengeId: 'challenge', expiresAt: Date.now() + 300_000, send: 1, cause: undefined },
        release: async () => {},
        about: { flow: `flow ${send}` },
      });
      if (send % 2 === 1) await pass((2 * SECOND) / PER_SECOND);
    }
    await pass(30 * SECOND);
    await built.core.store.ping();
    assert.equal(finished().length >= SENDS, true, `${finished().length}`);
  }
  const finished = () => events.flatMap((event) => (event.type === 'delivery.finished' ? [event] : []));
  const count = (outcome: string, gateway: string) =>
    finished().filter((event) => event.outcome === outcome && event.gateway === gateway).length;
  const circuits = () => events.filter(({ type }) => type === 'gateway.circuit').length;

  it('takes all of them as it is set up by default', async () => {
    const { gateway, most } = slow('a');
    await start([gateway]);
    await sendAll();
    assert.equal(count('accepted', 'a'), SENDS);
    assert.equal(circuits(), 0);
    assert.ok(most() > 32, `${most()}`);
  });

  it('gets no more than 32 at a time where that is its limit: the rest is refused as busy, never ambiguous', async () => {
    const { gateway, most } = slow('a');
    await start([gateway], { concurrency: { a: 32 } });
    await sendAll();
    assert.equal(most(), 32);
    assert.ok(count('accepted', 'a') > 300);
    assert.equal(count('accepted', 'a') + count('rejected', 'none'), SENDS);
    assert.equal(count('ambiguous', 'a'), 0);
    assert.equal(circuits(), 0);
    const busy = events.filter(({ type }) => type === 'gateway.busy');
    assert.ok(busy.length === 1, 'it is told, once a minute');
  });

  it('leaves the rest to the next gateway, which takes it', async () => {
    const [first, second] = [slow('a'), slow('b')];
    await start([first.gateway, second.gateway], { concurrency: { a: 32 } });
    await sendAll();
    assert.equal(count('accepted', 'a') + count('accepted', 'b'), SENDS);
    assert.ok(count('accepted', 'b') > 50);
    assert.equal(circuits(), 0);
  });
});
