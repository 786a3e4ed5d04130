import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { createAccounts } from '../support/directory.ts';
import { givePassword, type Host, PHONES, REDIRECT_URI, startHost } from '../support/host.ts';
import { FREE_SENDS } from './setting.ts';

/** What a page must show as it is, wherever it comes from. */
const HOSTILE = [
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  '</script><script>alert(1)</script>',
  '{{7*7}}',
  '<%= 7*7 %>',
  'javascript:alert(1)',
  '\u202eevil',
];

describe('attack 12: markup in everything a page may show', () => {
  let host: Host;
  before(async () => {
    host = await startHost({
      options: { signUp: true, accounts: createAccounts(), sends: FREE_SENDS },
      configuration: {
        extraClientMetadata: { properties: ['client_name#en'] },
        clients: HOSTILE.map((client_name, at) => ({
          client_id: `hostile${at}`,
          client_name,
          'client_name#en': client_name,
          client_secret: 'relying-party-secret-relying-party-secret',
          redirect_uris: [REDIRECT_URI],
        })),
      },
    });
  });
  after(() => host.close());

  function assertHarmless(html: string, hostile: string): void {
    if (/[<>"]/.test(hostile)) assert.ok(!html.includes(hostile), `raw ${hostile}`);
    assert.ok(!html.includes('<img src=x'), 'no element of theirs');
    assert.ok(!/<script>/.test(html), 'no script without a nonce');
    assert.ok(!/(href|src|action)="javascript:/i.test(html));
    assert.ok(!/>\s*49\s*</.test(html), 'nothing is evaluated');
    const nonce = /nonce="([^"]+)"/.exec(html)?.[1];
    for (const [tag] of html.matchAll(/<script\b[^>]*>/g)) assert.ok(tag.includes(`nonce="${nonce}"`), tag);
  }

  for (const [at, hostile] of HOSTILE.entries()) {
    it(`shows ${JSON.stringify(hostile)} as text, whichever parameter or field it is in (WEB-11)`, async () => {
      const visitor = new Visitor({ 'accept-language': encodeURIComponent(hostile) });
      const parameters = {
        client_id: `hostile${at}`,
        login_hint: hostile.slice(0, 100),
        ui_locales: hostile,
        state: hostile,
      };
      const { page } = await givePassword(host, visitor, `user ${at}`, parameters);
      assert.ok(page.form('number'), page.text());
      assertHarmless(page.html, hostile);
      assert.match(page.response.headers.get('content-security-policy')!, /script-src 'nonce-/);
      const wrong = await page.submit('number', { phone: hostile });
      assert.equal(wrong.status, 400);
      assertHarmless(wrong.html, hostile);
      const code = await wrong.submit('number', { phone: PHONES.alice });
      assertHarmless(code.html, hostile);
      assertHarmless((await code.submit('code', { code: hostile })).html, hostile);
      const chosen = await visitor.open(
        `${code.url}?ui_locales=${encodeURIComponent(hostile)}&sent=${encodeURIComponent(hostile)}`,
      );
      assertHarmless(chosen.html, hostile);
      assertHarmless(
        (await visitor.open(`${host.issuer}/sekisho/${encodeURIComponent(hostile)}`)).html,
        hostile,
      );
      const signUp = await visitor.open(
        (await host.request({ prompt: 'create', client_id: `hostile${at}` })).url,
      );
      const again = await signUp.submit('signup', { login: hostile, name: hostile, password: hostile });
      assertHarmless(again.html, hostile);
    });
  }
});
