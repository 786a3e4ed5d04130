import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { SendOutcome } from '../../src/ports/gateway.ts';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  FREE_SENDS,
  givePassword,
  type Host,
  MFA,
  PHONES,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';

describe('a message', () => {
  let host: Host;
  beforeEach(async () => {
    host = await startHost({ options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    host.inbox.messages.length = 0;
  });
  afterEach(() => host.close());

  /** Signs in up to the page that waits for the code, without waiting for the gateway. */
  async function passwordGiven(visitor: Visitor) {
    const request = await host.request();
    const login = await visitor.open(request.url);
    return {
      request,
      page: await login.submit('login', { account: 'alice', password: 'right' }, REDIRECT_URI),
    };
  }

  it('is handed over after the page was answered, however slow the gateway is (THR-06)', async () => {
    let deliver: (outcome: SendOutcome) => void = () => {};
    host.inbox.behave(() => new Promise((resolve) => (deliver = resolve)));
    const visitor = new Visitor();
    const { page, request } = await passwordGiven(visitor);
    assert.equal(page.status, 200);
    assert.match(page.html, /data-state="sending"/);
    const { claims } = await arrive(host, request, await enterCode(host, page));
    assert.equal(claims!.acr, MFA, 'the message may be quicker than its gateway');
    deliver({ outcome: 'accepted' });
    await host.sekisho.idle();
  });

  for (const outcome of [
    { outcome: 'accepted' },
    { outcome: 'rejected', class: 'permanent' },
    { outcome: 'ambiguous' },
  ] as const) {
    it(`that is ${outcome.outcome} is said to be so, and leaves a way on`, async () => {
      host.inbox.behave(async () => outcome);
      const visitor = new Visitor();
      const { page } = await passwordGiven(visitor);
      await host.sekisho.idle();
      const again = await visitor.open(page.url);
      assert.match(again.html, new RegExp(`data-state="${outcome.outcome}"`));
      assert.ok(again.form('send') && again.form('cancel'));
    });
  }

  it('that a gateway throws at is ambiguous, and nothing of what it says is told (lesson 19)', async () => {
    host.inbox.behave(async ({ text }) => {
      throw new Error(text);
    });
    const visitor = new Visitor();
    const { page } = await passwordGiven(visitor);
    await host.sekisho.idle();
    assert.match((await visitor.open(page.url)).html, /data-state="ambiguous"/);
    assert.ok(!host.logged.join('').includes(host.inbox.lastCode()));
  });

  it('carries number, text, language and a random id, and nothing about the account (PRV-04)', async () => {
    await passwordGiven(new Visitor());
    await host.sekisho.idle();
    await passwordGiven(new Visitor());
    await host.sekisho.idle();
    const [first, second] = host.inbox.messages;
    assert.deepEqual(Object.keys(first!).sort(), [
      'channel',
      'digits',
      'expiresAt',
      'id',
      'locale',
      'text',
      'to',
    ]);
    assert.notEqual(first!.id, second!.id);
    assert.ok(!JSON.stringify(host.inbox.messages).includes('alice'));
  });

  it('is in the language of the request before that of the browser', async () => {
    const visitor = new Visitor({ 'accept-language': 'en' });
    const request = await host.request({ ui_locales: 'ja' });
    const login = await visitor.open(request.url);
    const page = await login.submit('login', { account: 'alice', password: 'right' });
    await host.sekisho.idle();
    assert.match(page.html, /<html lang="ja"/);
    assert.match(host.inbox.messages[0]!.text, /コード/);
  });
});

describe('what stands in addresses and forms', () => {
  it('is neither a number nor a code, and the number is kept for the person who typed it (WEB-09, A11-08)', async () => {
    const host = await startHost({ options: { sends: FREE_SENDS } });
    const addresses: string[] = [];
    const visitor = new Visitor();
    const once = visitor.once.bind(visitor);
    visitor.once = async (url, init) => {
      const response = await once(url, init);
      addresses.push(url, response.headers.get('location') ?? '');
      return response;
    };
    const { page, request } = await givePassword(host, visitor, 'alice');
    const code = await page.submit('number', { phone: '090-1234-0001' });
    await host.sekisho.idle();
    const edit = await code.submit('change');
    assert.match(edit.html, /name="phone"[^>]*value="(\+8190|090)/, 'not to be typed again');
    const again = await edit.submit('number', { phone: '090-1234-0001' });
    await host.sekisho.idle();
    await arrive(host, request, await enterCode(host, again));
    for (const text of addresses) {
      assert.ok(!/12340001|1234-0001/.test(text), text);
      for (const { text: message } of host.inbox.messages) assert.ok(!text.includes(message.slice(-6)));
    }
    await host.close();
  });

  it('cannot mark a number as verified (lesson 16, OID-12)', async () => {
    const host = await startHost({ options: { sends: FREE_SENDS } });
    const { page } = await givePassword(host, new Visitor(), 'alice');
    const { action, fields } = page.form('number')!;
    const extras: Record<string, string>[] = [
      { verified: 'true' },
      { phone_number_verified: 'true' },
      { status: 'verified' },
    ];
    for (const extra of extras) {
      await page.post(action, { ...fields, phone: PHONES.alice, ...extra });
      assert.deepEqual(await host.sekisho.phoneClaims('alice'), {});
    }
    await host.close();
  });
});
