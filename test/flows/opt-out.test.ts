import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  FREE_SENDS,
  givePassword,
  type Host,
  PHONES,
  startHost,
} from '../support/host.ts';
import { createVendor, receipt, tell, type Vendor } from '../support/vendor.ts';

describe('a person who says STOP', () => {
  let host: Host;
  let vendor: Vendor;
  beforeEach(async () => {
    vendor = createVendor('vendor');
    host = await startHost({ inbox: vendor, options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    vendor.messages.length = 0;
  });
  afterEach(() => host.close());

  const says = (keyword: string | null, from = PHONES.alice) =>
    tell(host, vendor, [{ type: 'inbound', from, keyword }], { url: host.sekisho.webhookUrl('vendor') });
  const channels = () => vendor.messages.map(({ channel }) => channel);

  it('gets no SMS, is told so on the page, and signs in by a call', async () => {
    await says('stop');
    const { page, request } = await givePassword(host, new Visitor(), 'alice');
    assert.deepEqual(channels(), []);
    assert.ok(page.status === 200 && page.form('send'), 'the page says why and offers a call');
    assert.match(page.text(), /are stopped/);
    assert.match(page.text(), /START/);
    const called = await page.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    assert.deepEqual(channels(), ['voice']);
    const { claims } = await arrive(host, request, await enterCode(host, called));
    assert.deepEqual(claims!['amr'], ['pwd', 'tel', 'mfa']);
    assert.ok(host.events.some(({ type }) => type === 'sms.stopped'));
  });

  it('gets none by asking for it either, and that refusal counts against no limit', async () => {
    const { page } = await givePassword(host, new Visitor(), 'alice');
    await says('stop');
    for (let at = 0; at < 3; at += 1) {
      const refused = await page.submit('send', { channel: 'sms' });
      assert.equal(refused.status, 403);
      assert.match(refused.text(), /are stopped/);
    }
    assert.deepEqual(channels(), ['sms'], 'the one from before');
    await page.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    assert.deepEqual(channels(), ['sms', 'voice']);
  });

  it('gets SMS again after START', async () => {
    await says('stop');
    await says('stop');
    await says('start');
    await givePassword(host, new Visitor(), 'alice');
    assert.deepEqual(channels(), ['sms']);
    assert.deepEqual(
      host.events.flatMap(({ type }) => (type.startsWith('sms.') ? [type] : [])),
      ['sms.stopped', 'sms.resumed'],
    );
  });

  it('says it for one number, in any spelling a vendor uses, and other words say nothing', async () => {
    await says(null);
    await says('stop', PHONES.bob);
    await givePassword(host, new Visitor(), 'alice');
    assert.deepEqual(channels(), ['sms']);
    await says('stop', PHONES.alice.slice(1));
    await givePassword(host, new Visitor(), 'alice');
    assert.deepEqual(channels(), ['sms']);
  });

  it('to the vendor only is known from the refusal of the next SMS, and gets no further one', async () => {
    vendor.behave(async ({ channel }) =>
      channel === 'sms' ? { outcome: 'rejected', class: 'opt-out' } : { outcome: 'accepted' },
    );
    const { page } = await givePassword(host, new Visitor(), 'alice');
    await host.sekisho.idle();
    assert.deepEqual(channels(), ['sms', 'voice'], 'the code goes by a call, as the policy says');
    assert.match((await page.visitor.open(page.url)).text(), /./);
    vendor.messages.length = 0;
    await givePassword(host, new Visitor(), 'alice');
    assert.deepEqual(channels(), []);
  });

  it('is known from a receipt too', async () => {
    await givePassword(host, new Visitor(), 'alice');
    await tell(host, vendor, receipt('undelivered', { class: 'opt-out' }));
    await host.sekisho.idle();
    vendor.messages.length = 0;
    await givePassword(host, new Visitor(), 'alice');
    assert.deepEqual(channels(), []);
  });

  it('and says so from a number of a country we do not send to, stops nothing and breaks nothing', async () => {
    for (const from of ['+8613800138000', 'bank', '', '+819012340001\r\nx', '0005123456'])
      assert.equal((await says('stop', from)).status, 200);
    assert.ok(!host.events.some(({ type }) => type === 'sms.stopped' || type === 'fault'));
  });

  it('gets SMS again when support takes it back for an account, and that is told', async () => {
    await says('stop');
    assert.equal(await host.sekisho.resumeSms('alice'), true);
    assert.equal(await host.sekisho.resumeSms('alice'), false, 'there is nothing left to take back');
    assert.equal(await host.sekisho.resumeSms('nobody'), false);
    await givePassword(host, new Visitor(), 'alice');
    assert.deepEqual(channels(), ['sms']);
    assert.ok(host.events.some(({ type }) => type === 'sms.resumed'));
  });
});
