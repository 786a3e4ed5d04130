import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { readEvents } from '../support/event-stream.ts';
import { bindPhone, enterCode, enterNumber, givePassword, PHONES } from '../support/host.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { receipt, tell } from '../support/vendor.ts';
import { startWaiting, type Waiting } from '../support/waiting.ts';

const time = stopTime();
const EVENTS = { headers: { accept: 'text/event-stream' } };
const JSON_PLEASE = { headers: { accept: 'application/json' } };

describe('news for a page that waits', () => {
  const open: Waiting[] = [];
  afterEach(async () => {
    for (const { host } of open.splice(0)) await host.close();
  });
  async function start(...settings: Parameters<typeof startWaiting>): Promise<Waiting> {
    const waiting = await startWaiting(...settings);
    open.push(waiting);
    return waiting;
  }
  const listen = async ({ visitor, here }: Waiting, query = '') => {
    const response = await visitor.once(`${here}/events${query}`, EVENTS);
    assert.equal(response.status, 200);
    return readEvents(response);
  };
  const ask = ({ visitor, here }: Waiting, query = '') => visitor.once(`${here}/events${query}`, JSON_PLEASE);
  const state = async (waiting: Waiting) => ((await (await ask(waiting)).json()) as { state: string }).state;

  it('come as they happen, in the language of the page, until the code arrived (A11-06)', async () => {
    const waiting = await start();
    const [en, ja] = await Promise.all([listen(waiting), listen(waiting, '?ui_locales=ja')]);
    const first = await en.news();
    assert.equal(first['state'], 'accepted');
    assert.equal(first['text'], 'The text message is on its way.');
    assert.equal((await ja.news())['text'], 'SMSを送信しました。届くまでしばらくお待ちください。');
    await tell(waiting.host, waiting.vendor, receipt('delivered'));
    const arrived = await en.news();
    assert.deepEqual([arrived['state'], arrived['tone'], arrived['helpOpen']], ['delivered', 'good', false]);
    assert.equal((await en.next())!.event, 'end');
    assert.match(String((await ja.news())['text']), /SMSが端末に届きました/);
  });

  it('tell of a failure what helps, and of the call that follows it by itself', async () => {
    const waiting = await start();
    const stream = await listen(waiting);
    await stream.news();
    await tell(waiting.host, waiting.vendor, receipt('undelivered', { class: 'blocked' }));
    await waiting.host.sekisho.idle();
    const news = await stream.news();
    assert.deepEqual([news['channel'], news['fellBack'], news['tone']], ['voice', 'undelivered', 'wait']);
    assert.match(String(news['text']), /^The text message did not arrive, so we are calling you\./);
    await stream.close();
  });

  it('tell whether more may be sent, so that the page can look what it is: after a send, STOP and START', async () => {
    const waiting = await start({ code: { sends: 2 } });
    const { host, vendor, page } = waiting;
    const offer = async () => ((await (await ask(waiting)).json()) as { offer: string }).offer;
    const says = (keyword: string) =>
      tell(host, vendor, [{ type: 'inbound', from: PHONES.alice, keyword }], {
        url: host.sekisho.webhookUrl('vendor'),
      });
    assert.equal(await offer(), '1 sms voice');
    assert.ok(page.html.includes('data-offer="1 sms voice"'));
    await says('stop');
    assert.equal(await offer(), '1 voice stopped');
    await says('start');
    await page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    assert.equal(await offer(), '2');
    const { html } = await page.visitor.open(page.url);
    assert.ok(html.includes('data-offer="2"') && html.includes('No more codes can be sent this time.'));
  });

  it('hold no code, no number and nothing of the message, also while a number is being bound (LOG-02)', async () => {
    const { host, vendor } = await start({ fallback: { undelivered: [] } });
    const visitor = new Visitor();
    const binding = await enterNumber(host, (await givePassword(host, visitor, 'bob')).page, PHONES.bob);
    await tell(host, vendor, receipt('undelivered', { class: 'number' }));
    const here = binding.url.split('?')[0]!;
    const texts = await Promise.all(
      ['?ui_locales=en', '?ui_locales=ja'].map(async (query) =>
        (await visitor.once(`${here}/events${query}`, JSON_PLEASE)).text(),
      ),
    );
    const { text } = vendor.messages.at(-1)!;
    for (const news of texts) {
      assert.match(news, /"state":"undelivered"/);
      for (const secret of [
        host.inbox.lastCode(),
        '340002',
        '0002',
        text.slice(0, 20),
        'vendor',
        here.split('/').at(-1)!,
      ])
        assert.ok(!news.includes(secret), secret);
      assert.doesNotMatch(news.replace(/050/g, ''), /\d{2}/);
    }
  });

  it('are for the browser of the interaction alone (WEB-16)', async () => {
    const { host, here } = await start();
    const stranger = new Visitor();
    assert.equal((await stranger.once(`${here}/events`, EVENTS)).status, 404);
    await bindPhone(host, new Visitor(), 'bob', PHONES.bob);
    const other = await givePassword(host, stranger, 'bob');
    const cookie = stranger.cookiesFor(new URL(other.page.url).pathname);
    const forged = await stranger.once(`${here}/events`, { headers: { ...EVENTS.headers, cookie } });
    assert.equal(forged.status, 409);
    assert.doesNotMatch(forged.headers.get('content-type')!, /event-stream/);
  });

  it('send and verify nothing, however often and however late they are asked for (WEB-10)', async () => {
    const waiting = await start({ fallback: { late: ['voice'] } });
    const { host, vendor, visitor, here, page } = waiting;
    host.events.length = 0;
    for (const pause of [0, 40 * SECOND, 60 * SECOND]) {
      time.advance(pause);
      for (let at = 0; at < 5; at += 1) await Promise.all([ask(waiting), visitor.open(page.url)]);
      await (await listen(waiting)).close();
    }
    await host.sekisho.idle();
    assert.equal(vendor.messages.length, 1);
    assert.ok(!host.events.some(({ type }) => type === 'code.verified' || type === 'challenge.sent'));
    for (const method of ['HEAD', 'POST', 'PUT'])
      assert.notEqual((await visitor.once(`${here}/events`, { method })).status, 200, method);
  });

  it('are few for one page, and a page that gets none is told to come back', async () => {
    const waiting = await start();
    const { visitor, here } = waiting;
    await Promise.all([listen(waiting), listen(waiting), listen(waiting)]);
    const refused = await visitor.once(`${here}/events`, EVENTS);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '10');
    assert.equal(await state(waiting), 'accepted', 'asking goes on');
  });

  it('are over when the code is used, expired or locked (204 stops a browser from coming again)', async () => {
    const used = await start();
    await enterCode(used.host, used.page);
    assert.equal((await ask(used)).status, 204);
    const expired = await start();
    time.advance(301 * SECOND);
    for (const init of [EVENTS, JSON_PLEASE])
      assert.equal((await expired.visitor.once(`${expired.here}/events`, init)).status, 204);
    const locked = await start({ code: { tries: 1 } });
    await enterCode(locked.host, locked.page, { code: '000000' });
    assert.equal((await ask(locked)).status, 204);
  });

  it('ask the vendor who does not report by himself, at most every five seconds', async () => {
    let polls = 0;
    const waiting = await start(undefined, {
      webhook: undefined,
      async poll() {
        polls += 1;
        return polls < 2 ? [] : [{ type: 'receipt', state: 'delivered' }];
      },
    });
    for (let at = 0; at < 3; at += 1) await state(waiting);
    assert.equal(polls, 0, 'it was sent only now');
    time.advance(6 * SECOND);
    for (let at = 0; at < 3; at += 1) await state(waiting);
    await waiting.host.sekisho.idle();
    assert.equal(polls, 1);
    time.advance(6 * SECOND);
    await waiting.visitor.open(waiting.page.url);
    await waiting.host.sekisho.idle();
    assert.equal(await state(waiting), 'delivered', 'a reload without scripts asks too');
  });

  it('tell a page nothing of another challenge: a new number starts anew (attack 4)', async () => {
    const { host, vendor } = await start({ fallback: { undelivered: [] } });
    const visitor = new Visitor();
    const { page } = await givePassword(host, visitor, 'bob');
    const first = await enterNumber(host, page, PHONES.bob);
    await tell(host, vendor, receipt('undelivered', { class: 'number' }));
    const url = vendor.messages.at(-1)!.webhookUrl!;
    const second = await enterNumber(host, await first.submit('change'), PHONES.mallory);
    await tell(host, vendor, receipt('delivered'), { url });
    const news = await visitor.once(`${second.url.split('?')[0]}/events`, JSON_PLEASE);
    assert.equal(((await news.json()) as { state: string }).state, 'accepted');
  });
});
