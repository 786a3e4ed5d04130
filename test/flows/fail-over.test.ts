import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SekishoOptions } from '../../src/index.ts';
import type { RejectionClass, SendOutcome } from '../../src/ports/gateway.ts';
import { Visitor } from '../support/browser-client.ts';
import { enterNumber, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { createVendor, type Vendor } from '../support/vendor.ts';

const time = stopTime();
const reject = (reason: RejectionClass) => async (): Promise<SendOutcome> => ({
  outcome: 'rejected',
  class: reason,
});

describe('a message that a gateway does not take', () => {
  let host: Host;
  afterEach(() => host.close());

  async function start(vendors: Vendor[], options: Partial<SekishoOptions> = {}) {
    host = await startHost({
      options: {
        gateway: undefined,
        gateways: vendors,
        sends: FREE_SENDS,
        fallback: { undelivered: [] },
        ...options,
      },
    });
  }
  /** Binds a number up to the code page; answers how often each gateway was given something. */
  async function send(vendors: Vendor[], account = 'alice', phone = PHONES.alice) {
    const { page } = await givePassword(host, new Visitor(), account);
    const shown = await enterNumber(host, page, phone);
    return { counts: vendors.map(({ messages }) => messages.length), page: shown };
  }
  const two = () => [createVendor('first'), createVendor('second')];

  for (const reason of ['temporary', 'throttled', 'quota', 'auth', 'unknown'] as const) {
    it(`for the reason ${reason} goes to the next one, as the same code to the same number (lesson 22)`, async () => {
      const vendors = two();
      vendors[0]!.behave(reject(reason));
      await start(vendors);
      const { counts, page } = await send(vendors);
      assert.deepEqual(counts, [1, 1]);
      const [one, other] = vendors.map(({ messages }) => messages[0]!);
      assert.deepEqual([one!.text, one!.to], [other!.text, other!.to]);
      assert.notEqual(one!.id, other!.id, 'a gateway never sees the reference of another');
      assert.match((await page.visitor.open(page.url)).html, /data-state="accepted"/);
    });
  }

  for (const reason of ['number', 'recycled', 'opt-out', 'blocked', 'unreachable', 'permanent'] as const) {
    it(`for the reason ${reason} goes to no other (lesson 22)`, async () => {
      const vendors = two();
      vendors[0]!.behave(reject(reason));
      await start(vendors);
      assert.deepEqual((await send(vendors)).counts, [1, 0]);
    });
  }

  it('but may have, goes to no other and is not sent again (GWY-05)', async () => {
    const vendors = two();
    vendors[0]!.behave(async () => ({ outcome: 'ambiguous' }));
    await start(vendors);
    const { counts, page } = await send(vendors);
    assert.deepEqual(counts, [1, 0]);
    assert.match((await page.visitor.open(page.url)).html, /data-state="ambiguous"/);
  });

  it('but may have, is tried once more with the same id where that sends one message only (GWY-02)', async () => {
    const vendors = [createVendor('first', { idempotent: true }), createVendor('second')];
    let times = 0;
    vendors[0]!.behave(async () => {
      times += 1;
      return times === 1 ? { outcome: 'ambiguous' } : { outcome: 'accepted' };
    });
    await start(vendors);
    assert.deepEqual((await send(vendors)).counts, [2, 0]);
    const [one, again] = vendors[0]!.messages;
    assert.deepEqual(one, again);
  });

  it('counts as one send, whatever it took to get it out', async () => {
    const vendors = two();
    vendors[0]!.behave(reject('temporary'));
    await start(vendors, { sends: { ...FREE_SENDS, perNumberHour: 1 } });
    assert.deepEqual((await send(vendors)).counts, [1, 1]);
    const { page } = await send(vendors);
    assert.equal(page.status, 429, 'the second send is the second one');
  });

  it('five times in a row is passed by for half a minute, then one message tries it (GWY-02)', async () => {
    const vendors = two();
    vendors[0]!.behave(reject('temporary'));
    await start(vendors);
    for (let at = 0; at < 5; at += 1) await send(vendors, `user${at}`);
    assert.deepEqual((await send(vendors, 'six')).counts, [5, 6]);
    time.advance(30 * SECOND);
    assert.deepEqual((await send(vendors, 'seven')).counts, [6, 7]);
    vendors[0]!.behave(async () => ({ outcome: 'accepted' }));
    time.advance(30 * SECOND);
    assert.deepEqual((await send(vendors, 'eight')).counts, [7, 7]);
    assert.deepEqual((await send(vendors, 'nine')).counts, [8, 7]);
    const circuits = host.events.flatMap((event) =>
      event.type === 'gateway.circuit' ? [event.circuit] : [],
    );
    assert.deepEqual(circuits, ['opened', 'closed']);
  });

  it('at all, because every gateway is out, is said to be so and leaves the person ways on', async () => {
    const vendors = two();
    for (const vendor of vendors) vendor.behave(reject('temporary'));
    await start(vendors);
    const { page } = await send(vendors);
    const again = await page.visitor.open(page.url);
    assert.match(again.html, /data-state="rejected"/);
    assert.ok(again.form('send') && again.form('cancel') && again.form('change'));
  });

  it('because it is too much for a second is taken by the next one, and the last one is waited for', async () => {
    const vendors = two();
    await start(vendors, { rates: { first: 2 } });
    for (let at = 0; at < 3; at += 1) await send(vendors, `user${at}`);
    assert.deepEqual(
      vendors.map(({ messages }) => messages.length),
      [2, 1],
    );
    time.advance(SECOND);
    assert.deepEqual((await send(vendors, 'later')).counts, [3, 1]);
  });

  it('for as long as the vendor wants to be left alone goes to the next one first (lesson 22)', async () => {
    const vendors = two();
    vendors[0]!.behave(async () => ({ outcome: 'rejected', class: 'throttled', retryAfter: 20 * SECOND }));
    await start(vendors);
    await send(vendors);
    assert.deepEqual((await send(vendors, 'bob')).counts, [1, 2]);
    time.advance(20 * SECOND);
    assert.deepEqual((await send(vendors, 'carol')).counts, [2, 3]);
  });
});
