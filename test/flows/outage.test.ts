import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SekishoOptions } from '../../src/index.ts';
import type { SendOutcome } from '../../src/ports/gateway.ts';
import { Visitor } from '../support/browser-client.ts';
import { bindPhone, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { DAY, MINUTE, SECOND, stopTime } from '../support/time.ts';
import { createVendor, receipt, tell, type Vendor } from '../support/vendor.ts';

const time = stopTime();
const REFUSED = { outcome: 'rejected', class: 'temporary' } as const;
const ACCEPTED = { outcome: 'accepted' } as const;
const refused = (reason: Extract<SendOutcome, { outcome: 'rejected' }>['class']): SendOutcome => ({
  outcome: 'rejected',
  class: reason,
});

describe('a send that every gateway refused (THR-03)', () => {
  let host: Host;
  let all: [Vendor, Vendor];
  afterEach(() => host.close());

  /** Alice has a number, and what that took does not count any more. */
  async function start(sends: SekishoOptions['sends'], options: Partial<SekishoOptions> = {}) {
    all = [createVendor('a'), createVendor('b', { channels: ['sms'] })];
    host = await startHost({
      inbox: all[0],
      options: {
        ...{ gateway: undefined, gateways: all, sends, fallback: { undelivered: [] } },
        ...options,
      },
    });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    time.advance(2 * DAY);
    for (const { messages } of all) messages.length = 0;
  }
  const answer = (...outcomes: [SendOutcome, SendOutcome]) =>
    all.forEach((vendor, at) => {
      vendor.behave(async () => outcomes[at]!);
    });
  /** A sign-in; whether gateways were asked. */
  async function press(): Promise<boolean> {
    const before = all[0].messages.length;
    await givePassword(host, new Visitor(), 'alice');
    return all[0].messages.length > before;
  }
  const ONE = { ...FREE_SENDS, perNumberHour: 1 };

  it('takes nothing from what the person may be sent once the outage is over', async () => {
    await start({});
    answer(REFUSED, refused('quota'));
    for (let at = 0; at < 6; at += 1) {
      assert.equal(await press(), true, `press ${at}`);
      time.advance(3 * MINUTE);
    }
    answer(ACCEPTED, ACCEPTED);
    for (let at = 0; at < 5; at += 1) {
      assert.equal(await press(), true, `press ${at} after it`);
      time.advance(3 * MINUTE);
    }
    assert.equal(await press(), false, 'five an hour, as ever');
  });

  it('counts for the account and the calls no more than for the number', async () => {
    await start({ ...FREE_SENDS, perAccountDay: 1 }, { voice: { perNumberDay: 1 } });
    answer(REFUSED, REFUSED);
    const { page } = await givePassword(host, new Visitor(), 'alice');
    for (let at = 0; at < 2; at += 1) {
      const called = await page.submit('send', { channel: 'voice' });
      assert.equal(called.status, 200);
      await host.sekisho.idle();
    }
    answer(ACCEPTED, ACCEPTED);
    assert.equal(await press(), true);
    assert.equal(await press(), false);
  });

  it('is followed by the same pause as any other', async () => {
    await start({});
    answer(REFUSED, REFUSED);
    assert.equal(await press(), true);
    time.advance(29 * SECOND);
    assert.equal(await press(), false);
    time.advance(SECOND);
    assert.equal(await press(), true);
    time.advance(59 * SECOND);
    assert.equal(await press(), false, 'and the pauses grow');
  });

  it('counts for the address that asked', async () => {
    await start({ ...FREE_SENDS, perIpHour: 2 });
    answer(REFUSED, REFUSED);
    assert.deepEqual([await press(), await press(), await press()], [true, true, false]);
  });

  it('can be asked for three times as often as one that leaves, and no more', async () => {
    await start(ONE);
    answer(REFUSED, REFUSED);
    assert.deepEqual([await press(), await press(), await press(), await press()], [true, true, true, false]);
    answer(ACCEPTED, ACCEPTED);
    assert.equal(await press(), false);
  });

  for (const [name, outcomes] of Object.entries({
    'was left open': [REFUSED, { outcome: 'ambiguous' }],
    'was taken in the end': [REFUSED, ACCEPTED],
    'was refused for what it is': [refused('permanent'), REFUSED],
    'was refused by a filter': [REFUSED, refused('blocked')],
    'was refused for no reason that is known': [refused('unknown'), REFUSED],
  } satisfies Record<string, [SendOutcome, SendOutcome]>)) {
    it(`is not one that ${name}: that counts`, async () => {
      await start(ONE);
      answer(...(outcomes as [SendOutcome, SendOutcome]));
      assert.deepEqual([await press(), await press()], [true, false]);
    });
  }

  it('is not one of which a receipt says that it left: that counts', async () => {
    await start(ONE);
    all[0].behave(async () => {
      await tell(host, all[0], receipt('sent'));
      return REFUSED;
    });
    assert.deepEqual([await press(), await press()], [true, false]);
  });
});
