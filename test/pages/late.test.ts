import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SendOutcome } from '../../src/ports/gateway.ts';
import { Visitor } from '../support/browser-client.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { receipt, tell } from '../support/vendor.ts';
import { startWaiting, type Waiting } from '../support/waiting.ts';

const time = stopTime();
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

describe('a late code', () => {
  afterEach(closeAll);
  const LATE = { fallback: { undelivered: [], late: ['voice' as const] } };
  const isDue = async ({ visitor, here }: Waiting) =>
    ((await (await visitor.once(`${here}/events`)).json()) as { follow: boolean }).follow;
  const follow = async (waiting: Waiting) => {
    const page = await waiting.page.submit('follow');
    await waiting.host.sekisho.idle();
    return page;
  };
  const channels = ({ vendor }: Waiting) => vendor.messages.map(({ channel }) => channel);

  it('goes another way when the page says that the time is up, once, in any number of tabs (WEB-10)', async () => {
    const waiting = await start(LATE);
    time.advance(29 * SECOND);
    assert.equal(await isDue(waiting), false);
    await follow(waiting);
    assert.deepEqual(channels(waiting), ['sms'], 'it is not late yet, whatever the page says');
    time.advance(1 * SECOND);
    assert.equal(await isDue(waiting), true);
    const code = waiting.host.inbox.lastCode();
    const pages = await Promise.all([follow(waiting), follow(waiting), follow(waiting)]);
    assert.deepEqual(channels(waiting), ['sms', 'voice']);
    assert.equal(waiting.host.inbox.lastCode(), code);
    assert.ok(pages.every(({ status }) => status === 200));
    assert.match(
      (await reload(waiting)).text(),
      /no word that the text message arrived, so we are calling you/,
    );
    assert.equal(await isDue(waiting), false);
  });

  it('goes another way without scripts when the person looks again, by a form that leads back to the page', async () => {
    const waiting = await start(LATE);
    const control = (html: string) => /<noscript>(.*?)<\/noscript>/s.exec(html)![1]!;
    assert.match(
      control(waiting.page.html),
      /^<p[^>]*><a href/,
      'a link as long as there is nothing to set going',
    );
    time.advance(31 * SECOND);
    const page = await reload(waiting);
    const form = control(page.html);
    assert.match(form, /^<form method="post" action="[^"]*\/follow"[^>]*>.*<button[^>]*>Check again</);
    assert.doesNotMatch(page.html, /http-equiv="refresh"/);
    const fields = { csrf: /name="csrf" value="([^"]+)"/.exec(form)![1]! };
    const init = { method: 'POST', body: new URLSearchParams(fields) };
    const answer = await waiting.visitor.once(`${waiting.here}/follow`, init);
    assert.equal(answer.status, 303);
    assert.equal(new URL(answer.headers.get('location')!, waiting.here).href, waiting.here);
    await waiting.host.sekisho.idle();
    assert.deepEqual(channels(waiting), ['sms', 'voice']);
    assert.match(control((await reload(waiting)).html), /<a href/, 'and once');
  });

  it('stays with the person where the policy does not say otherwise', async () => {
    const waiting = await start(PLAIN);
    time.advance(60 * SECOND);
    assert.equal(await isDue(waiting), false);
    await follow(waiting);
    assert.deepEqual(channels(waiting), ['sms']);
  });

  it('is followed by nothing once it arrived, or where nobody knows whether it left', async () => {
    const arrived = await start(LATE);
    await tell(arrived.host, arrived.vendor, receipt('delivered'));
    time.advance(60 * SECOND);
    await follow(arrived);
    assert.deepEqual(channels(arrived), ['sms']);
    const open = await start(LATE);
    open.vendor.behave(async () => ({ outcome: 'ambiguous' }));
    await open.page.submit('send', { channel: 'sms' });
    await open.host.sekisho.idle();
    time.advance(60 * SECOND);
    assert.equal(await isDue(open), false);
    await follow(open);
    assert.deepEqual(channels(open), ['sms', 'sms']);
  });

  it('is followed by nothing while a newer message is on its way', async () => {
    const waiting = await start(LATE);
    time.advance(60 * SECOND);
    const release = Promise.withResolvers<SendOutcome>();
    waiting.vendor.behave(() => release.promise);
    await waiting.page.submit('send', { channel: 'sms' });
    await waiting.page.submit('follow');
    release.resolve({ outcome: 'accepted' });
    await waiting.host.sekisho.idle();
    assert.deepEqual(channels(waiting), ['sms', 'sms']);
  });

  it('is not moved on by another site or a link (WEB-08, WEB-10)', async () => {
    const waiting = await start(LATE);
    time.advance(60 * SECOND);
    const { visitor, here, page } = waiting;
    assert.equal((await visitor.once(`${here}/follow`)).status, 303);
    assert.equal((await page.post(`${here}/follow`, { csrf: 'wrong' })).status, 403);
    const stranger = new Visitor();
    const token = page.form('follow')!.fields;
    const init = { method: 'POST', body: new URLSearchParams(token) };
    assert.equal((await stranger.once(`${here}/follow`, init)).status, 404);
    await waiting.host.sekisho.idle();
    assert.deepEqual(channels(waiting), ['sms']);
  });
});
