import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SendOutcome } from '../../src/ports/gateway.ts';
import { enterNumber, givePassword } from '../support/host.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { receipt, tell } from '../support/vendor.ts';
import { newsOn, startWaiting, type Waiting } from '../support/waiting.ts';

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
const looks = async (waiting: Waiting) => {
  const { state, tone, helpOpen } = newsOn(await reload(waiting));
  return `${state} ${tone}${helpOpen ? ' open' : ''}`;
};
/** Nothing is sent by itself, so that each state stays to be seen. */
const PLAIN = { fallback: { undelivered: [] } };

describe('a page that waits, by plain reload (A11-12)', () => {
  afterEach(closeAll);

  it('shows how a text message gets on', async () => {
    const waiting = await start(PLAIN);
    const { host, vendor } = waiting;
    assert.equal(await looks(waiting), 'accepted wait');
    for (const [state, look] of [
      ['sent', 'sent wait'],
      ['undelivered', 'undelivered bad open'],
    ] as const) {
      await tell(host, vendor, receipt(state));
      assert.equal(await looks(waiting), look);
    }
    const other = await start(PLAIN);
    await tell(other.host, other.vendor, receipt('delivered'));
    assert.equal(await looks(other), 'delivered good');
    assert.ok((await reload(other)).form('code'), 'delivered is not verified: the code is still asked for');
  });

  it('shows what the gateway said: nothing yet, refused, no answer at all', async () => {
    const waiting = await start(PLAIN);
    const { host, vendor } = waiting;
    const send = async (outcome: SendOutcome) => {
      vendor.behave(async () => outcome);
      await (await reload(waiting)).submit('send', { channel: 'sms' });
      await host.sekisho.idle();
      return looks(waiting);
    };
    assert.equal(await send({ outcome: 'rejected', class: 'quota' }), 'rejected bad open');
    assert.equal(await send({ outcome: 'ambiguous' }), 'ambiguous wait');
    const slow = await start(PLAIN);
    const release = Promise.withResolvers<SendOutcome>();
    slow.vendor.behave(() => release.promise);
    const sent = await (await reload(slow)).submit('send', { channel: 'sms' });
    assert.equal(newsOn(sent).state, 'sending', 'the message before is no news any more');
    release.resolve({ outcome: 'accepted' });
    await slow.host.sekisho.idle();
    assert.equal(await looks(slow), 'accepted wait');
  });

  it('shows how a call gets on, and says what to do about one that did not', async () => {
    const ends = {
      heard: ['heard good', /Enter it below/],
      busy: ['busy bad open', /other call is over/],
      'no-answer': ['no-answer bad open', /withheld, foreign or unknown/],
      machine: ['machine bad open', /before the machine does/],
      completed: ['unheard bad open', /press a key/],
      failed: ['failed bad open', /signal/],
    } as const;
    for (const [state, [look, words]] of Object.entries(ends)) {
      const waiting = await start(PLAIN);
      await waiting.page.submit('send', { channel: 'voice' });
      await waiting.host.sekisho.idle();
      const call = (next: string) => tell(waiting.host, waiting.vendor, [{ type: 'call', state: next }]);
      await call('ringing');
      assert.equal(await looks(waiting), 'ringing wait');
      await call('answered');
      assert.equal(await looks(waiting), 'answered wait');
      await call(state);
      assert.equal(await looks(waiting), look);
      const { text, help } = newsOn(await reload(waiting));
      assert.match([text, ...help].join('\n'), words, state);
    }
  });

  it('asks after half a minute whether it arrived, and opens the help', async () => {
    const waiting = await start(PLAIN);
    time.advance(29 * SECOND);
    assert.equal(await looks(waiting), 'accepted wait');
    time.advance(1 * SECOND);
    assert.equal(await looks(waiting), 'accepted care open');
    assert.match(newsOn(await reload(waiting)).text, /^Has the text message arrived\?/);
    await tell(waiting.host, waiting.vendor, receipt('delivered'));
    assert.equal(await looks(waiting), 'delivered good open', 'late is better than never');
  });

  it('opens the help after half a minute, however long messages usually take, and when it arrived too', async () => {
    const waiting = await start({ fallback: { undelivered: [], lateAfter: 90 } });
    time.advance(29 * SECOND);
    assert.equal(await looks(waiting), 'accepted wait');
    time.advance(1 * SECOND);
    assert.equal(await looks(waiting), 'accepted wait open', 'and is not called late');
    const other = await start(PLAIN);
    await tell(other.host, other.vendor, receipt('delivered'));
    assert.match((await reload(other)).html, /<details id="help" data-after="30">/);
    time.advance(10 * SECOND);
    assert.match((await reload(other)).html, /<details id="help" data-after="20">/);
    time.advance(20 * SECOND);
    assert.equal(await looks(other), 'delivered good open');
    const { text, help } = newsOn(await reload(other));
    assert.match(text, /has reached your phone/);
    assert.match(help[0]!, /^Look for the message in your other folders.*another phone or SIM/);
    await (await reload(other)).submit('send', { channel: 'sms' });
    await other.host.sekisho.idle();
    assert.equal(await looks(other), 'accepted wait', 'the next message has its own half minute');
  });

  it('tells reason and remedy in the language of the person, with settings of Japan for numbers of Japan', async () => {
    const waiting = await start(PLAIN);
    await tell(waiting.host, waiting.vendor, receipt('undelivered', { class: 'blocked' }));
    const ja = newsOn(await waiting.visitor.open(`${waiting.here}?ui_locales=ja`));
    assert.equal(ja.text, '携帯電話会社または端末の設定により、SMSの受信が拒否されました。');
    assert.match(ja.help[0]!, /国際SMS拒否/);
    const british = await enterNumber(
      waiting.host,
      (await givePassword(waiting.host, waiting.visitor, 'bob')).page,
      '+447400123456',
    );
    await tell(waiting.host, waiting.vendor, receipt('undelivered', { class: 'blocked' }));
    const en = newsOn(await waiting.visitor.open(british.url));
    assert.match(en.help[0]!, /blocked or filtered messages/);
    assert.doesNotMatch(en.help.join(), /docomo/);
  });

  it('says that the code goes another way, and calls by the same code', async () => {
    const waiting = await start();
    const code = waiting.host.inbox.lastCode();
    await tell(waiting.host, waiting.vendor, receipt('undelivered', { class: 'blocked' }));
    await waiting.host.sekisho.idle();
    const page = await reload(waiting);
    assert.match(page.text(), /The text message did not arrive, so we are calling you\./);
    assert.equal(waiting.vendor.messages.length, 2);
    assert.equal(waiting.host.inbox.lastCode(), code);
    assert.equal(newsOn(page).helpOpen, false);
  });

  it('has a link that looks again while there is something to wait for, for browsers without scripts', async () => {
    const waiting = await start(PLAIN);
    const link = (html: string) => /<noscript>.*?href="([^"]*)"/s.exec(html)?.[1];
    assert.equal(link(waiting.page.html), new URL(waiting.here).pathname);
    await tell(waiting.host, waiting.vendor, receipt('delivered'));
    assert.equal(link((await reload(waiting)).html), undefined);
  });
});
