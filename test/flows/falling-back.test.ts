import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SekishoOptions } from '../../src/index.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  FREE_SENDS,
  givePassword,
  type Host,
  PHONES,
  startHost,
} from '../support/host.ts';
import { codeIn } from '../support/inbox.ts';
import { MINUTE, SECOND, stopTime } from '../support/time.ts';
import { createVendor, receipt, tell, type Vendor } from '../support/vendor.ts';

const time = stopTime();
const SMS_ONLY = { channels: ['sms'] as const };

describe('a code that does not arrive', () => {
  const hosts: Host[] = [];
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close();
  });

  async function start(vendors: Vendor[], options: Partial<SekishoOptions> = {}, more: object = {}) {
    const host = await startHost({
      options: { gateway: undefined, gateways: vendors, sends: FREE_SENDS, ...options },
      inbox: vendors[0]!,
      ...more,
    });
    hosts.push(host);
    return host;
  }
  /** Signs alice in up to the page that waits for the code. */
  async function waiting(host: Host, vendors: Vendor[]) {
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    for (const { messages } of vendors) messages.length = 0;
    return givePassword(host, new Visitor(), 'alice');
  }
  const counts = (vendors: Vendor[]) => vendors.map(({ messages }) => messages.length);
  const three = () => [
    createVendor('first', SMS_ONLY),
    createVendor('second', SMS_ONLY),
    createVendor('phone', { channels: ['voice'] }),
  ];

  it('goes out by the next gateway, and then by a call: the same code, on the same page, and amr says tel', async () => {
    const vendors = three();
    const [first, second] = vendors as [Vendor, Vendor];
    const host = await start(vendors);
    const { page, request } = await waiting(host, vendors);
    assert.deepEqual(counts(vendors), [1, 0, 0]);
    await tell(host, first, receipt('undelivered', { class: 'temporary' }));
    await host.sekisho.idle();
    assert.deepEqual(counts(vendors), [1, 1, 0]);
    await tell(host, second, receipt('undelivered'));
    await host.sekisho.idle();
    assert.deepEqual(counts(vendors), [1, 1, 1]);
    const codes = vendors.map(({ messages }) => codeIn(messages[0]!));
    assert.equal(new Set(codes).size, 1);
    const { claims } = await arrive(host, request, await page.submit('code', { code: codes[2]! }));
    assert.deepEqual(claims!['amr'], ['pwd', 'tel', 'mfa']);
    const fallbacks = host.events.flatMap((event) =>
      event.type === 'delivery.fallback' ? [event.channel] : [],
    );
    assert.deepEqual(fallbacks, ['sms', 'voice']);
  });

  it('goes another way once, however often and in however many processes its receipt comes', async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    const vendors = three();
    const host = await start(vendors, {}, { store });
    const other = await start(
      vendors,
      {},
      { store: { ...store, close: async () => {} }, issuer: host.issuer },
    );
    await waiting(host, vendors);
    const url = vendors[0]!.messages[0]!.webhookUrl!;
    const nodes = [host, other, host, other, host, other];
    await Promise.all(nodes.map((node) => tell(node, vendors[0]!, receipt('undelivered'), { url })));
    await Promise.all([host.sekisho.idle(), other.sekisho.idle()]);
    assert.deepEqual(counts(vendors), [1, 1, 0]);
  });

  it('because the person said STOP or a filter holds it back goes by a call and by no other SMS', async () => {
    for (const reason of ['opt-out', 'blocked']) {
      const vendors = three();
      const host = await start(vendors);
      await waiting(host, vendors);
      await tell(host, vendors[0]!, receipt('undelivered', { class: reason }));
      await host.sekisho.idle();
      assert.deepEqual(counts(vendors), [1, 0, 1], reason);
    }
  });

  it('because the phone is off, the number is wrong or somebody else has it goes nowhere by itself', async () => {
    for (const reason of ['unreachable', 'number', 'recycled']) {
      const vendors = three();
      const host = await start(vendors);
      await waiting(host, vendors);
      await tell(host, vendors[0]!, receipt('undelivered', { class: reason }));
      await host.sekisho.idle();
      assert.deepEqual(counts(vendors), [1, 0, 0], reason);
    }
  });

  it('is left to the person where the policy says so', async () => {
    const vendors = three();
    const host = await start(vendors, { fallback: { undelivered: [] } });
    const { page } = await waiting(host, vendors);
    await tell(host, vendors[0]!, receipt('undelivered'));
    await host.sekisho.idle();
    assert.deepEqual(counts(vendors), [1, 0, 0]);
    const shown = await page.visitor.open(page.url);
    assert.match(shown.html, /data-state="undelivered"/);
    await shown.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    assert.deepEqual(counts(vendors), [1, 0, 1]);
  });

  it('is followed by nothing when it failed after the code died, or too late for a call (20 minutes at KDDI)', async () => {
    for (const pause of [20 * MINUTE, 5 * MINUTE - 30 * SECOND]) {
      const vendors = three();
      const host = await start(vendors);
      await waiting(host, vendors);
      time.advance(pause);
      await tell(host, vendors[0]!, receipt('undelivered'));
      await host.sekisho.idle();
      assert.deepEqual(counts(vendors), [1, 0, 0]);
    }
  });

  it('keeps its code and its end also in the second half of its life, when it goes another way by itself (OTP-09)', async () => {
    const vendors = three();
    const host = await start(vendors);
    const { page, request } = await waiting(host, vendors);
    time.advance(200 * SECOND);
    await tell(host, vendors[0]!, receipt('undelivered'));
    await host.sekisho.idle();
    assert.equal(vendors[1]!.messages[0]!.text, vendors[0]!.messages[0]!.text);
    assert.equal(vendors[1]!.messages[0]!.expiresAt, vendors[0]!.messages[0]!.expiresAt);
    const code = codeIn(vendors[0]!.messages[0]!);
    assert.ok((await arrive(host, request, await page.submit('code', { code }))).claims);
  });

  it('never gets more sends than its challenge has, whoever asks', async () => {
    const vendors = three();
    const host = await start(vendors, { code: { sends: 2 } });
    await waiting(host, vendors);
    for (const vendor of vendors.slice(0, 2)) {
      await tell(host, vendor, receipt('undelivered'));
      await host.sekisho.idle();
    }
    assert.deepEqual(counts(vendors), [1, 1, 0]);
  });

  it('is not sent again because an older message failed, or one that arrived before', async () => {
    const vendors = three();
    const host = await start(vendors);
    const { page } = await waiting(host, vendors);
    const url = vendors[0]!.messages[0]!.webhookUrl!;
    await page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    assert.deepEqual(counts(vendors), [2, 0, 0]);
    await tell(host, vendors[0]!, receipt('undelivered'), { url });
    await host.sekisho.idle();
    assert.deepEqual(counts(vendors), [2, 0, 0], 'the newer message is still on its way');
  });

  it('and one call a day is all a number may get, is not called a second time (lesson 25)', async () => {
    const vendors = three();
    const host = await start(vendors, { voice: { perNumberDay: 1 } });
    const { page } = await waiting(host, vendors);
    await page.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    const again = await (await page.visitor.open(page.url)).submit('send', { channel: 'voice' });
    assert.equal(again.status, 429);
    assert.deepEqual(counts(vendors), [1, 0, 1]);
    assert.ok(host.events.some((event) => event.type === 'send.refused' && event.limit === 'voice'));
  });

  it('falls back after a restart too, since nothing but the receipt drives it', async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    const kept = { ...store, close: async () => {} };
    const vendors = three();
    const host = await start(vendors, {}, { store: kept });
    await waiting(host, vendors);
    const url = vendors[0]!.messages[0]!.webhookUrl!;
    const { issuer } = host;
    await host.close();
    hosts.length = 0;
    const reborn = await start(vendors, {}, { store: kept, issuer });
    await tell({ ...reborn, issuer }, vendors[0]!, receipt('undelivered'), { url });
    await reborn.sekisho.idle();
    assert.deepEqual(counts(vendors), [1, 1, 0]);
  });

  it('and a gateway that refused it reports about it later all the same: the page stays with the newer message', async () => {
    const vendors = three();
    vendors[0]!.behave(async () => ({ outcome: 'rejected', class: 'temporary' }));
    const host = await start(vendors);
    const { page } = await waiting(host, vendors);
    assert.deepEqual(counts(vendors), [1, 1, 0]);
    await tell(host, vendors[0]!, receipt('undelivered'));
    await host.sekisho.idle();
    assert.deepEqual(counts(vendors), [1, 1, 0], 'nothing follows what was not taken');
    assert.match((await page.visitor.open(page.url)).html, /data-state="accepted"/);
  });
});
