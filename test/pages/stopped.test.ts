import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { arrive, enterCode, enterNumber, givePassword, PHONES } from '../support/host.ts';
import { tell } from '../support/vendor.ts';
import { startWaiting, type Waiting } from '../support/waiting.ts';

const open: Waiting[] = [];
async function start(...settings: Parameters<typeof startWaiting>): Promise<Waiting> {
  const waiting = await startWaiting(...settings);
  open.push(waiting);
  return waiting;
}
const closeAll = async () => {
  for (const { host } of open.splice(0)) await host.close();
};
const reload = ({ visitor, page }: Waiting) => visitor.open(page.url);
const PLAIN = { fallback: { undelivered: [] } };

describe('the page of a person who said STOP', () => {
  afterEach(closeAll);
  const stop = ({ host, vendor }: Waiting, from: string) =>
    tell(host, vendor, [{ type: 'inbound', from, keyword: 'stop' }], {
      url: host.sekisho.webhookUrl('vendor'),
    });
  const channels = (html: string) =>
    [...html.matchAll(/name="channel" value="(\w+)"/g)].map(([, name]) => name);

  it('says so while it waits, how to undo it, and offers a call and no text', async () => {
    const waiting = await start(PLAIN);
    assert.deepEqual(channels(waiting.page.html), ['sms', 'voice']);
    await stop(waiting, PHONES.alice);
    const page = await reload(waiting);
    assert.deepEqual(channels(page.html), ['voice']);
    assert.match(
      page.text(),
      /are stopped.* reply START to the number they came from\. You can still get the code by a call\./,
    );
  });

  it('names the support as another way back, where there is one: a vendor may have set it, and START not undo it', async () => {
    for (const support of ['0120-000-000', undefined]) {
      const waiting = await start({ ...PLAIN, brand: { support } });
      await stop(waiting, PHONES.alice);
      const text = (await reload(waiting)).text();
      assert.equal(/does not help, contact us: 0120-000-000/.test(text), support !== undefined);
      assert.equal(text.includes('contact us:'), support !== undefined);
    }
  });

  it('says in the form that no text can be sent, and which way is left', async () => {
    const waiting = await start(PLAIN);
    await stop(waiting, PHONES.alice);
    const refused = await waiting.page.submit('send', { channel: 'sms' });
    assert.equal(refused.status, 403);
    assert.match(refused.html, /role="alert"/);
    assert.match(
      refused.text(),
      /Text messages to this phone number are stopped\. To get them again, reply START/,
    );
    assert.deepEqual(channels(refused.html), ['voice']);
  });

  it('lets a number be bound by a call; where there are no calls the form says why not', async () => {
    for (const enabled of [true, false]) {
      const waiting = await start({ ...PLAIN, voice: { enabled } });
      const { host, vendor, visitor } = waiting;
      await stop(waiting, PHONES.bob);
      const { page, request } = await givePassword(host, visitor, 'bob');
      vendor.messages.length = 0;
      const next = await enterNumber(host, page, PHONES.bob);
      assert.equal(vendor.messages.length, 0);
      if (enabled) {
        assert.deepEqual(channels(next.html), ['voice']);
        const called = await next.submit('send', { channel: 'voice' });
        await host.sekisho.idle();
        assert.equal((await arrive(host, request, await enterCode(host, called))).claims!.sub, 'bob');
      } else {
        assert.equal(next.status, 403);
        assert.match(next.text(), /Text messages to this phone number are stopped/);
        assert.ok(next.form('number'), 'another number can be given');
      }
    }
  });
});
