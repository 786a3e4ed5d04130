import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  enterNumber,
  givePassword,
  type Host,
  PHONES,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';
import { HOUR, MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();

/** Seconds the page says to wait before another send. */
const waitOf = (page: Page) => Number(/data-count="(\d+)" data-then="send"/.exec(page.html)?.[1] ?? 0);
const here = (page: Page) => page.visitor.open(page.url.split(/[?#]/)[0]!);

describe('what is done twice', () => {
  let host: Host;
  let login: Page;
  let request: Awaited<ReturnType<Host['request']>>;
  const give = async (account = 'alice') => {
    const page = await login.submit('login', { account, password: 'right' }, REDIRECT_URI);
    await host.sekisho.idle();
    return page;
  };

  beforeEach(async () => {
    host = await startHost();
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    time.advance(2 * HOUR);
    host.inbox.messages.length = 0;
    request = await host.request();
    login = await new Visitor().open(request.url, { stopAt: REDIRECT_URI });
  });
  afterEach(() => host.close());

  for (const pause of [2 * SECOND, MINUTE]) {
    it(`the password, ${pause / SECOND} s later: the code that is on its way stays right, and no other one is sent (lesson 21)`, async () => {
      await give();
      time.advance(pause);
      const page = await give();
      assert.equal(host.inbox.messages.length, 1);
      const { claims } = await arrive(host, request, await enterCode(host, page));
      assert.equal(claims!.sub, 'alice');
    });
  }

  it('the password, at the same moment (lesson 21)', async () => {
    const pages = await Promise.all([give(), give(), give()]);
    assert.equal(host.inbox.messages.length, 1);
    const { claims } = await arrive(host, request, await enterCode(host, await here(pages[0]!)));
    assert.equal(claims!.sub, 'alice');
  });

  it('the password, with tries that were used: they stay used (OTP-04, lesson 7)', async () => {
    await give();
    const wrong = String((Number(host.inbox.lastCode()) + 1) % 1_000_000).padStart(6, '0');
    let page = await here(await give());
    for (const _ of [1, 2]) {
      page = await page.submit('code', { code: wrong });
      time.advance(MINUTE);
    }
    const again = await give();
    const answer = await again.submit('code', { code: wrong });
    assert.match(answer.text(), /Tries left: 2\./);
    assert.equal(host.inbox.messages.length, 1);
  });

  it('the password, after the code had died: another one is sent', async () => {
    await give();
    time.advance(6 * MINUTE);
    const page = await give();
    assert.equal(host.inbox.messages.length, 2);
    assert.ok((await arrive(host, request, await enterCode(host, page))).claims);
  });

  it('the password, of somebody else: the code of the first is nothing to the second', async () => {
    await give();
    const code = host.inbox.lastCode();
    const page = await give('bob');
    assert.ok(page.form('number'));
    const other = await enterNumber(host, page, PHONES.bob);
    const refused = await other.submit('code', { code });
    assert.equal(refused.next, undefined);
  });

  it('the password, while a number is being bound: its code stays right', async () => {
    await enterNumber(host, await give('carol'), PHONES.mallory);
    const page = await give('carol');
    assert.ok(page.form('code'));
    assert.ok((await arrive(host, request, await enterCode(host, page))).claims);
  });

  it('the form with the number: both answers are the page that waits for its code', async () => {
    const page = await give('dave');
    const both = await Promise.all([1, 2].map(() => enterNumber(host, page, PHONES.bob)));
    assert.deepEqual(
      both.map(({ status }) => status),
      [200, 200],
    );
    assert.ok(both.every((one) => one.form('code')));
    assert.equal(host.inbox.messages.length, 1);
  });

  it('a sign-in, within the pause: the page says how long it takes until something can be sent', async () => {
    await give();
    time.advance(10 * SECOND);
    const { page } = await givePassword(host, new Visitor(), 'alice');
    assert.ok(!page.form('code'));
    assert.equal(waitOf(page), 20);
  });

  it('a send: the pause counts from the last one', async () => {
    let page = await give();
    assert.equal(waitOf(page), 30);
    time.advance(40 * SECOND);
    page = await (await here(page)).submit('send', { channel: 'sms' });
    assert.equal(waitOf(page), 60);
    time.advance(50 * SECOND);
    assert.equal(waitOf(await here(page)), 10);
  });
});
