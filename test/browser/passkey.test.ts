import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumAvailable, launchBrowser, NO_CHROMIUM } from '../support/browser.ts';
import { MFA } from '../support/host.ts';

interface Running {
  close(): Promise<void>;
}
const load = async <T>(name: string) =>
  (await import(`../../examples/${name}/app.js`)) as { start(settings: object): Promise<Running & T> };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('the example with passkeys', { skip: chromiumAvailable() ? false : NO_CHROMIUM }, () => {
  let app: Running & { issuer: string };
  let shop: Running & { url: string };
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  before(async () => {
    const port = await freePort();
    const started = await (await load<{ url: string; callback: string }>('relying-party')).start({
      port: 0,
      issuer: `http://localhost:${port}`,
    });
    shop = started;
    app = await (await load<{ issuer: string }>('passkey')).start({ port, callback: started.callback });
    browser = await launchBrowser();
    context = await browser.newContext({ locale: 'en-GB' });
    page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      automaticPresenceSimulation: true,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    } as const;
    await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
  });
  after(async () => {
    await browser.close();
    await Promise.all([app.close(), shop.close()]);
  });

  /** What came to the handset, the newest first. */
  const messages = async () => {
    const response = await fetch(`${app.issuer}/handset`, { headers: { accept: 'application/json' } });
    return (await response.json()) as { code: string }[];
  };
  let seen = 0;
  async function newestCode(): Promise<string> {
    for (;;) {
      const all = await messages();
      if (all.length > seen) {
        seen = all.length;
        return all[0]!.code;
      }
      await page.waitForTimeout(20);
    }
  }
  async function givePassword(): Promise<void> {
    await page.goto(shop.url);
    await page.getByLabel('Name').fill('alice');
    await page.getByLabel('Password').fill('correct horse battery staple');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
  async function answer(): Promise<{ acr: string; amr: string[] }> {
    await page.waitForURL(`${shop.url}/callback?*`);
    const { acr, amr } = JSON.parse((await page.locator('body').textContent()) ?? '');
    return { acr, amr };
  }

  it('binds a phone at the first sign-in, and takes a passkey only from a session with two factors (BND-01)', async () => {
    await page.goto(`${app.issuer}/passkeys`);
    assert.match((await page.locator('body').textContent()) ?? '', /second factor first/);
    await givePassword();
    await page.locator('#phone').fill('090-1234-5678');
    await page.locator('form button[type=submit], form button:not([type])').first().click();
    await page.locator('#code').fill(await newestCode());
    await page.keyboard.press('Enter');
    assert.deepEqual(await answer(), { acr: MFA, amr: ['pwd', 'sms', 'mfa'] });
    await page.goto(`${app.issuer}/passkeys`);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('button', { name: 'Remove' }).waitFor();
  });

  it('signs in with the passkey alone: two factors, and no message (RST-02)', async () => {
    await context.clearCookies();
    await page.goto(shop.url);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    assert.deepEqual(await answer(), { acr: MFA, amr: ['hwk', 'user', 'mfa'] });
    assert.equal((await messages()).length, seen);
    await page.goto(`${shop.url}/mfa`);
    assert.deepEqual(await answer(), { acr: MFA, amr: ['hwk', 'user', 'mfa'] });
  });

  it('signs in the same account with the password and an SMS', async () => {
    await context.clearCookies();
    await givePassword();
    await page.locator('#code').fill(await newestCode());
    await page.keyboard.press('Enter');
    assert.deepEqual(await answer(), { acr: MFA, amr: ['pwd', 'sms', 'mfa'] });
  });

  it('takes the passkey in place of the code, where the person chooses it there (RST-01)', async () => {
    await context.clearCookies();
    await givePassword();
    await page.getByRole('link', { name: 'Use a passkey' }).click();
    await page.getByRole('link', { name: 'Use a code instead' }).click();
    await page.waitForURL(`${app.issuer}/sekisho/*`);
    await page.getByRole('link', { name: 'Use a passkey' }).click();
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    assert.deepEqual(await answer(), { acr: MFA, amr: ['pwd', 'hwk', 'user', 'mfa'] });
  });

  it('asks for the code again where the passkey was removed (BND-08)', async () => {
    await page.goto(`${app.issuer}/passkeys`);
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove' }).waitFor({ state: 'detached' });
    await page.goto(`${shop.url}/mfa`);
    assert.ok(page.url().startsWith(`${app.issuer}/sekisho/`), page.url());
    assert.equal(await page.locator('#code').count(), 0);
  });
});
