import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { type Application, startApplication } from '../support/application.ts';
import { chromiumAvailable, launchBrowser, NO_CHROMIUM } from '../support/browser.ts';
import { PASSWORD, requestAt, startTestServer, type TestServer } from '../support/test-server.ts';

describe('a sign-in in a popup (fault C.1, lesson 26)', {
  skip: chromiumAvailable() ? false : NO_CHROMIUM,
}, () => {
  let browser: Browser;
  let application: Application;
  let server: TestServer;
  before(async () => {
    [browser, application] = await Promise.all([launchBrowser(), startApplication()]);
    const clients = [
      {
        client_id: 'own',
        redirect_uris: [application.callback],
        token_endpoint_auth_method: 'none' as const,
        firstParty: true,
      },
    ];
    server = await startTestServer({ clients });
    await server.addAccount('alice');
  });
  after(async () => {
    await browser?.close();
    application?.close();
    await server?.close();
  });

  /** The application opens the request in a window of its own, as single-page applications do. */
  const openPopup = async (page: Page): Promise<Page> => {
    const request = requestAt(server.server.url, { redirect_uri: application.callback });
    const popup = page.waitForEvent('popup');
    await page.evaluate(`void window.open(${JSON.stringify(request)}, 'sign-in', 'width=420,height=700')`);
    return popup;
  };
  const answered = (page: Page) => page.locator('#answer', { hasText: 'code=' }).waitFor();

  it('reaches the window that opened it: the first time, and with the session that is left', async () => {
    const context = await browser.newContext({ locale: 'en-US' });
    const page = await context.newPage();
    await page.goto(application.url);
    const popup = await openPopup(page);
    await popup.fill('input[name=login]', 'alice');
    await popup.fill('input[name=password]', PASSWORD);
    await popup.click('form[action*="/login"] button.primary');
    await popup.fill('input[name=phone]', '090-1234-5678');
    await popup.click('form[action*="/number"] button.primary');
    await popup.locator('input[name=code]').waitFor();
    const phone = await context.request.get(`${server.server.url}/handset`, {
      headers: { accept: 'application/json' },
    });
    await popup.fill('input[name=code]', /#(\d{6})/.exec(await phone.text())![1]!);
    await popup.click('form[action*="/code"] button.primary');
    await answered(page);

    await page.reload();
    await openPopup(page);
    await answered(page);
    assert.match((await page.locator('#answer').textContent())!, /state=some-state/);
    await context.close();
  });
});
