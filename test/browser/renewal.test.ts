import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import type { CodePage } from '../../src/pages/model.ts';
import type { Progress } from '../../src/pages/progress.ts';
import { chromiumAvailable, NO_CHROMIUM } from '../support/browser.ts';
import { openPages, visit } from '../support/page-browser.ts';

/** Everything that screen readers are told besides the focus, and whether the browser still waits for a code (WebOTP). */
const WATCH = `
  window.heard = [];
  window.OTPCredential = class {};
  navigator.credentials.get = ({ signal }) => {
    window.asked = signal;
    return new Promise(() => {});
  };
  document.addEventListener('DOMContentLoaded', () => {
    for (const region of document.querySelectorAll('[role=status]'))
      new MutationObserver(() => region.textContent && heard.push(region.textContent)).observe(region, { childList: true });
  });
`;
const OVER: Partial<CodePage> = { secondsLeft: 0, sendWait: 0 };

describe('a page that is no longer as it was', { skip: chromiumAvailable() ? false : NO_CHROMIUM }, () => {
  const pages = openPages();

  /** Opens the page with a clock that stands still until it is moved on. */
  async function at(
    own: Partial<CodePage>,
    look: (page: Page, looks: () => number) => Promise<void>,
    lang = 'en',
  ): Promise<void> {
    Object.assign(pages.server, { extra: own, news: { state: 'sent' }, offer: '1 sms voice' });
    try {
      await visit(pages, { init: WATCH }, async (page) => {
        let asked = 0;
        page.on('request', (request) => {
          asked += new URL(request.url()).pathname === '/code' ? 1 : 0;
        });
        await page.clock.install();
        await page.goto(`${pages.server.address}/code?ui_locales=${lang}`);
        await page.waitForFunction('window.heard');
        await look(page, () => asked - 1);
      });
    } finally {
      Object.assign(pages.server, { extra: {}, news: null, offer: '1 sms voice' });
    }
  }
  const button = (page: Page, name: string) => page.getByRole('button', { name });
  const heading = (page: Page, text: string) => page.getByRole('heading', { level: 1, name: text }).waitFor();
  const heard = (page: Page) => page.evaluate<string[]>('heard');
  const focused = (page: Page) =>
    page.evaluate<string>('document.activeElement.id || document.activeElement.localName');
  const expire = async (page: Page, own: object = OVER) => {
    pages.server.extra = { ...own };
    await page.clock.fastForward(272_000);
  };

  describe('because its code expired', () => {
    for (const [lang, title, send] of [
      ['en', 'The security code has expired', 'Send a text'],
      ['ja', '認証コードの有効期限が切れました', 'SMSで受け取る'],
    ] as const) {
      it(`says so, waits for nothing more and offers another one, in ${lang} (A11-07)`, async () => {
        const look = async (page: Page, looks: () => number) => {
          await page.locator('#code').fill('12');
          const ended = page.waitForEvent('requestfailed', (request) => /events/.test(request.url()));
          await expire(page);
          await heading(page, title);
          await ended;
          assert.ok((await page.title()).startsWith(title));
          assert.equal(await page.locator('#code, #delivery, [data-then=expire]').count(), 0);
          assert.equal(await page.evaluate('asked.aborted'), true, 'no code is filled in any more');
          assert.equal(await focused(page), 'h1', 'which a screen reader reads out');
          assert.deepEqual(await heard(page), [], 'and nothing else does');
          assert.match(page.url(), new RegExp(`/code\\?ui_locales=${lang}$`));
          assert.equal(await button(page, send).getAttribute('class'), 'primary');
          pages.server.posts.length = 0;
          await page.clock.fastForward(600_000);
          assert.equal(looks(), 1);
          await button(page, send).click();
          await page.waitForURL(/\/send\?/);
          assert.match(pages.server.posts[0]!.body, /channel=sms/);
        };
        await at({ sendWait: 0 }, look, lang);
      });
    }

    it('says it once in words where the focus is not in it, and leaves the focus there (A11-06)', async () => {
      await at({}, async (page) => {
        await page.getByRole('link', { name: '日本語' }).focus();
        await expire(page);
        await heading(page, 'The security code has expired');
        assert.deepEqual(await heard(page), ['The security code has expired']);
        assert.equal(await focused(page), 'a');
      });
    });

    it('counts on where the server says that it has not, and keeps what was typed', async () => {
      await at({}, async (page, looks) => {
        await page.locator('#code').fill('12');
        await expire(page, { secondsLeft: 2 });
        await page.locator('[data-then=expire][data-count="2"]').waitFor();
        assert.equal(await page.locator('#code').inputValue(), '12');
        assert.equal(await focused(page), 'code');
        assert.equal(looks(), 1);
        pages.server.extra = { ...OVER };
        await page.clock.fastForward(2000);
        await heading(page, 'The security code has expired');
        assert.equal(looks(), 2);
      });
    });

    it('goes where the sign-in is by now when that is another page', async () => {
      await at({}, async (page) => {
        const gone = '<!doctype html><title>Gone</title><h1>This page is over</h1>';
        await page.route(/\/code\?/, (route) =>
          route.fulfill({ status: 404, contentType: 'text/html', body: gone }),
        );
        await expire(page);
        await heading(page, 'This page is over');
        assert.equal(await page.evaluate('history.length'), 2, 'and leaves no page behind that is no more');
      });
    });

    it('takes no code any more and says so where the server cannot be reached', async () => {
      await at({ sendWait: 0 }, async (page) => {
        await page.route(/\/code\?/, (route) => route.abort());
        await expire(page);
        await page.locator('.status', { hasText: 'can no longer be entered' }).waitFor();
        assert.equal(await button(page, 'Continue').isDisabled(), true);
        assert.equal(await button(page, 'Send again').getAttribute('class'), 'primary');
        assert.equal((await heard(page)).length, 1);
      });
    });

    it('stays where it is and says so in a view of the host that does not name its page', async () => {
      await at({ sendWait: 0 }, async (page, looks) => {
        await page.route(/\/code\?/, async (route) => {
          const response = await route.fetch();
          await route.fulfill({ response, body: (await response.text()).replace(/ data-page="[^"]*"/, '') });
        });
        await page.reload();
        const { length } = await heard(page);
        await expire(page);
        await page.locator('.status', { hasText: 'can no longer be entered' }).waitFor();
        assert.equal(await button(page, 'Continue').isDisabled(), true);
        assert.match(page.url(), /\/code\?ui_locales=en$/);
        assert.deepEqual([looks(), (await heard(page)).length - length], [1, 1]);
      });
    });
  });

  describe('because another message went out', () => {
    /** Tells until the page, whose stream may still be opening, has heard. */
    const tell = async (page: Page, offer: string, own: object, progress: Partial<Progress> = {}) => {
      Object.assign(pages.server, { offer, extra: own });
      pages.server.tell({ state: 'sending', fellBack: 'late', channel: 'voice', ...progress });
      await page.locator(`section.send[data-offer="${offer}"]`).waitFor();
    };

    it('waits anew before the next one; what is typed, the focus and the help stay', async () => {
      await at({ sendWait: 0, secondsLeft: 60 }, async (page, looks) => {
        await page.locator('summary').click();
        await page.locator('#code').fill('12');
        assert.equal(await button(page, 'Send again').isDisabled(), false);
        await tell(page, '2 sms voice', { sendWait: 60, secondsLeft: 250, channel: 'voice' });
        for (const name of ['Send a text instead', 'Call me again'])
          assert.equal(await button(page, name).isDisabled(), true);
        assert.equal(await page.locator('[data-then=send]').textContent(), '1:00');
        assert.equal(await page.locator('[data-then=expire]').textContent(), '4:10');
        assert.equal(await page.locator('#code').inputValue(), '12');
        assert.equal(await focused(page), 'code');
        assert.equal(await page.evaluate('document.querySelector("#help").open'), true);
        await page.clock.fastForward(60_000);
        assert.equal(await button(page, 'Call me again').isDisabled(), false);
        assert.equal(looks(), 1);
      });
    });

    it('offers no more when it was the last one, and says what is left', async () => {
      await at({ sendWait: 0 }, async (page) => {
        await button(page, 'Call me instead').focus();
        await tell(page, '3', { channels: [], sendsUsed: true });
        await page.getByText('No more codes can be sent this time.').waitFor();
        assert.equal(await page.locator('[data-send]').count(), 0);
        assert.equal(await page.evaluate('document.activeElement.className'), 'send', 'the focus is near by');
      });
    });

    it('offers what is left after STOP, and the focus stays at its button', async () => {
      await at({ sendWait: 0 }, async (page) => {
        await button(page, 'Call me instead').focus();
        await tell(page, '1 voice stopped', { sendWait: 0, channels: ['voice'], stopped: true });
        await page.getByText('reply START').waitFor();
        assert.equal(await page.locator('[data-send]').count(), 1);
        assert.equal(await page.evaluate('document.activeElement.textContent'), 'Call me instead');
      });
    });

    it('does not look where nothing but the news is new', async () => {
      await at({}, async (page, looks) => {
        pages.server.tell({ state: 'delivered', arrived: true, final: true });
        await page.locator('#delivery[data-state=delivered]').waitFor();
        assert.equal(looks(), 0);
      });
    });
  });

  it('opens the help after half a minute, also when the message arrived and no news come any more', async () => {
    await at({ helpWait: 30 }, async (page) => {
      const isOpen = () => page.evaluate<boolean>('document.querySelector("#help").open');
      pages.server.tell({ state: 'delivered', arrived: true, final: true });
      await page.locator('#delivery[data-state=delivered]').waitFor();
      await page.clock.fastForward(29_000);
      assert.equal(await isOpen(), false);
      await page.clock.fastForward(1000);
      assert.equal(await isOpen(), true);
      assert.match((await page.locator('#help li').first().textContent())!, /your other folders/);
    });
  });
});
