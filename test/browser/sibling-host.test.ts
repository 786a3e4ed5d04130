import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumAvailable, launchBrowser, NO_CHROMIUM } from '../support/browser.ts';
import { EVERY_NAME_HERE, forwardTo, type Sites, startSites } from '../support/sites.ts';
import { requestAt, startTestServer, type TestServer } from '../support/test-server.ts';

/** How the name of the cookie begins that says which browser an interaction is in. */
const BINDING = '__Host-sekisho-session-';

describe('a host of the same site that sets the cookies of its own sign-up for a victim (fault A.5)', {
  skip: chromiumAvailable() ? false : NO_CHROMIUM,
}, () => {
  let sites: Sites;
  let browser: Browser;
  let running: TestServer;
  let issuer: string;
  let evil: string;
  let callback: string;
  let attacker: BrowserContext;
  let victim: BrowserContext;
  /** What the sibling sets in the browser of who visits it. */
  let tossed: string[] = [];
  /** The `Cookie` header of the last request for a page of Sekisho or the way back. */
  let sent = '';

  before(async () => {
    [sites, browser] = await Promise.all([startSites(), launchBrowser([EVERY_NAME_HERE])]);
    issuer = sites.https('login.example.test');
    evil = sites.https('evil.example.test');
    callback = `${sites.https('shop.test')}/callback`;
    running = await startTestServer({
      ...{ issuer, trustedProxies: 1, signUp: true },
      clients: [
        {
          ...{ client_id: 'own', firstParty: true, token_endpoint_auth_method: 'none' },
          redirect_uris: [callback],
        },
      ],
    });
    const provider = forwardTo(running.at);
    sites.answer('login.example.test', (req, res) => {
      if (/^\/(sekisho|auth)\/[\w-]{20,}$/.test(req.url ?? '')) sent = req.headers.cookie ?? '';
      provider(req, res);
    });
    sites.answer('evil.example.test', (_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/html', 'Set-Cookie': tossed }).end('<title>kittens</title>');
    });
    sites.answer('shop.test', (_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/html' }).end('<title>back</title>');
    });
  });
  after(async () => {
    await browser?.close();
    sites?.close();
    await running?.close();
  });
  beforeEach(async () => {
    const open = () => browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-US' });
    [attacker, victim] = [await open(), await open()];
  });
  afterEach(() => Promise.all([attacker.close(), victim.close()]));

  const request = () => requestAt(issuer, { prompt: 'create', redirect_uri: callback });
  /** Fills in the form of a sign-up; the page that asks for a number is the answer. */
  async function signUp(context: BrowserContext, login: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(request());
    await page.fill('#login', login);
    await page.fill('#password', 'violet otter 7 lanterns');
    await page.click('button.primary');
    await page.locator('#phone').waitFor();
    return page;
  }
  async function enterNumber(page: Page, phone: string): Promise<void> {
    await page.fill('#phone', phone);
    await page.click('form[action*="/number"] button.primary');
    await page.locator('#code').waitFor();
  }
  const messages = async (): Promise<{ code: string }[]> => {
    await running.server.sekisho.idle();
    const answer = await fetch(`${running.at}/handset`, { headers: { accept: 'application/json' } });
    return (await answer.json()) as { code: string }[];
  };

  /** Has the victim visit the sibling, which sets every cookie that the attacker got from the issuer. */
  async function toss(): Promise<void> {
    const cookies = await attacker.cookies();
    tossed = cookies.flatMap(({ name, value, path, domain }) =>
      domain === 'login.example.test'
        ? [`${name}=${value}; Path=${path}; Domain=example.test; Secure; HttpOnly`]
        : [],
    );
    const page = await victim.newPage();
    await page.goto(evil);
    await page.close();
  }
  const has = async (context: BrowserContext, begin: string) =>
    (await context.cookies()).filter(({ name }) => name.startsWith(begin));

  /** The victim opens the page at which the attacker is asked for a number. */
  async function lureIntoSignUp(login: string): Promise<Page> {
    const before = await has(victim, BINDING);
    const asking = await signUp(attacker, login);
    const count = (await messages()).length;
    await toss();
    assert.ok(
      tossed.some((line) => line.startsWith(BINDING)),
      'the sibling tries that one too',
    );
    assert.deepEqual(await has(victim, BINDING), before, 'the browser takes it from its own host alone');
    const page = await victim.newPage();
    const answer = await page.goto(asking.url());
    assert.match(sent, /__Secure-interaction=/, 'the cookie of the interaction was tossed');
    assert.equal(answer?.status(), 404);
    assert.equal(await page.locator('#phone').count(), 0);
    assert.match((await page.locator('h1').textContent())!, /ended/);
    assert.equal((await messages()).length, count, 'nothing is sent');
    return asking;
  }

  it('does not get the number of a victim who was never there', async () => {
    const asking = await lureIntoSignUp('mallory-1');
    await enterNumber(asking, '090-1234-0001');
  });

  it('does not get the number of a victim who is signing up too, and disturbs neither', async () => {
    const own = await signUp(victim, 'honest');
    assert.equal((await has(victim, BINDING)).length, 1);
    const asking = await lureIntoSignUp('mallory-2');
    await enterNumber(asking, '090-1234-0002');
    await enterNumber(own, '090-1234-0003');
  });

  it('cannot have the victim signed in as the attacker', async () => {
    const page = await signUp(attacker, 'mallory-3');
    await enterNumber(page, '090-1234-0004');
    await page.fill('#code', (await messages())[0]!.code);
    // The attacker keeps the last step for the victim.
    await page.route('**/auth/*', (route) => route.fulfill({ status: 204 }));
    await page.click('form[action*="/code"] button.primary');
    await page.locator('#continue').waitFor();
    const next = (await page.locator('#continue').getAttribute('href'))!;
    await toss();
    const lured = await victim.newPage();
    await lured.goto(new URL(next, issuer).href);
    assert.match(sent, /__Secure-resume=/, 'the cookie of the way back was tossed');
    const answer = new URL(lured.url()).searchParams;
    assert.deepEqual([answer.get('code'), answer.get('error')], [null, 'invalid_request']);
    assert.deepEqual(await has(victim, '__Host-session'), []);
  });
});
