import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { RequestHandler } from 'express';
import type { Browser, Page } from 'playwright-core';
import { type Application, startApplication } from '../support/application.ts';
import { chromiumAvailable, launchBrowser, NO_CHROMIUM } from '../support/browser.ts';
import { CLIENT_SECRET, type Host, PHONES, startHost } from '../support/host.ts';

const NATIVE = 'com.example.app:/cb';

/** A slow line: what the provider answers first at the end of a sign-in comes when the same was asked for again. */
function slowLine() {
  const [askedOnce, askedAgain] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let asked = 0;
  const handle: RequestHandler = (req, res, next) => {
    if (!/^\/auth\/[\w-]+$/.test(req.path)) return next();
    asked += 1;
    if (asked === 2) res.once('finish', askedAgain.resolve);
    if (asked > 1) return next();
    const { end } = res;
    res.end = ((...args: Parameters<typeof end>) => {
      void askedAgain.promise.then(() => end.apply(res, args));
      askedOnce.resolve();
      return res;
    }) as typeof end;
    next();
  };
  return { handle, askedOnce: askedOnce.promise };
}

describe('Continue, pressed beside the automatic move on a slow line (fault C.2, lesson 27)', {
  skip: chromiumAvailable() ? false : NO_CHROMIUM,
}, () => {
  let browser: Browser;
  let application: Application;
  let host: Host;
  let line: ReturnType<typeof slowLine>;
  before(async () => {
    [browser, application] = await Promise.all([launchBrowser(), startApplication()]);
  });
  afterEach(() => host?.close());
  after(async () => {
    await browser?.close();
    application?.close();
  });

  const start = (redirect: string, kind: 'web' | 'native') => {
    line = slowLine();
    return startHost({
      before: (app) => void app.use(line.handle),
      configuration: {
        clients: [
          {
            client_id: 'app',
            client_secret: CLIENT_SECRET,
            application_type: kind,
            redirect_uris: [redirect],
          },
        ],
      },
    });
  };

  /** Signs in up to the page that says that all is done; the password page of the host has no fields. */
  async function reachDone(page: Page, redirect: string): Promise<void> {
    const { url } = await host.request({ redirect_uri: redirect });
    await page.goto(url);
    await page.locator('form').evaluate((form) => {
      (form as unknown as { innerHTML: string }).innerHTML =
        '<input name="account" value="alice"><input name="password" value="right"><button>go</button>';
    });
    await page.click('button');
    await page.fill('input[name=phone]', PHONES.alice);
    await page.click('form[action*="/number"] button.primary');
    await page.locator('input[name=code]').waitFor();
    await page.fill('input[name=code]', host.inbox.lastCode());
    await page.click('form[action*="/code"] button.primary', { noWaitAfter: true });
  }

  /** By keys: whatever looks into a page that is being left waits until it is gone, and this page is what a person sees. */
  async function pressContinue(page: Page): Promise<void> {
    await line.askedOnce;
    for (const key of ['Tab', 'Tab', 'Tab', 'Enter']) await page.keyboard.press(key);
  }

  for (const javaScriptEnabled of [true, false]) {
    const about = javaScriptEnabled ? 'with scripts' : 'without scripts';
    it(`leads to an application served over http, ${about}`, async () => {
      host = await start(application.callback, 'web');
      const context = await browser.newContext({ locale: 'en-US', javaScriptEnabled });
      const page = await context.newPage();
      await reachDone(page, application.callback);
      await pressContinue(page);
      await page.waitForURL(`${application.callback}?**`);
      assert.ok(new URL(page.url()).searchParams.get('code'));
      await context.close();
    });

    it(`leads to a native application, ${about}`, async () => {
      host = await start(NATIVE, 'native');
      const context = await browser.newContext({ locale: 'en-US', javaScriptEnabled });
      const page = await context.newPage();
      const leading = page.waitForResponse(
        async (response) => (await response.headerValue('location'))?.startsWith(NATIVE) === true,
      );
      await reachDone(page, NATIVE);
      await pressContinue(page);
      await page.waitForURL('**/interaction/**'); // the library asks for consent of every native application
      await page.locator('form').evaluate((form) => (form as unknown as { submit(): void }).submit());
      assert.match((await (await leading).headerValue('location'))!, /[?&]code=/);
      await context.close();
    });
  }
});
