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
      /replied STOP.* reply START to the same number\. You can still get the code by a call\./,
    );
  });

  it('says in the form that no text can be sent, and which way is left', async () => {
    const waiting = await start(PLAIN);
    await stop(waiting, PHONES.alice);
    const refused = await waiting.page.submit('send', { channel: 'sms' });
    assert.equal(refused.status, 403);
    assert.match(refused.html, /role="alert"/);
    assert.match(refused.text(), /has stopped our text messages\. Get the code another way\./);
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
        assert.match(next.text(), /has stopped our text messages/);
        assert.ok(next.form('number'), 'another number can be given');
      }
    }
  });
});
