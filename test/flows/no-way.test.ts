import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SekishoOptions } from '../../src/index.ts';
import { Visitor } from '../support/browser-client.ts';
import { bindPhone, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { createVendor, tell, type Vendor } from '../support/vendor.ts';

describe('a number that nothing reaches any more', () => {
  let host: Host;
  let vendor: Vendor;
  afterEach(() => host.close());

  async function start(options: Partial<SekishoOptions> = {}): Promise<void> {
    vendor = createVendor('vendor');
    host = await startHost({ inbox: vendor, options: { sends: FREE_SENDS, ...options } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    host.events.length = 0;
  }
  const signIn = async () =>
    (await givePassword(host, new Visitor({ 'accept-language': 'en' }), 'alice')).page;

  it('is told to whoever runs this, and to the person as what it is: nothing was sent, and nothing can be', async () => {
    await start();
    Object.assign(vendor, { countries: ['GB'] });
    const page = await signIn();
    const refused = host.events.filter(({ type }) => type === 'send.refused');
    assert.equal(refused.length, 1);
    const { time: _, flow, ...event } = refused[0]!;
    assert.match(String((event as { number?: string }).number), /^\D*01$/);
    assert.deepEqual(
      { ...event, number: '' },
      { type: 'send.refused', limit: 'unreachable', number: '', account: 'alice', client: 'app' },
    );
    assert.ok(flow);
    assert.match(page.text(), /We cannot send a code to this phone number right now\./);
    assert.doesNotMatch(page.text(), /We will send|newest code|No more codes/);
    assert.equal(page.form('send'), undefined);
    assert.ok(page.form('cancel'));
  });

  it('while the page waits is offered no button, and the code that came still works', async () => {
    await start();
    const page = await signIn();
    Object.assign(vendor, { countries: ['GB'] });
    const later = await page.visitor.open(page.url);
    assert.match(later.text(), /We cannot send the code again right now\. A code that you have/);
    assert.equal(later.form('send'), undefined);
    const refused = await page.submit('send', { channel: 'sms' });
    assert.equal(refused.status, 200);
    assert.doesNotMatch(refused.text(), /Enter another one/, 'there is no other number at a sign-in');
    assert.match(refused.text(), /We cannot send the code again right now\./);
    assert.ok(host.events.some((event) => event.type === 'send.refused' && event.limit === 'unreachable'));
    assert.ok(later.form('code'));
  });

  it('since the person said STOP and there are no calls: reads of START, and is offered nothing that fails', async () => {
    await start({ voice: { enabled: false } });
    const said = [{ type: 'inbound', from: PHONES.alice, keyword: 'stop' }];
    await tell(host, vendor, said, { url: host.sekisho.webhookUrl('vendor') });
    const page = await signIn();
    assert.match(
      page.text(),
      /Text messages to the phone number ending in 01 are stopped.* reply START to the number they came from\./,
    );
    assert.doesNotMatch(page.text(), /by a call|We will send|right now/);
    assert.equal(page.form('send'), undefined);
    assert.ok(page.html.includes(`<a href="${new URL(page.url).pathname}">Check again</a>`));
  });
});
