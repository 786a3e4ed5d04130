import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import {
  arrive,
  CLIENT_SECRET,
  enterCode,
  enterNumber,
  givePassword,
  type Host,
  PHONES,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';

describe('a page of a sign-in that is over, come back to', () => {
  let host: Host;
  before(async () => {
    const client = {
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code'],
    };
    host = await startHost({
      options: { alternative: { url: 'https://app.example/other', label: { en: 'Use a passkey' } } },
      configuration: {
        clients: [
          {
            ...client,
            response_types: ['code'],
            client_id: 'app',
            client_uri: 'https://app.example/start?a=1&b=2',
          },
          { ...client, response_types: ['code'], client_id: 'homeless' },
        ],
      },
    });
  });
  after(() => host.close());

  /** Signs in, or gives up; answers the page that asked for the code. */
  async function over(
    account: string,
    phone: string,
    way: 'success' | 'cancel',
    extra: Record<string, string> = {},
  ): Promise<Page> {
    const { page, request } = await givePassword(host, new Visitor(), account, extra);
    const code = await enterNumber(host, page, phone);
    await arrive(
      host,
      request,
      way === 'success' ? await enterCode(host, code) : await code.submit('cancel'),
    );
    return code;
  }
  const again = ({ visitor, url }: Page, query = '') => visitor.open(url.split(/[?#]/)[0]! + query);

  it('tells whoever finished that the page may be closed, and anybody else where to start (A11-13)', async () => {
    for (const [account, phone, way] of [
      ['alice', PHONES.alice, 'success'],
      ['bob', PHONES.bob, 'cancel'],
    ] as const) {
      const page = await over(account, phone, way);
      for (const back of [await again(page), await page.submit('code', { code: '123456' })]) {
        assert.equal(back.status, 404);
        assert.match(back.text(), /This page has ended .*You may have finished already/);
        assert.match(
          back.text(),
          /If you are signed in already, you can close this page\. Otherwise, return to/,
        );
      }
    }
  });

  it('offers no other factor where there is nothing to prove any more', async () => {
    const page = await over('frank', '+819012340006', 'success');
    assert.match(page.html, /Use a passkey/);
    assert.doesNotMatch((await again(page)).html, /Use a passkey/);
  });

  const home = (page: Page) =>
    /<a class="primary" href="([^"]*)">Return to the application</.exec(page.html)?.[1];

  it('leads to where the application begins, if that is known (RST-01)', async () => {
    const page = await again(await over('dave', '+819012340004', 'success'));
    assert.match(home(page)!, /^https:\/\/app\.example\/start\?a=1&(amp|#38);b=2$/);
    const other = await givePassword(host, new Visitor(), 'erin', { client_id: 'homeless' });
    other.page.visitor.dropCookies(/interaction/);
    const gone = await again(other.page);
    assert.equal(gone.status, 404);
    assert.equal(home(gone), undefined);
    assert.equal(home(await new Visitor().open(`${host.issuer}/sekisho/no-such-interaction`)), undefined);
  });

  it('keeps the language that was chosen, and can be read in the other one', async () => {
    const page = await over('carol', PHONES.mallory, 'success');
    const japanese = await again(page, '?ui_locales=ja');
    assert.match(japanese.text(), /ログインが完了している場合は、この画面を閉じてかまいません。/);
    const english = await japanese.visitor.open(
      new URL(/href="(\?ui_locales=en)"/.exec(japanese.html)![1]!, japanese.url).href,
    );
    assert.match(english.text(), /you can close this page/);
  });

  it('does not speak of a sign-in where there never was a page', async () => {
    const page = await new Visitor().open(`${host.issuer}/sekisho/no-such-page/at/all`);
    assert.equal(page.status, 404);
    assert.doesNotMatch(page.text(), /signed in/);
  });
});
