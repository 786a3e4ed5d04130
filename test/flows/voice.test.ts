import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterNumber,
  FREE_SENDS,
  givePassword,
  type Host,
  startHost,
} from '../support/host.ts';
import { MINUTE, stopTime } from '../support/time.ts';
import { createVendor, tell, type Vendor } from '../support/vendor.ts';

const time = stopTime();
const DIGITS = ['ゼロ', 'イチ', 'ニィ', 'サン', 'ヨン', 'ゴォ', 'ロク', 'ナナ', 'ハチ', 'キュウ'];

describe('a call', () => {
  let host: Host;
  let vendor: Vendor;
  let page: Awaited<ReturnType<typeof enterNumber>>;
  let request: Awaited<ReturnType<typeof givePassword>>['request'];

  beforeEach(async () => {
    vendor = createVendor('phone');
    host = await startHost({ inbox: vendor, options: { sends: FREE_SENDS } });
    const given = await givePassword(host, new Visitor({ 'accept-language': 'ja' }), 'alice');
    request = given.request;
    // A fixed line takes no SMS, so it is called at once.
    page = await enterNumber(host, given.page, '+81312345678');
  });
  afterEach(() => host.close());

  const call = () => vendor.messages.at(-1)!;
  const press = (body: string, url = call().call!.answerUrl!) => tell(host, vendor, body, { url });
  const said = (event: object) => tell(host, vendor, [{ type: 'call', ...event }]);
  const state = async () => /data-state="([\w-]+)"/.exec((await page.visitor.open(page.url)).html)?.[1];
  const codeOf = (spoken: string) =>
    [...spoken.matchAll(new RegExp(DIGITS.join('|'), 'g'))].map(([word]) => DIGITS.indexOf(word)).join('');

  it('reaches a fixed line, and says its digits as kana, one by one, twice (GWY-08)', async () => {
    assert.equal(call().channel, 'voice');
    const spoken = await (await press('key')).text();
    const code = codeOf(spoken);
    assert.equal(code.length, 12);
    assert.equal(code.slice(0, 6), code.slice(6));
    assert.ok(!/\d/.test(spoken), 'no digit that a voice would read as a number');
    assert.match(spoken, new RegExp(`(${DIGITS.join('|')})、(${DIGITS.join('|')})、`), 'a pause after each');
    const { claims } = await arrive(host, request, await page.submit('code', { code: code.slice(0, 6) }));
    assert.deepEqual(claims!['amr'], ['pwd', 'tel', 'mfa'], 'OID-01');
  });

  it('says no code before a key is pressed, so an answering machine keeps none (lesson 25)', async () => {
    const { invitation, farewell, answerUrl } = call().call!;
    assert.equal(codeOf(invitation + farewell), '');
    const quiet = await (await press('')).text();
    assert.equal(quiet, farewell);
    assert.equal(await state(), 'accepted', 'and nothing was heard');
    const address = decodeURIComponent(answerUrl!);
    const code = codeOf(await (await press('key')).text()).slice(0, 6);
    assert.ok(!address.includes(code), 'the address does not show it either');
  });

  it('is heard when a key was pressed, and not because the vendor says it was completed', async () => {
    await said({ state: 'ringing' });
    assert.equal(await state(), 'ringing');
    await said({ state: 'answered' });
    await said({ state: 'completed' });
    assert.equal(await state(), 'unheard');
    await press('key');
    assert.equal(await state(), 'heard');
    await said({ state: 'failed' });
    assert.equal(await state(), 'heard');
  });

  for (const end of ['busy', 'no-answer', 'machine', 'failed']) {
    it(`that ends with ${end} says so, and the person can be called again`, async () => {
      await said({ state: end });
      assert.equal(await state(), end);
      const again = await (await page.visitor.open(page.url)).submit('send', { channel: 'voice' });
      await host.sekisho.idle();
      assert.equal(again.status, 200);
      assert.equal(vendor.messages.length, 2);
      assert.equal(await state(), 'accepted');
    });
  }

  it('does not say a code that has died, and says so instead (OTP-02)', async () => {
    time.advance(5 * MINUTE);
    const spoken = await (await press('key')).text();
    assert.equal(codeOf(spoken), '');
    assert.match(spoken, /有効期限/);
    assert.notEqual(await state(), 'heard');
  });

  it('does not say a code that another one replaced meanwhile, and says so instead (OTP-09)', async () => {
    const older = call().call!.answerUrl!;
    const again = async (minutes: number) => {
      time.advance(minutes * MINUTE);
      await page.submit('send', { channel: 'voice' });
      await host.sekisho.idle();
    };
    await again(2);
    assert.equal(codeOf(await (await press('key', older)).text()).length, 12, 'it is the same code yet');
    await again(1);
    const spoken = await (await press('key', older)).text();
    assert.equal(codeOf(spoken), '');
    assert.match(spoken, /有効期限/);
    assert.equal(codeOf(await (await press('key')).text()).length, 12, 'the new one is said');
  });

  it('says nothing at an address that was altered, moved to another call or not signed by the vendor (GWY-03)', async () => {
    const url = call().call!.answerUrl!;
    await page.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    const [before, sealed] = url.split('?s=');
    const moved = `${call().call!.answerUrl!.split('?s=')[0]}?s=${sealed}`;
    const altered = `${before}?s=${sealed!.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`;
    for (const address of [
      moved,
      altered,
      before!,
      `${before}?s=`,
      `${before}?s=${sealed}&s=x`.replace(`s=${sealed}&`, ''),
    ]) {
      const response = await press('key', address);
      assert.deepEqual([response.status, await response.text()], [404, ''], address);
    }
    const unsigned = await tell(host, vendor, 'key', { url, sign: null });
    assert.deepEqual([unsigned.status, await unsigned.text()], [401, '']);
  });
});

describe('the calls of a number', () => {
  it('are not used up by strangers who type it in (THR-02)', async () => {
    const phone = createVendor('phone');
    const host = await startHost({
      inbox: phone,
      options: { sends: FREE_SENDS, voice: { perNumberDay: 2 } },
    });
    const fixed = '+81312345678';
    const called = async (account: string) => {
      const before = phone.messages.length;
      const { page } = await givePassword(host, new Visitor(), account);
      if (page.form('number')) await enterNumber(host, page, fixed);
      return phone.messages.length - before;
    };
    await bindPhone(host, new Visitor(), 'alice', fixed);
    for (let at = 0; at < 2; at += 1) assert.equal(await called('mallory'), 1);
    assert.equal(await called('mallory'), 0, 'no account has more');
    assert.equal(await called('mallory1'), 1, 'nor all of them together in an hour');
    assert.equal(await called('mallory2'), 0);
    assert.deepEqual([await called('alice'), await called('alice'), await called('alice')], [1, 1, 0]);
    await host.close();
  });
});
