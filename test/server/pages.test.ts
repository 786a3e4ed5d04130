import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import {
  PASSWORD,
  REDIRECT_URI,
  requestAt,
  startTestServer,
  type TestServer,
} from '../support/test-server.ts';

const MFA = 'https://refeds.org/profile/mfa';
const views = mkdtempSync(join(tmpdir(), 'views-'));
writeFileSync(join(views, 'style.css'), 'body { color: #123456 }');
writeFileSync(join(views, 'signup.ejs'), '<p>our sign-up</p>');
after(() => rmSync(views, { recursive: true }));

const cssOf = (page: Page): string =>
  new URL(/<link rel="stylesheet" href="([^"]+)"/.exec(page.html)![1]!, page.url).href;

describe('the pages around the second factor', () => {
  let running: TestServer;
  before(async () => {
    running = await startTestServer({
      views,
      brand: { name: 'Tōkaidō & Sons', names: { ja: '東海道商会' }, support: '0120-000-000' },
      // Its macrons are not in the GSM alphabet, so an English SMS with this name takes two.
      sms: { maxSegments: 2 },
      texts: { en: { 'server.login.title': 'Who are you?' } },
    });
    await running.addAccount('alice');
  });
  after(() => running.close());

  async function signedIn(): Promise<Visitor> {
    const visitor = new Visitor({ accept: 'text/html' });
    const login = await visitor.open(requestAt(running.server.url, { client_id: 'plain' }));
    const onwards = await login.submit('login', { login: 'alice', password: PASSWORD });
    await visitor.open(onwards.next!, { stopAt: REDIRECT_URI });
    return visitor;
  }

  it('wear the brand, the texts and the stylesheet of the operator', async () => {
    const page = await new Visitor().open(requestAt(running.server.url));
    assert.match(page.text(), /Tōkaidō & Sons/);
    assert.match(page.text(), /Who are you\?/);
    assert.match(page.text(), /0120-000-000/);
    const css = await fetch(cssOf(page));
    assert.equal(css.status, 200);
    assert.match(await css.text(), /#123456/);
  });

  it('leave by a page that moves on by itself, also without scripts (WEB-02)', async () => {
    const login = await new Visitor().open(requestAt(running.server.url, { client_id: 'plain' }));
    const page = await login.submit('login', { login: 'alice', password: PASSWORD });
    assert.equal(page.status, 200);
    assert.ok(page.html.includes(`<meta http-equiv="refresh" content="0;url=${page.next}">`));
    assert.match(page.response.headers.get('content-security-policy')!, /form-action 'self'(;|$)/);
    assert.equal(page.response.headers.get('location'), null);
  });

  it('ask before they sign out, and lead to where the application said', async () => {
    const visitor = await signedIn();
    const question = await visitor.open(`${running.server.url}/session/end?client_id=plain`);
    assert.match(question.text(), /You will be signed out of Tōkaidō & Sons/);
    assert.match(
      question.response.headers.get('content-security-policy')!,
      /form-action 'self' https: http:/,
    );
    assert.match(question.html, /<button [^>]*name="logout" value="yes">/);
    const { action, fields } = question.forms()[0]!;
    const forged = await question.post(action, { ...fields, xsrf: 'x', logout: 'yes' });
    assert.equal(forged.status, 400);
    assert.match(forged.text(), /cannot continue/);
    const out = await question.post(action, { ...fields, logout: 'yes' });
    assert.match(out.text(), /You are signed out/);
    const again = await visitor.open(requestAt(running.server.url, { client_id: 'plain', prompt: 'none' }), {
      stopAt: REDIRECT_URI,
    });
    assert.equal(new URL(again.url).searchParams.get('error'), 'login_required');
  });

  // The kinds of keycloak/keycloak #32435 and #24595.
  it('say that all is signed out to who presses again, or late', async () => {
    const visitor = await signedIn();
    const question = await visitor.open(`${running.server.url}/session/end?client_id=plain`);
    const { action, fields } = question.forms()[0]!;
    for (const press of ['first', 'second']) {
      const out = await question.post(action, { ...fields, logout: 'yes' });
      assert.deepEqual([out.status, /You are signed out/.test(out.text())], [200, true], press);
    }
  });

  it('wear the name of the service in the language of the page', async () => {
    const inJapanese = new Visitor({ 'accept-language': 'ja' });
    const asked = requestAt(running.server.url, { client_id: 'foreign' });
    const login = await inJapanese.open(asked);
    assert.match(login.html, /<title>[^<]* – 東海道商会<\/title>/);
    const onwards = await login.submit('login', { login: 'alice', password: PASSWORD });
    const consent = await inJapanese.open(onwards.next!);
    assert.ok(consent.form('consent'));
    assert.match(consent.html, /<p class="brand">東海道商会<\/p>/);
    const question = await inJapanese.open(`${running.server.url}/session/end?client_id=foreign`);
    assert.match(question.text(), /このブラウザーで、東海道商会からログアウトします/);
    assert.doesNotMatch(login.html + consent.html + question.html, /Tōkaidō/);
  });

  it('name the application in the language of the page (OpenID Connect Registration 2.1)', async () => {
    const inJapanese = new Visitor({ 'accept-language': 'ja' });
    const asked = requestAt(running.server.url, { client_id: 'foreign', acr_values: MFA });
    const login = await inJapanese.open(asked);
    assert.match(login.text(), /ご利用サービス よそのアプリ/);
    const english = await inJapanese.open(`${login.url}?ui_locales=en`);
    assert.match(english.text(), /Continuing to Foreign application/);
    const onwards = await login.submit('login', { login: 'alice', password: PASSWORD });
    const number = onwards.form('number') ? onwards : await inJapanese.open(onwards.next!);
    assert.ok(number.form('number'), number.text());
    assert.match(number.text(), /ご利用サービス よそのアプリ/);
    assert.match((await inJapanese.open(`${number.url}?ui_locales=en`)).text(), /Foreign application/);
  });

  it('are not made with a name that is none', async () => {
    for (const name of ['', ' ', 5, ['x']]) {
      const client = { client_id: 'app', client_secret: 's'.repeat(32), redirect_uris: [REDIRECT_URI] };
      await assert.rejects(
        startTestServer({ clients: [{ ...client, 'client_name#ja': name }] }),
        (error: { problems?: { field: string; reason: string }[] }) => {
          const [problem] = error.problems ?? [];
          assert.equal(problem?.field, 'clients.0 (app)');
          assert.match(problem!.reason, /client_name#ja must be a non-empty string/);
          return true;
        },
      );
    }
  });

  it('sign out at once where nobody is signed in, without a page of the library', async () => {
    const visitor = new Visitor();
    const form = await visitor.open(`${running.server.url}/session/end`);
    assert.match(form.response.headers.get('content-security-policy')!, /script-src 'sha256-/);
    const { action, fields } = form.forms()[0]!;
    assert.match((await form.post(action, fields)).text(), /You are signed out/);
  });

  it('say that a person who chose to stay is still signed in', async () => {
    const visitor = await signedIn();
    const asked = await visitor.open(`${running.server.url}/session/end`);
    const stay = asked.forms()[1]!;
    assert.match((await asked.post(stay.action, stay.fields)).text(), /You are still signed in/);
    const again = await visitor.open(`${running.server.url}/session/end`);
    assert.match(
      (
        await again.post(again.forms()[0]!.action, {
          ...stay.fields,
          ...again.forms()[0]!.fields,
          logout: 'yes',
        })
      ).text(),
      /You are signed out/,
    );
  });

  it('go on where the address of a form is opened by itself, as when a browser brings its tabs back', async () => {
    const visitor = new Visitor({ accept: 'text/html' });
    const login = await visitor.open(requestAt(running.server.url));
    const again = await visitor.open(`${login.url}/login`);
    assert.equal(again.url, login.url);
    assert.ok(again.form('login'));
  });

  it('stand where there is no page, for people alone', async () => {
    for (const path of ['/', '/nowhere', '/session/end/confirm']) {
      const page = await new Visitor({ accept: 'text/html', 'accept-language': 'ja' }).open(
        running.server.url + path,
      );
      assert.equal(page.status, 404);
      assert.match(page.text(), /お探しのページは見つかりませんでした。 元のアプリまたはサイトに戻り/);
    }
    const answer = await fetch(`${running.server.url}/nowhere`);
    assert.deepEqual([answer.status, await answer.text()], [404, 'Not Found']);
  });

  it('say that a sign-in is over where its link is used again without a second factor', async () => {
    const page = await new Visitor().open(`${running.server.url}/auth/no-such-interaction`);
    assert.equal(page.status, 400);
    assert.match(page.text(), /This page has ended .*If you are signed in already, you can close this page/);
    assert.doesNotMatch(page.text(), /authorization request has expired/);
  });

  it('explain an error of the protocol, in words and for developers, as text (attack 12)', async () => {
    const hostile = '"><script>alert(1)</script>';
    const visitor = new Visitor({ accept: 'text/html', 'accept-language': 'ja' });
    for (const [name, value] of [
      ['client_id', hostile],
      ['redirect_uri', `https://app.example/${hostile}`],
      ['response_type', hostile],
      ['ui_locales', hostile],
    ] as const) {
      const asked = requestAt(running.server.url, { [name]: value });
      const page = await visitor.open(asked, { stopAt: REDIRECT_URI });
      assert.doesNotMatch(page.html, /<script>alert/);
    }
    const page = await visitor.open(requestAt(running.server.url, { client_id: 'nobody' }));
    assert.match(page.text(), /invalid_client/);
    assert.match(page.html, /<html lang="ja">/);
  });
});
