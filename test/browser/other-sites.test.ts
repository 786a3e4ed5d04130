import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumAvailable, launchBrowser, NO_CHROMIUM } from '../support/browser.ts';
import { EVERY_NAME_HERE, forwardTo, type Sites, startSites } from '../support/sites.ts';
import { PASSWORD, requestAt, startTestServer, type TestServer } from '../support/test-server.ts';

/** A page with one form; every field is hidden. */
const formTo = (action: string, fields: Record<string, string>) => {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type=hidden name=${name} value="${value}">`,
  );
  return `<title>application</title><form method=post action="${action}">${inputs.join('')}<button>go</button></form>`;
};

describe('an issuer over https and applications of other sites', {
  skip: chromiumAvailable() ? false : NO_CHROMIUM,
}, () => {
  let sites: Sites;
  let browser: Browser;
  let running: TestServer;
  let context: BrowserContext;
  let page: Page;
  let issuer: string;
  let shop: string;
  /** Served over http, as in an intranet. */
  let intranet: string;
  let developer: string;
  /** What the application got as a form. */
  let posted: string;
  /** The form on the page of the application. */
  let form = '';

  before(async () => {
    [sites, browser] = await Promise.all([startSites(), launchBrowser([EVERY_NAME_HERE])]);
    issuer = sites.https('login.example.test');
    shop = sites.https('shop.test');
    intranet = sites.http('intranet.test');
    developer = sites.http('localhost');
    const client = (client_id: string, origin: string) => ({
      ...{ client_id, firstParty: true, token_endpoint_auth_method: 'none' as const },
      ...{ redirect_uris: [`${origin}/callback`], post_logout_redirect_uris: [`${origin}/bye`] },
      sekisho: { mfa: 'requested' as const },
    });
    running = await startTestServer({
      ...{ issuer, trustedProxies: 1 },
      clients: [client('shop', shop), client('intranet', intranet), client('developer', developer)],
    });
    await running.addAccount('alice');
    sites.answer('login.example.test', forwardTo(running.at));
    for (const name of ['shop.test', 'intranet.test', 'localhost'])
      sites.answer(name, async (req, res) => {
        if (req.method === 'POST') posted = await new Response(req as never).text();
        res
          .writeHead(200, { 'Content-Type': 'text/html' })
          .end(req.url === '/' ? form : '<title>back</title>');
      });
  });
  after(async () => {
    await browser?.close();
    sites?.close();
    await running?.close();
  });
  beforeEach(async () => {
    await context?.close();
    posted = '';
    context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-US' });
    page = await context.newPage();
  });

  const asked = (clientId: string, origin: string, more: Record<string, string> = {}) =>
    requestAt(issuer, { client_id: clientId, redirect_uri: `${origin}/callback`, ...more });
  const press = async (action: string, fields: Record<string, string>) => {
    form = formTo(action, fields);
    await page.goto(`${shop}/`);
    await page.click('button');
  };
  const askByForm = (more: Record<string, string> = {}) =>
    press(`${issuer}/auth`, Object.fromEntries(new URL(asked('shop', shop, more)).searchParams));
  const givePassword = async () => {
    await page.fill('input[name=login]', 'alice');
    await page.fill('input[name=password]', PASSWORD);
    await page.click('form[action*="/login"] button.primary');
  };

  it('take a request as a form of another site, also with the session that is there (fault G.6)', async () => {
    await askByForm();
    await givePassword();
    await page.waitForURL(`${shop}/callback?*`);
    assert.ok(new URL(page.url()).searchParams.get('code'));
    await askByForm({ prompt: 'none' });
    await page.waitForURL(`${shop}/callback?*`);
    assert.equal(new URL(page.url()).searchParams.get('error'), null);
  });

  it('sign out by a form of another site (fault G.6)', async () => {
    await askByForm();
    await givePassword();
    await page.waitForURL(`${shop}/callback?*`);
    await press(`${issuer}/session/end`, {
      ...{ client_id: 'shop', post_logout_redirect_uri: `${shop}/bye`, state: 'so-long' },
    });
    await page.click('button.primary');
    await page.waitForURL(`${shop}/bye?state=so-long`);
    await askByForm({ prompt: 'none' });
    await page.waitForURL(`${shop}/callback?*`);
    assert.equal(new URL(page.url()).searchParams.get('error'), 'login_required');
  });

  it('lead back to an application over http after the sign-out (fault G.7)', async () => {
    await page.goto(asked('intranet', intranet));
    await givePassword();
    await page.waitForURL(`${intranet}/callback?*`);
    const after = encodeURIComponent(`${intranet}/bye`);
    await page.goto(`${issuer}/session/end?client_id=intranet&post_logout_redirect_uri=${after}`);
    await page.click('button.primary');
    await page.waitForURL(`${intranet}/bye`);
    assert.equal(await page.title(), 'back');
  });

  it('answer an application of a developer by a form, over http to localhost (fault G.7)', async () => {
    await page.goto(asked('developer', developer, { response_mode: 'form_post' }));
    await givePassword();
    await page.waitForURL(`${developer}/callback`);
    assert.match(posted, /(^|&)code=/);
  });

  it('have Chromium itself ask the person before a form goes to an intranet over http (fault G.7)', async () => {
    await page.goto(asked('intranet', intranet, { response_mode: 'form_post' }));
    await givePassword();
    // Our policy let it leave: the browser asks whether to send it anyway, as for every form from https to http.
    await page.locator('#proceed-button').waitFor();
  });
});
