import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { chromiumAvailable, NO_CHROMIUM } from '../support/browser.ts';
import { openPages, visit } from '../support/page-browser.ts';

/** A browser that gets a code by SMS when the test calls `arrive()`. */
const WEB_OTP = `
  window.OTPCredential = class {};
  navigator.credentials.get = (options) => new Promise((resolve, reject) => {
    window.asked = options;
    window.arrive = () => resolve({ code: '482913' });
    options.signal.addEventListener('abort', () => reject(new Error('aborted')));
  });
`;

describe('the script of the pages', { skip: chromiumAvailable() ? false : NO_CHROMIUM }, () => {
  const pages = openPages();

  async function at(
    name: string,
    {
      extra = {},
      init = '',
      options = {},
    }: { extra?: object; init?: string; options?: BrowserContextOptions },
    look: (page: Page) => Promise<void>,
  ): Promise<void> {
    pages.server.extra = { ...extra };
    pages.server.posts.length = 0;
    try {
      await visit(pages, { init, options }, async (page) => {
        await page.goto(`${pages.server.address}/${name}?ui_locales=en`);
        await look(page);
      });
    } finally {
      pages.server.extra = {};
    }
  }
  const button = (page: Page, name: string) => page.getByRole('button', { name });

  it('holds buttons back until their wait is over, and lets them go then', async () => {
    await at('code', { extra: { sendWait: 2, tryWait: 1 } }, async (page) => {
      assert.equal(await button(page, 'Send again').isDisabled(), true);
      assert.equal(await button(page, 'Continue').isDisabled(), true);
      assert.match((await page.locator('[data-then=send]').textContent()) ?? '', /^0:0[12]$/);
      await page.locator('[data-then=send]').waitFor({ state: 'detached' });
      assert.equal(await button(page, 'Send again').isDisabled(), false);
      assert.equal(await button(page, 'Call me instead').isDisabled(), false);
      assert.equal(await button(page, 'Continue').isDisabled(), false);
    });
  });

  it('leaves every button usable without it', async () => {
    await at(
      'code',
      { extra: { sendWait: 30, tryWait: 30 }, options: { javaScriptEnabled: false } },
      async (page) => {
        for (const one of await page.getByRole('button').all()) assert.equal(await one.isDisabled(), false);
        assert.match((await page.locator('[data-then=send]').textContent()) ?? '', /30 seconds/);
      },
    );
  });

  it('counts down silently (A11-06)', async () => {
    await at('code', {}, async (page) => {
      assert.equal(await page.locator('[aria-live], [role=timer]').count(), 0);
      assert.equal(await page.locator('.status').textContent(), '');
    });
  });

  it('sends a form once, however often its button is pressed', async () => {
    await at('code', { extra: { sendWait: 0 } }, async (page) => {
      await page.evaluate(`(() => {
        const again = document.querySelector('[data-send] button');
        again.click(); again.click(); again.click();
      })()`);
      await page.waitForLoadState();
      await page.getByRole('heading', { level: 1 }).waitFor();
      assert.deepEqual(
        pages.server.posts.map(({ form }) => form),
        ['send'],
      );
    });
  });

  it('fills in and sends a code that the browser hands over (WebOTP)', async () => {
    await at('code', { init: WEB_OTP }, async (page) => {
      assert.deepEqual(await page.evaluate('asked.otp'), { transport: ['sms'] });
      await Promise.all([page.waitForURL(/\/code\/code/), page.evaluate('arrive()')]);
      assert.match(pages.server.posts[0]!.body, /csrf=form-token&code=482913/);
    });
  });

  it('only fills it in while no code may be entered', async () => {
    await at('code', { init: WEB_OTP, extra: { tryWait: 30 } }, async (page) => {
      await page.evaluate('arrive()');
      await page.waitForFunction('document.querySelector("#code").value === "482913"');
      assert.equal(pages.server.posts.length, 0);
    });
  });

  it('stops waiting for a code when one is typed and sent', async () => {
    await at('code', { init: WEB_OTP }, async (page) => {
      await page.evaluate(
        `document.querySelector('[data-try]').addEventListener('submit', (event) => event.preventDefault())`,
      );
      await page.locator('#code').fill('123 456');
      await button(page, 'Continue').click();
      assert.equal(await page.evaluate('asked.signal.aborted'), true);
    });
  });

  it('takes pasted and pre-filled codes as they come (A11-01)', async () => {
    await at('code', {}, async (page) => {
      await page.locator('#code').fill('１２３-456 ');
      await button(page, 'Continue').click();
      await page.locator('#top').waitFor();
      assert.equal(new URLSearchParams(pages.server.posts[0]!.body).get('code'), '１２３-456 ');
    });
  });

  it('lets a password be looked at', async () => {
    await at('signup', {}, async (page) => {
      const password = page.getByLabel('Password', { exact: true });
      await page.getByLabel('Show password').check();
      assert.equal(await password.getAttribute('type'), 'text');
      await page.getByLabel('Show password').uncheck();
      assert.equal(await password.getAttribute('type'), 'password');
    });
  });

  it('moves on from the last page, with it and without it', async () => {
    for (const javaScriptEnabled of [true, false]) {
      await at('code-first', { extra: { next: '/number' }, options: { javaScriptEnabled } }, async (page) => {
        await page.goto(`${pages.server.address}/done?ui_locales=en`, { waitUntil: 'commit' });
        await page.waitForURL(`${pages.server.address}/number`);
      });
    }
  });

  it('works where a browser has none of the newer powers', async () => {
    const old = ['EventSource', 'OTPCredential', 'fetch'].map((name) => `delete window.${name};`).join(' ');
    await at('code', { init: old, extra: { sendWait: 1 } }, async (page) => {
      await page.locator('[data-then=send]').waitFor({ state: 'detached' });
      assert.equal(await button(page, 'Send again').isDisabled(), false);
    });
  });
});
