import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import {
  bindPhone,
  enterNumber,
  FREE_SENDS,
  givePassword,
  type Host,
  PHONES,
  startHost,
} from '../support/host.ts';
import { stopTime } from '../support/time.ts';
import { createVendor, receipt, tell, type Vendor } from '../support/vendor.ts';

stopTime();
const SMS = { channels: ['sms'] as const };

describe('what receipts say about a network (GWY-05)', () => {
  let host: Host;
  let vendors: [Vendor, Vendor];
  beforeEach(async () => {
    vendors = [createVendor('first', SMS), createVendor('second', SMS)];
    host = await startHost({
      inbox: vendors[0],
      options: { gateway: undefined, gateways: vendors, sends: FREE_SENDS, fallback: { undelivered: [] } },
    });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    await tell(host, vendors[0], receipt('delivered', { carrier: 'docomo' }));
  });
  afterEach(() => host.close());

  /** Signs alice in again; the gateway that her message went by. */
  async function wayOf(): Promise<string> {
    for (const { messages } of vendors) messages.length = 0;
    await givePassword(host, new Visitor(), 'alice');
    return vendors.find(({ messages }) => messages.length > 0)!.name;
  }
  /** Messages to a number that was proved end like this. */
  async function endings(state: string, more: object): Promise<void> {
    for (let at = 0; at < 8; at += 1) {
      await givePassword(host, new Visitor(), 'alice');
      await tell(host, vendors[0], receipt(state, { carrier: 'docomo', ...more }));
      await host.sekisho.idle();
    }
  }

  it('is that a gateway does not get through, when it loses messages to numbers that were proved', async () => {
    await endings('undelivered', { class: 'temporary' });
    assert.equal(await wayOf(), 'second');
  });

  it('is nothing while phones are switched off: a message that only expired blames nobody', async () => {
    await endings('expired', {});
    assert.equal(await wayOf(), 'first');
  });

  it('is nothing when whoever types numbers in makes messages to them get lost', async () => {
    for (let at = 0; at < 8; at += 1) {
      const { page } = await givePassword(host, new Visitor(), `mallory${at}`);
      await enterNumber(host, page, `+8190123500${10 + at}`);
      await tell(host, vendors[0], receipt('undelivered', { class: 'blocked', carrier: 'docomo' }));
      await host.sekisho.idle();
    }
    assert.equal(await wayOf(), 'first');
  });
});
