import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import {
  PASSWORD,
  REDIRECT_URI,
  requestAt,
  startTestServer,
  type TestServer,
} from '../support/test-server.ts';
import { MINUTE, stopTime } from '../support/time.ts';

const HOSTILE = [
  '"><img src=x onerror=alert(1)>',
  "'-alert(1)-'",
  '</script><script>alert(1)</script>',
  '<%= 7*7 %>',
  '\u202egnp.exe',
  'javascript:alert(1)',
];

describe('the password page', () => {
  const time = stopTime();
  let running: TestServer;
  before(async () => {
    running = await startTestServer({
      clients: HOSTILE.map((name, at) => ({
        client_id: at === 0 ? 'own' : `hostile-${at}`,
        client_name: name,
        client_secret: 'secret-of-this-application-and-no-other',
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code'],
        sekisho: { mfa: 'requested' },
      })),
    });
    for (const login of ['alice', 'bob', 'carol']) await running.addAccount(login);
  });
  after(() => running.close());

  const open = (more: Record<string, string> = {}, visitor = new Visitor()): Promise<Page> =>
    visitor.open(requestAt(running.server.url, more));
  const give = (page: Page, login: string, password: string) => page.submit('login', { login, password });

  it('works without scripts: one form, labels, and what password managers look for (A11-03)', async () => {
    const { html, status } = await open();
    assert.equal(status, 200);
    assert.match(html, /<label for="login">/);
    assert.match(html, /<input [^>]*id="login" name="login" type="text" autocomplete="username"/);
    assert.match(html, /<label for="password">/);
    assert.match(html, /<input [^>]*type="password" autocomplete="current-password"/);
    assert.doesNotMatch(html, /hakone|\son\w+="/);
  });

  it('lets nobody in whose password was changed while it was being looked at (SES-11)', async () => {
    const { accounts, sekisho } = running.server;
    const { authenticate } = accounts;
    accounts.authenticate = async (...how) => {
      const account = await authenticate(...how);
      time.advance(1000);
      await sekisho.endSessions(account!.accountId);
      time.advance(1000);
      return account;
    };
    const page = await give(await open(), 'carol', PASSWORD);
    accounts.authenticate = authenticate;
    assert.ok(page.next);
    const resumed = await page.visitor.open(page.next, { stopAt: REDIRECT_URI });
    assert.ok(resumed.form('login'), resumed.url);
  });

  it('lets the right password in after the store failed to look at it, however often (fault H.2)', async () => {
    const { store } = running.server;
    const { get } = store;
    store.get = async (key, now) => {
      if (key.endsWith('}account')) throw new Error('half of the store is away');
      return get.call(store, key, now);
    };
    for (let at = 0; at < 15; at += 1) {
      const { status } = await give(await open(), 'bob', PASSWORD);
      assert.ok(status >= 500, `${status}`);
    }
    store.get = get;
    const page = await give(await open(), 'bob', PASSWORD);
    assert.equal(page.status, 200, page.text());
    assert.ok(page.next, 'on to the second factor');
  });

  it('says the same for a wrong password and for a login nobody has (THR-05)', async () => {
    const page = await open();
    const looks = async (login: string) => {
      const { status, html } = await give(page, login, 'wrong');
      return { status, html: html.replaceAll(login, 'LOGIN').replace(/nonce="[^"]+"/g, '') };
    };
    const known = await looks('carol');
    assert.equal(known.status, 400);
    assert.match(known.html, /not correct/);
    assert.match(known.html, /aria-invalid="true"/);
    assert.match(known.html, /<title>Error: /);
    assert.deepEqual(await looks('nobody'), known);
  });

  it('stops looking at passwords for a login, known or not, after ten wrong ones from one address', async () => {
    for (const login of ['alice', 'nobody-else']) {
      const page = await open();
      for (let round = 0; round < 10; round += 1)
        assert.equal((await give(page, login, 'wrong')).status, 400);
      for (const password of ['wrong', PASSWORD]) {
        const refused = await give(page, login.toUpperCase(), password);
        assert.equal(refused.status, 429);
        assert.doesNotMatch(refused.html, /aria-invalid/, 'no field is to blame');
        assert.match(refused.text(), /Try again in 15 min/);
      }
    }
    assert.match((await give(await open(), 'bob', PASSWORD)).url, /interaction/, 'others are not concerned');
    time.advance(15 * MINUTE);
    assert.ok((await give(await open(), 'alice', PASSWORD)).next);
  });

  it('knows a browser again by a cookie that no script reads, once its password was right (THR-02)', async () => {
    const visitor = new Visitor();
    const page = await open({ client_id: 'own' }, visitor);
    await give(page, 'bob', 'wrong');
    assert.equal(visitor.cookie(/sekisho-login/), undefined);
    const first = await visitor.once(page.form('login')!.action, {
      method: 'POST',
      body: new URLSearchParams({ ...page.form('login')!.fields, login: 'bob', password: PASSWORD }),
    });
    const line = first.headers.getSetCookie().find((cookie) => cookie.startsWith('sekisho-login='));
    assert.match(line!, /^sekisho-login=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000$/);
  });

  it('does not count right passwords', async () => {
    for (let round = 0; round < 12; round += 1) assert.ok((await give(await open(), 'bob', PASSWORD)).next);
  });

  it('lets nothing in from elsewhere, and counts no try for it (WEB-08)', async () => {
    const [page, other] = [await open(), await open()];
    const form = page.form('login')!;
    const right = { ...form.fields, login: 'alice', password: PASSWORD };
    const attempts: [Record<string, string>, Record<string, string>][] = [
      [{ ...right, csrf: '' }, {}],
      [{ ...right, csrf: other.form('login')!.fields['csrf']! }, {}],
      [right, { origin: 'https://evil.example' }],
      [right, { 'sec-fetch-site': 'cross-site' }],
    ];
    for (const [fields, headers] of attempts) {
      const init = { method: 'POST', body: new URLSearchParams(fields), headers };
      assert.equal((await page.visitor.once(form.action, init)).status, 403);
    }
    assert.ok((await give(page, 'alice', PASSWORD)).next);
  });

  it('takes a form only with the cookie of its own interaction (WEB-16)', async () => {
    const [mine, other] = [await open(), await open()];
    for (const name of [/^interaction$/, /^interaction\.sig$/]) {
      const cookie = mine.visitor.cookie(name)!;
      mine.visitor.setCookie(cookie.name, cookie.value, new URL(other.url).pathname);
    }
    const { action, fields } = other.form('login')!;
    const answer = await mine.post(action, { ...fields, login: 'alice', password: PASSWORD });
    assert.equal(answer.status, 409);
    assert.equal((await new Visitor().open(mine.url)).status, 404, 'nor without any cookie');
  });

  it('reads forms and nothing else (WEB-12, WEB-13)', async () => {
    const page = await open();
    const { action, fields } = page.form('login')!;
    const send = async (body: string, type = 'application/x-www-form-urlencoded') =>
      (await page.visitor.once(action, { method: 'POST', body, headers: { 'content-type': type } })).status;
    const form = new URLSearchParams(fields).toString();
    assert.equal(await send(`${form}&login=alice&login=bob&password=x`), 400);
    assert.equal(await send(`${form}&__proto__[verified]=true`), 400);
    assert.equal(await send(JSON.stringify({ ...fields, login: 'alice' }), 'application/json'), 415);
    assert.equal(await send(`${form}&login=${'a'.repeat(20_000)}`), 413);
    assert.equal(({} as Record<string, unknown>)['verified'], undefined);
  });

  it('shows names and hints as text, whatever is in them (attack 12, WEB-11, OID-11)', async () => {
    for (const [at, hostile] of HOSTILE.entries()) {
      const clientId = at === 0 ? 'own' : `hostile-${at}`;
      const page = await open({ client_id: clientId, login_hint: hostile, ui_locales: hostile });
      const wrong = await give(page, hostile, 'wrong');
      for (const { html } of [page, wrong]) {
        assert.doesNotMatch(html, /<img src=x|<script>|<%= 7|>49</);
        assert.doesNotMatch(html, /href="javascript:/);
        assert.ok(html.includes('<bdi>'), 'the name is kept apart');
      }
      assert.ok(page.text().includes(hostile.replace(/\s+/g, ' ')));
    }
  });

  it('asks for consent before an application of others gets anything, and takes no for an answer', async () => {
    const visitor = new Visitor();
    const login = await open({ scope: 'openid phone email' }, visitor);
    const onwards = await give(login, 'bob', PASSWORD);
    const consent = await visitor.open(onwards.next!, { stopAt: REDIRECT_URI });
    assert.match(consent.text(), /see your phone number/);
    assert.match(consent.text(), /see your email address/);
    assert.ok(consent.html.includes('&lt;img src=x'), 'the name of the application is text here too');
    const no = await consent.submit('cancel');
    const refused = await visitor.open(no.next!, { stopAt: REDIRECT_URI });
    assert.equal(new URL(refused.url).searchParams.get('error'), 'access_denied');
    const again = await open({ scope: 'openid phone email' }, visitor);
    const yes = await again.submit('consent');
    const agreed = await visitor.open(yes.next!, { stopAt: REDIRECT_URI });
    assert.ok(new URL(agreed.url).searchParams.get('code'));
    const asked = await visitor.open(requestAt(running.server.url, { scope: 'openid phone' }), {
      stopAt: REDIRECT_URI,
    });
    assert.ok(asked.url.startsWith(REDIRECT_URI), 'nobody is asked twice');
  });

  it('speaks the language of the request, of the browser, or the one that was chosen', async () => {
    assert.match((await open({ ui_locales: 'ja' })).html, /<html lang="ja">/);
    assert.match(
      (await open({}, new Visitor({ 'accept-language': 'ja-JP,en;q=0.5' }))).html,
      /<html lang="ja">/,
    );
    const page = await open({ ui_locales: 'ja' });
    const english = await page.visitor.open(`${page.url}?ui_locales=en`);
    const wrong = await give(english, 'carol', 'wrong');
    assert.match(wrong.html, /<html lang="en">/);
    assert.match(wrong.html, /action="[^"]*\/login\?ui_locales=en#top"/);
  });

  it('writes down what happened, and neither login nor password (LOG-01, LOG-02)', async () => {
    running.logged.length = 0;
    await give(await open(), 'carol', 'canary-password');
    await give(await open(), 'canary-login', PASSWORD);
    await give(await open(), 'bob', PASSWORD);
    const types = running.logged.map((line) => (JSON.parse(line) as { message: string }).message);
    assert.deepEqual(
      types.filter((type) => type.startsWith('password')),
      ['password.refused', 'password.refused', 'password.accepted'],
    );
    assert.doesNotMatch(running.logged.join('\n'), /canary|right password|carol/);
  });
});
