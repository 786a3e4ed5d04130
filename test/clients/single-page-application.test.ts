import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { ConfigInput } from '../../src/server/config.ts';
import { chromiumAvailable, launchBrowser, NO_CHROMIUM } from '../support/browser.ts';
import { settingsOf } from '../support/relying-party-guide.ts';
import { type Application, startSinglePageApplication } from '../support/single-page-application.ts';
import { PASSWORD, startTestServer, type TestServer } from '../support/test-server.ts';

describe('a single-page application (faults C.1, G.8, G.14)', {
  skip: chromiumAvailable() ? false : NO_CHROMIUM,
}, () => {
  let running: TestServer;
  let application: Application;
  let browser: Browser;
  before(async () => {
    application = await startSinglePageApplication(() => running.server.url);
    const text = settingsOf('A single-page application', 'json');
    const client = JSON.parse(text.replaceAll('https://app.example.com', application.origin)) as object;
    running = await startTestServer({
      clients: [{ ...client, sekisho: { mfa: 'requested' } }],
    } as Partial<ConfigInput>);
    await running.addAccount('alice');
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    application?.close();
    await running?.close();
  });

  async function givePassword(page: Page): Promise<void> {
    await page.fill('input[name=login]', 'alice');
    await page.fill('input[name=password]', PASSWORD);
    await page.click('button.primary');
  }
  const call = (page: Page, name: string) => page.evaluate(`void window.app.${name}()`);
  const says = (page: Page, text: string) =>
    page.waitForSelector(`#state:has-text("${text}")`, { timeout: 15_000 });

  it('signs in by redirect, refreshes, and signs out', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(application.origin);
    await call(page, 'redirect');
    await page.waitForSelector('input[name=password]');
    await givePassword(page);
    await says(page, 'by authorization_code');
    await call(page, 'refresh');
    await says(page, 'by refresh_token');
    await call(page, 'signOut');
    await page.click('button[name=logout]');
    await says(page, 'ready');
    await call(page, 'redirect');
    await page.waitForSelector('input[name=password]');
  });

  it('signs in by a popup, which closes by itself', async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(application.origin);
    const opened = page.waitForEvent('popup');
    await call(page, 'popup');
    const popup = await opened;
    const closed = popup.waitForEvent('close');
    await popup.waitForSelector('input[name=password]');
    await givePassword(popup);
    await closed;
    await says(page, 'by authorization_code');
    assert.equal(page.context().pages().length, 1);
  });
});
