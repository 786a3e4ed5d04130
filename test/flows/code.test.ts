import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  givePassword,
  type Host,
  MFA,
  PHONES,
  type SignInRequest,
  startHost,
} from '../support/host.ts';
import { HOUR, MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();

/** A code that is not the right one. */
const otherThan = (code: string, by = 1) => String((Number(code) + by) % 1_000_000).padStart(6, '0');

describe('a code', () => {
  let host: Host;
  let visitor: Visitor;
  let page: Page;
  let request: SignInRequest;
  beforeEach(async () => {
    host = await startHost();
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    time.advance(2 * HOUR);
    host.inbox.messages.length = 0;
    host.events.length = 0;
    visitor = new Visitor();
    ({ page, request } = await givePassword(host, visitor, 'alice'));
  });
  afterEach(() => host.close());

  it('is sent with the password at a later sign-in, and is all that is asked', async () => {
    assert.equal(host.inbox.messages.length, 1);
    assert.ok(page.form('code'));
    assert.ok(!page.html.includes('12340001'), 'the number is not told (A11-10)');
    const { claims } = await arrive(host, request, await enterCode(host, page));
    assert.equal(claims!.acr, MFA);
  });

  it('page is found again from the address of one of its forms, which does nothing by itself (WEB-10)', async () => {
    const sent = host.inbox.messages.length;
    const here = page.url.split('?')[0]!;
    for (const name of ['code', 'send', 'number', 'follow', 'cancel'])
      assert.equal((await visitor.open(`${here}/${name}`)).url, here, name);
    assert.equal((await visitor.open(`${here}/constructor`)).status, 404);
    await host.sekisho.idle();
    assert.equal(host.inbox.messages.length, sent);
    assert.ok((await arrive(host, request, await enterCode(host, page))).claims);
  });

  it('entered wrong five times ends the sign-in, and the right one comes too late (OTP-05, lesson 8)', async () => {
    const right = host.inbox.lastCode();
    for (let wrong = 1; wrong <= 4; wrong += 1) {
      page = await page.submit('code', { code: otherThan(right, wrong) });
      assert.equal(page.status, 400);
      time.advance(61 * SECOND);
    }
    assert.match(page.text(), /1/);
    page = await page.submit('code', { code: otherThan(right, 5) });
    assert.equal(page.status, 403);
    assert.equal(page.form('code'), undefined);
    assert.equal(host.events.filter(({ type }) => type === 'challenge.exhausted').length, 1);
    const back = await page.submit('cancel');
    const { error } = await arrive(host, request, back);
    assert.equal(error, 'access_denied');
  });

  it('is not looked at during the wait after a failure, and the entry costs nothing', async () => {
    const right = host.inbox.lastCode();
    for (let wrong = 1; wrong <= 3; wrong += 1)
      page = await page.submit('code', { code: otherThan(right, wrong) });
    const early = await page.submit('code', { code: right });
    assert.equal(early.status, 429);
    assert.match(early.text(), /30/);
    time.advance(30 * SECOND);
    const { claims } = await arrive(host, request, await early.submit('code', { code: right }));
    assert.equal(claims!.acr, MFA);
  });

  it('verifies at 299 s and not after 300 s; a new one is one press away (OTP-02, A11-07)', async () => {
    time.advance(300 * SECOND);
    const late = await enterCode(host, page);
    assert.equal(late.status, 400);
    const fresh = await late.submit('send', { channel: 'sms' });
    assert.equal(fresh.status, 200);
    await host.sekisho.idle();
    assert.equal(host.inbox.messages.length, 2);
    time.advance(299 * SECOND);
    const { claims } = await arrive(host, request, await enterCode(host, fresh));
    assert.equal(claims!.acr, MFA);
  });

  it('that is checked in time but consumed too late is refused (OTP-02)', async () => {
    const attempt = host.store.attempt.bind(host.store);
    host.store.attempt = async (request) => {
      const outcome = await attempt(request);
      time.advance(301 * SECOND);
      return outcome;
    };
    time.advance(10 * SECOND);
    assert.equal((await enterCode(host, page)).next, undefined);
  });

  it('stays the same when it is sent again early, with the same end (OTP-09)', async () => {
    const first = host.inbox.lastCode();
    time.advance(60 * SECOND);
    page = await page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    assert.equal(host.inbox.lastCode(), first);
    assert.ok(page.html.includes('role="status"'), 'the page says so (A11-06)');
    time.advance(239 * SECOND);
    const { claims } = await arrive(host, request, await page.submit('code', { code: first }));
    assert.equal(claims!.acr, MFA);
  });

  it('is another one when it is sent again late, and the first is dead and costs a try (OTP-09)', async () => {
    const first = host.inbox.lastCode();
    time.advance(200 * SECOND);
    page = await page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    const second = host.inbox.lastCode();
    assert.notEqual(second, first);
    const wrong = await page.submit('code', { code: first });
    assert.equal(wrong.status, 400);
    assert.match(wrong.text(), /4/);
    const { claims } = await arrive(host, request, await wrong.submit('code', { code: second }));
    assert.equal(claims!.acr, MFA);
  });

  it('can be called in; then amr says tel (OID-01)', async () => {
    time.advance(40 * SECOND);
    page = await page.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    assert.equal(host.inbox.messages.at(-1)!.channel, 'voice');
    const { claims } = await arrive(host, request, await enterCode(host, page));
    assert.deepEqual(claims!['amr'], ['pwd', 'tel', 'mfa']);
  });

  it('is not sent again before 30, 60, 120 s have passed, nor more than three times', async () => {
    time.advance(29 * SECOND);
    assert.equal((await page.submit('send', { channel: 'sms' })).status, 429);
    time.advance(1 * SECOND);
    page = await page.submit('send', { channel: 'sms' });
    assert.equal(page.status, 200);
    time.advance(59 * SECOND);
    assert.equal((await page.submit('send', { channel: 'sms' })).status, 429);
    time.advance(1 * SECOND);
    page = await page.submit('send', { channel: 'sms' });
    time.advance(10 * MINUTE);
    page = await page.post(new URL(`${new URL(page.url).pathname}/send`, page.url).href, {
      csrf: page.form('code')!.fields['csrf']!,
    });
    assert.equal(page.status, 429);
    await host.sekisho.idle();
    assert.equal(host.inbox.messages.length, 3);
  });

  it('is sent once, however often the page is loaded (WEB-10, lesson 21)', async () => {
    for (let load = 0; load < 20; load += 1) await visitor.open(page.url);
    await host.sekisho.idle();
    assert.equal(host.inbox.messages.length, 1);
  });
});

describe('two tabs and two browsers', () => {
  let host: Host;
  before(async () => {
    host = await startHost({ options: { sends: { cooldown: [0] } } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
  });
  after(() => host.close());

  it('two tabs of one browser each finish their own sign-in', async () => {
    const visitor = new Visitor();
    const one = await givePassword(host, visitor, 'alice');
    const codeOne = host.inbox.lastCode();
    const two = await givePassword(host, visitor, 'alice');
    const codeTwo = host.inbox.lastCode();
    assert.notEqual(codeOne, codeTwo);
    const first = await arrive(host, one.request, await one.page.submit('code', { code: codeOne }));
    assert.equal(first.claims!.acr, MFA);
    const donePage = await two.page.submit('code', { code: codeTwo });
    const second = await arrive(host, two.request, donePage);
    assert.equal(second.claims!.sub, 'alice');
  });

  it('the page of one browser is closed to another (WEB-16)', async () => {
    const { page } = await givePassword(host, new Visitor(), 'alice');
    const stranger = new Visitor();
    assert.equal((await stranger.open(page.url)).status, 404);
    const other = await givePassword(host, stranger, 'bob');
    const cookie = stranger.cookiesFor(new URL(other.page.url).pathname);
    const forged = await stranger.once(page.url, { headers: { cookie } });
    assert.equal(forged.status, 409);
  });
});
