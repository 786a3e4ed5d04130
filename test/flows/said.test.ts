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
  type SignInRequest,
  startHost,
} from '../support/host.ts';
import { HOUR, MINUTE, stopTime } from '../support/time.ts';

const time = stopTime();
const otherThan = (code: string, by = 1) => String((Number(code) + by) % 1_000_000).padStart(6, '0');
const hasError = (page: Page) => /class="summary"/.test(page.html);
const inJapanese = (page: Page): Promise<Page> => {
  const [, href] = /<a href="([^"]+)" lang="ja"/.exec(page.html)!;
  return page.visitor.open(new URL(href!.replaceAll('&amp;', '&').replaceAll('&#38;', '&'), page.url).href);
};

describe('what was wrong with a code', () => {
  let host: Host;
  let page: Page;
  let request: SignInRequest;
  beforeEach(async () => {
    host = await startHost();
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    time.advance(2 * HOUR);
    host.events.length = 0;
    ({ page, request } = await givePassword(host, new Visitor(), 'alice'));
  });
  afterEach(() => host.close());

  const reload = ({ visitor, url }: Page) => visitor.open(url);
  const refusals = () => host.events.filter(({ type }) => type === 'code.refused').length;

  it('stands on a page of its own: a reload enters nothing and costs no try (OTP-12, OTP-13)', async () => {
    const right = host.inbox.lastCode();
    const wrong = await page.submit('code', { code: otherThan(right) });
    assert.equal(wrong.status, 400);
    assert.match(wrong.text(), /Tries left: 4\./);
    assert.ok(!wrong.url.includes(otherThan(right)), 'nothing that was typed is in the address');
    for (let again = 0; again < 5; again += 1) assert.match((await reload(wrong)).text(), /Tries left: 4\./);
    assert.equal(refusals(), 1);
    assert.ok((await arrive(host, request, await enterCode(host, wrong))).claims);
  });

  it('keeps the tick beside the code, also in the other language, and only as long as it is said', async () => {
    const ticked = ({ html }: Page) => /id="trust"[^>]* checked/.test(html);
    assert.ok(!ticked(page));
    const code = otherThan(host.inbox.lastCode());
    const wrong = await page.submit('code', { code, trust: 'yes' });
    assert.ok(ticked(wrong) && ticked(await inJapanese(wrong)));
    assert.ok(!ticked(await page.submit('code', { code })), 'it was taken away');
    assert.ok(
      ticked(await page.submit('code', { code: '12', trust: 'yes' })),
      'for a code of another length too',
    );
    const here = wrong.url.split(/[?#]/)[0]!;
    for (const query of ['trust=yes', 'said=attempt_too_early&trust=yes', 'said=code_wrong&trust=on'])
      assert.ok(!ticked(await page.visitor.open(`${here}?${query}`)), query);
    assert.ok(!ticked(await page.submit('code', { code: '12', trust: 'on' })));
  });

  it('can be read in the other language', async () => {
    const wrong = await page.submit('code', { code: otherThan(host.inbox.lastCode()) });
    assert.match((await inJapanese(wrong)).text(), /認証コードが正しくありません。.*（残り4回）/);
    const short = await page.submit('code', { code: '123' });
    assert.match((await inJapanese(short)).text(), /桁数が足りません/);
    assert.equal(refusals(), 1);
  });

  it('costs two tries when two are entered, also the same one twice (OTP-04)', async () => {
    const code = otherThan(host.inbox.lastCode());
    await page.submit('code', { code });
    assert.match((await page.submit('code', { code })).text(), /Tries left: 3\./);
  });

  it('is no longer said once it is no longer so', async () => {
    for (let wrong = 1; wrong <= 3; wrong += 1)
      page = await page.submit('code', { code: otherThan(host.inbox.lastCode(), wrong) });
    const early = await page.submit('code', { code: otherThan(host.inbox.lastCode(), 4) });
    assert.equal(early.status, 429);
    assert.match(early.text(), /wait .* before you enter a code again/);
    time.advance(MINUTE);
    const later = await reload(early);
    assert.equal(later.status, 200);
    assert.ok(!hasError(later));
    time.advance(10 * MINUTE);
    const late = await later.submit('code', { code: host.inbox.lastCode() });
    assert.match(late.text(), /The security code that you entered has expired\./);
    time.advance(MINUTE);
    const fresh = await late.submit('send', { channel: 'sms' });
    const back = await reload(late);
    assert.ok(!hasError(fresh) && !hasError(back));
  });

  it('is not said because an address says so', async () => {
    const here = page.url.split(/[?#]/)[0]!;
    for (const said of [
      'code_wrong',
      'attempt_too_early',
      'code_expired',
      'store_unavailable',
      'constructor',
      '__proto__',
      '<script>alert(1)</script>',
      'Call 0120-000-000',
    ]) {
      const answer = await page.visitor.open(`${here}?said=${encodeURIComponent(said)}`);
      assert.equal(answer.status, 200, said);
      assert.ok(!hasError(answer), said);
      assert.ok(!answer.text().includes('0120') && !answer.html.includes('<script>alert'), said);
    }
  });

  it('and where a number is being changed: the page stays what it is in the other language', async () => {
    const { page: first } = await givePassword(host, new Visitor(), 'bob');
    const form = await (await enterNumber(host, first, PHONES.bob)).submit('change');
    assert.ok((await inJapanese(form)).form('number'));
  });
});
