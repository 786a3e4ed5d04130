import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import {
  arrive,
  enterCode,
  enterNumber,
  givePassword,
  type Host,
  PHONES,
  type SignInRequest,
  startHost,
} from '../support/host.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { createVendor } from '../support/vendor.ts';

const time = stopTime();
const field = (page: Page) => /<input class="field" id="phone"[^>]* value="([^"]*)"/.exec(page.html)?.[1];
const waitOf = (page: Page) => /data-count="(\d+)" data-then="send"/.exec(page.html)?.[1];

describe('a number that is being bound', () => {
  let host: Host;
  let page: Page;
  let request: SignInRequest;
  beforeEach(async () => {
    host = await startHost();
    ({ page, request } = await givePassword(host, new Visitor(), 'alice'));
    page = await enterNumber(host, page, PHONES.alice);
    time.advance(10 * SECOND);
  });
  afterEach(() => host.close());

  const back = (from: Page): Promise<Page> => {
    const [, href] = /<a class="second" href="([^"]+)">Back to entering the code<\/a>/.exec(from.html) ?? [];
    assert.ok(href, from.text());
    return from.visitor.open(new URL(href, from.url).href);
  };

  it('stands in the form as people write it, with a way back to the code that is there (RST-01)', async () => {
    const form = await page.submit('change');
    assert.equal(field(form), '090-1234-0001');
    const { claims } = await arrive(host, request, await enterCode(host, await back(form)));
    assert.equal(claims!.sub, 'alice');
    assert.equal(host.inbox.messages.length, 1);
  });

  it('has no way back where there is no code yet', async () => {
    const { page: first } = await givePassword(host, new Visitor(), 'bob');
    assert.equal(field(first), '');
    assert.doesNotMatch(first.html, /Back to entering the code/);
    assert.equal(waitOf(first), undefined);
  });

  for (const spelling of ['090-1234-0001', '+81 90 1234 0001']) {
    it(`left as it was, as ${spelling}, leads back to its code`, async () => {
      const same = await enterNumber(host, await page.submit('change'), spelling);
      assert.equal(same.status, 200);
      assert.ok(same.form('code'));
      assert.equal(host.inbox.messages.length, 1);
      assert.ok((await arrive(host, request, await enterCode(host, same))).claims);
    });
  }

  it('and must wait says how long, and lets another one or the code of the last one do (A11-06)', async () => {
    await enterNumber(host, await page.submit('change'), PHONES.bob);
    const early = await enterNumber(host, await page.submit('change'), PHONES.alice);
    assert.equal(early.status, 429);
    assert.equal(waitOf(early), '20');
    assert.doesNotMatch(early.html, /data-send/, 'the button is for another number too');
    assert.match((await back(early)).text(), /090-1234-0002/);
    assert.ok((await enterNumber(host, early, PHONES.mallory)).form('code'));
  });
});

describe('a number that cannot be used', () => {
  const refusals = (host: Host) =>
    host.events.flatMap((event) => (event.type === 'number.refused' ? [event] : []));
  const accepted = (page: Page) =>
    /id="phone-hint">\s*<p>(.*?)<\/p>/s.exec(page.html)![1]!.replace(/<[^>]+>/g, '');

  it('is refused with the kinds that can, and its refusal is told to the host (LOG-01)', async () => {
    const host = await startHost({ options: { countries: ['JP'], voice: { enabled: false } } });
    let { page } = await givePassword(host, new Visitor({ 'accept-language': 'ja' }), 'alice');
    for (const phone of ['03-1234-5678', '050-1234-5678', '+44 7400 123456']) {
      page = await enterNumber(host, page, phone);
      assert.equal(page.status, 403, phone);
      assert.match(accepted(page), /^ご利用いただける電話番号は、携帯電話（日本）です。/);
    }
    page = await enterNumber(host, page, '090-123');
    assert.equal(page.status, 400);
    const told = refusals(host);
    assert.equal(told.length, 3, 'and a slip of the finger is none');
    for (const { code, account, client, flow } of told)
      assert.deepEqual(
        [code, account, client, typeof flow],
        ['number_not_allowed', 'alice', 'app', 'string'],
      );
    // Whoever is woken by the one has to find the other beside it.
    const unreachable = host.events.filter((event) => event.type === 'send.refused');
    assert.ok(unreachable.length > 0);
    assert.ok(unreachable.every(({ flow }) => told.some((refusal) => refusal.flow === flow)));
    assert.equal(host.inbox.messages.length, 0);
    await host.close();
  });

  for (const [what, countries, gateways, sentence] of [
    [
      'by SMS and by call',
      ['JP'],
      [createVendor('a')],
      'You can use mobile phone numbers, landline numbers, and internet phone numbers (Japan).',
    ],
    [
      'by SMS in two countries, and by call in one',
      ['JP', 'GB'],
      [createVendor('a', { channels: ['sms'] }), createVendor('b', { countries: ['JP'] })],
      'You can use mobile phone numbers (Japan and United Kingdom) and landline numbers and internet phone numbers (Japan).',
    ],
    [
      'in more countries than anybody reads',
      ['JP', 'GB', 'US', 'FR', 'DE', 'IT'],
      [createVendor('a', { channels: ['sms'] })],
      'You can use mobile phone numbers.',
    ],
    ['nowhere', ['JP'], [createVendor('a', { countries: ['GB'] })], 'For example, 090-1234-5678'],
  ] as const) {
    it(`is known beforehand where codes go out ${what}`, async () => {
      const host = await startHost({ options: { countries, gateway: undefined, gateways } as never });
      const { page } = await givePassword(host, new Visitor(), 'alice');
      assert.equal(accepted(page), sentence);
      await host.close();
    });
  }
});
