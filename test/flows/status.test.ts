import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Channel } from '../../src/ports/store.ts';
import type { Page } from '../support/browser-client.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { receipt, tell } from '../support/vendor.ts';
import { startWaiting, type Waiting } from '../support/waiting.ts';

const time = stopTime();

describe('what the page says after the code was asked for again', () => {
  let waiting: Waiting;
  afterEach(() => waiting.host.close());

  const press = async (channel: Channel, own: Parameters<Waiting['vendor']['behave']>[0] | null = null) => {
    waiting = await startWaiting({ fallback: { undelivered: [] } });
    if (own) waiting.vendor.behave(own);
    const page = await waiting.page.submit('send', { channel });
    await waiting.host.sekisho.idle();
    return page;
  };
  const said = ({ html }: Page) => /class="status">([^<]*)</.exec(html)![1];
  const reload = ({ visitor, url }: Page) => visitor.open(url);
  const SENDING = 'We are sending you a security code again.';
  const CALLING = 'We are calling you now.';

  it('is that it is being sent, before anybody knows more, and until the message arrived (A11-06)', async () => {
    const page = await press('sms');
    assert.equal(said(page), SENDING);
    assert.equal(said(await reload(page)), SENDING);
    await tell(waiting.host, waiting.vendor, receipt('delivered'));
    assert.equal(said(await reload(page)), '');
  });

  it('is that we call, until the call is answered', async () => {
    const page = await press('voice');
    assert.equal(said(page), CALLING);
    const call = (state: string) => tell(waiting.host, waiting.vendor, [{ type: 'call', state }]);
    await call('ringing');
    assert.equal(said(await reload(page)), CALLING);
    await call('answered');
    assert.equal(said(await reload(page)), '');
  });

  it('is nothing where it was refused or nobody knows, and half a minute later', async () => {
    for (const outcome of [{ outcome: 'ambiguous' }, { outcome: 'rejected', class: 'temporary' }] as const) {
      const page = await press('sms', async () => outcome);
      assert.equal(said(await reload(page)), '', outcome.outcome);
      await waiting.host.close();
    }
    const page = await press('sms');
    time.advance(30 * SECOND);
    assert.equal(said(await reload(page)), '');
  });

  it('is nothing where an address says so and nobody pressed, or pressed for the other', async () => {
    const page = await press('sms');
    const here = page.url.split('?')[0]!;
    assert.equal(said(await page.visitor.open(`${here}?sent=called`)), '');
    await waiting.host.close();
    waiting = await startWaiting();
    for (const sent of ['again', 'called'])
      assert.equal(said(await waiting.visitor.open(`${waiting.here}?sent=${sent}`)), '');
  });
});
