import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type RunningDemo, startDemo } from '../../src/server/demo.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import { commandIn } from '../support/command.ts';
import { freePorts } from '../support/free-ports.ts';

const MFA = 'https://refeds.org/profile/mfa';
const SFA = 'https://refeds.org/profile/sfa';
const { run } = commandIn('demo-cli-');
const silent = { info() {}, warn() {}, error() {} };

describe('the demo', () => {
  let demo: RunningDemo;
  let data: string;
  let port: number;
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'demo-'));
    port = await freePorts();
    demo = await startDemo({ port, data, log: silent });
  });
  after(async () => {
    await demo.close();
    await rm(data, { recursive: true });
  });

  /** The newest code on the test phone. */
  async function lastCode(): Promise<string> {
    const response = await fetch(demo.handset, { headers: { accept: 'application/json' } });
    const [newest] = (await response.json()) as { code: string }[];
    return newest!.code;
  }

  async function start(visitor: Visitor, mode: string, client = 'demo'): Promise<Page> {
    return visitor.open(`${demo.app}/start/${mode}?client=${client}`);
  }

  async function signIn(page: Page, login: string, phone?: string, fields = {}): Promise<Page> {
    const next = await page.submit('login', { login, password: 'hakone-1619' });
    const code = phone === undefined ? next : await next.submit('number', { phone });
    return enterCode(code, fields);
  }

  async function enterCode(page: Page, fields = {}): Promise<Page> {
    const done = await page.submit('code', { code: await lastCode(), ...fields });
    return done.visitor.open(done.next!);
  }

  /** What the application shows of the tokens. */
  function claimsOn(page: Page): Record<string, unknown> {
    const rows = [...page.html.matchAll(/<dt><code>([\w]+)<\/code><\/dt>\s*<dd><code>(.*?)<\/code>/g)];
    const text = (html: string) => html.replace(/&#34;|&quot;/g, '"').replace(/&amp;/g, '&');
    return Object.fromEntries(rows.map(([, name, value]) => [name, JSON.parse(text(value!))]));
  }

  it('signs in from the application with password, number and code, back to the claims (OID-01)', async () => {
    const login = await start(new Visitor(), 'plain');
    assert.match(login.text(), /Demo application/);
    assert.match(login.text(), /alice – password: hakone-1619/);
    const home = await signIn(login, 'alice', '090-1234-5678');
    assert.ok(home.url.startsWith(demo.app), home.url);
    const claims = claimsOn(home);
    assert.equal(claims['acr'], MFA);
    assert.deepEqual(claims['amr'], ['pwd', 'sms', 'mfa']);
    assert.equal(claims['phone_number'], '+819012345678');
    assert.equal(claims['phone_number_verified'], true);
    assert.equal(claims['preferred_username'], 'alice');
    assert.equal(typeof claims['auth_time'], 'number');
  });

  it('knows the number the next time, and says where it sends without showing it', async () => {
    const page = await start(new Visitor(), 'plain');
    const code = await page.submit('login', { login: 'ALICE', password: 'hakone-1619' });
    assert.match(code.text(), /78/);
    assert.doesNotMatch(code.html, /9012345678|1234-5678/);
    assert.equal(claimsOn(await enterCode(code))['acr'], MFA);
  });

  it('skips the code on request for one policy, and then claims one factor only (SES-05)', async () => {
    const visitor = new Visitor();
    const page = await start(visitor, 'plain', 'demo-requested');
    const onwards = await page.submit('login', { login: 'bob', password: 'hakone-1619' });
    const home = await visitor.open(onwards.next!);
    assert.equal(claimsOn(home)['acr'], SFA);
    assert.deepEqual(claimsOn(home)['amr'], ['pwd']);
    const stepUp = await start(visitor, 'mfa', 'demo-requested');
    const raised = await enterCode(await stepUp.submit('number', { phone: '+447400123456' }));
    assert.equal(claimsOn(raised)['acr'], MFA);
  });

  it('answers a silent check with an error where nobody is signed in, and sends nothing (OID-08)', async () => {
    const before = await lastCode();
    const home = await start(new Visitor(), 'silent');
    assert.match(home.text(), /login_required/);
    assert.equal(await lastCode(), before);
  });

  it('makes an account with a proved number (prompt=create), and signs it out again', async () => {
    const visitor = new Visitor();
    const form = await start(visitor, 'create');
    const number = await form.submit('signup', {
      login: 'carol@example.com',
      name: 'Carol',
      password: 'long enough',
    });
    const home = await enterCode(await number.submit('number', { phone: '+12015550123' }));
    assert.equal(claimsOn(home)['email'], 'carol@example.com');
    assert.equal(claimsOn(home)['phone_number'], '+12015550123');
    const question = await visitor.open(`${demo.app}/sign-out`);
    assert.match(question.text(), /Sign out\?/);
    const out = await question.post(question.forms()[0]!.action, {
      ...question.forms()[0]!.fields,
      logout: 'yes',
    });
    assert.equal(out.url.split('?')[0], `${demo.app}/signed-out`);
    assert.match((await start(visitor, 'silent')).text(), /login_required/);
  });

  it('leads back to the application when the person gives up', async () => {
    const page = await start(new Visitor(), 'plain');
    const onwards = await page.submit('cancel');
    assert.match((await onwards.visitor.open(onwards.next!)).text(), /access_denied/);
  });

  it('asks for the password again on prompt=login, in the language that was chosen', async () => {
    const visitor = new Visitor({ 'accept-language': 'ja' });
    await signIn(await start(visitor, 'plain'), 'alice');
    const forced = await start(visitor, 'forced');
    assert.match(forced.text(), /ご利用サービス デモアプリ/);
    const english = await visitor.open(`${forced.url}?ui_locales=en`);
    const code = await english.submit('login', { login: 'alice', password: 'hakone-1619' });
    assert.match(code.html, /<html lang="en">/);
  });

  it('keeps accounts and numbers over a restart', async () => {
    await demo.close();
    demo = await startDemo({ port, data, log: silent });
    const page = await start(new Visitor(), 'plain');
    const code = await page.submit('login', { login: 'alice', password: 'hakone-1619' });
    assert.ok(code.form('code'), 'the number is known');
  });

  it('binds a number anew after the support desk took it off (BND-08)', async () => {
    await demo.close();
    const { code, out } = await run(['accounts', 'reset-phone', 'alice', '--data', data]);
    assert.deepEqual(
      [code, out.split('.')[0]],
      [0, 'alice has no number now, and no trusted or known browser'],
    );
    demo = await startDemo({ port, data, log: silent });
    const page = await start(new Visitor(), 'plain');
    const number = await page.submit('login', { login: 'alice', password: 'hakone-1619' });
    assert.ok(number.form('number'));
  });

  it('signs an account out everywhere at the support desk, and leaves its number (SES-11)', async () => {
    const visitor = new Visitor();
    assert.ok(claimsOn(await signIn(await start(visitor, 'plain'), 'bob'))['sub']);
    await demo.close();
    const { out } = await run(['accounts', 'end-sessions', 'bob', '--data', data]);
    assert.match(out, /^bob is signed out everywhere; sessions ended: [1-9]\d*\. The number stays\.$/m);
    demo = await startDemo({ port, data, log: silent });
    const page = await start(visitor, 'plain');
    const code = await page.submit('login', { login: 'bob', password: 'hakone-1619' });
    assert.ok(code.form('code'), 'the number is known');
  });

  it('lets only names of this computer in (DNS rebinding)', async () => {
    const response = await new Promise<number>((resolve, reject) => {
      import('node:http').then(({ get }) =>
        get(
          { host: '127.0.0.1', port, path: '/handset', headers: { host: `evil.example:${port}` } },
          (res) => {
            res.resume();
            resolve(res.statusCode!);
          },
        ).on('error', reject),
      );
    });
    assert.equal(response, 421);
  });
});
