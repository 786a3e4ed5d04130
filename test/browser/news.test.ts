import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import type { Progress } from '../../src/pages/progress.ts';
import { chromiumAvailable, NO_CHROMIUM } from '../support/browser.ts';
import { openPages, visit } from '../support/page-browser.ts';

const DELIVERED: Partial<Progress> = { state: 'delivered', arrived: true, final: true };
const BLOCKED: Partial<Progress> = { state: 'undelivered', reason: 'blocked', failed: true, final: true };
const CALLED: Partial<Progress> = { state: 'sending', channel: 'voice', fellBack: 'undelivered' };
/** Everything that screen readers are told, in order. */
const LISTEN = `
  window.heard = [];
  document.addEventListener('DOMContentLoaded', () => {
    const told = document.querySelector('#told');
    new MutationObserver(() => heard.push(told.textContent)).observe(told, { childList: true });
  });
`;

describe('news on a page that waits', { skip: chromiumAvailable() ? false : NO_CHROMIUM }, () => {
  const pages = openPages();

  async function waiting(
    { news = {}, streams = true, init = '' }: { news?: Partial<Progress>; streams?: boolean; init?: string },
    look: (page: Page) => Promise<void>,
  ): Promise<void> {
    Object.assign(pages.server, { news, refuseStreams: !streams });
    pages.server.posts.length = 0;
    try {
      await visit(pages, { init: LISTEN + init }, async (page) => {
        await page.goto(`${pages.server.address}/code?ui_locales=en`);
        await page.waitForFunction('window.heard');
        await look(page);
      });
    } finally {
      pages.server.news = null;
    }
  }
  const delivery = (page: Page, state: string) => page.locator(`#delivery[data-state="${state}"]`).waitFor();
  /** Tells until the page, whose stream may still be opening, has heard. */
  const tell = async (page: Page, progress: Partial<Progress>) => {
    pages.server.tell(progress);
    await delivery(page, progress.state!);
  };
  const heard = (page: Page) => page.evaluate<string[]>('heard');
  const helpIsOpen = (page: Page) => page.evaluate<boolean>('document.querySelector("#help").open');

  it('shows them as they come, and has only what matters read out (A11-06)', async () => {
    await waiting({ news: { state: 'sending' } }, async (page) => {
      await page.locator('#code').fill('12');
      for (const state of ['accepted', 'sent'] as const) await tell(page, { state });
      assert.deepEqual(await heard(page), [], 'nothing to do yet');
      await tell(page, DELIVERED);
      assert.deepEqual(await heard(page), [
        'The text message has reached your phone. Enter the code from it below.',
      ]);
      assert.equal(await page.locator('#delivery').getAttribute('data-tone'), 'good');
      assert.equal(await page.locator('#code').inputValue(), '12', 'what is being typed stays');
      assert.equal(await page.evaluate('document.activeElement.id'), 'code', 'the focus stays');
    });
  });

  it('opens the help that fits when it failed, and lets the person close it', async () => {
    await waiting({ news: { state: 'sent' } }, async (page) => {
      assert.equal(await helpIsOpen(page), false);
      await tell(page, BLOCKED);
      assert.equal(await helpIsOpen(page), true);
      assert.match((await page.locator('#help li').first().textContent())!, /refuse international/);
      assert.deepEqual(await heard(page), [
        'The text message was blocked by your mobile network or your phone.',
      ]);
      await page.locator('summary').click();
      pages.server.tell(BLOCKED);
      await tell(page, CALLED);
      assert.equal(await helpIsOpen(page), false);
    });
  });

  it('is quiet while the person is on the telephone', async () => {
    await waiting({ news: { state: 'sent' } }, async (page) => {
      await tell(page, CALLED);
      for (const state of ['ringing', 'answered'] as const) await tell(page, { ...CALLED, state });
      await tell(page, { state: 'heard', channel: 'voice', arrived: true, final: true });
      assert.deepEqual(await heard(page), ['The text message did not arrive, so we are calling you.']);
    });
  });

  it('says that the time is up as often as the policy wants to know: a second step, and after a try that failed', async () => {
    await waiting({ news: { state: 'sent' } }, async (page) => {
      assert.equal(pages.server.posts.length, 0);
      await page.route(/\/follow/, (route) => route.abort(), { times: 1 });
      const failed = page.waitForEvent('requestfailed');
      await tell(page, { state: 'accepted', late: true, follow: true });
      await failed;
      assert.equal(pages.server.posts.length, 0);
      for (const [at, state] of (['sent', 'accepted'] as const).entries()) {
        const posted = page.waitForResponse(/\/follow/);
        await tell(page, { state, late: true, follow: true });
        await posted;
        await tell(page, { state: 'sending', fellBack: 'late' });
        assert.equal(pages.server.posts.length, at + 1);
      }
      await tell(page, DELIVERED);
      assert.deepEqual(pages.server.posts, Array(2).fill({ form: 'follow', body: 'csrf=form-token' }));
      assert.match(page.url(), /\/code\?ui_locales=en$/, 'the page stays');
    });
  });

  it('says so once while that is under way', async () => {
    await waiting({ news: { state: 'sent' } }, async (page) => {
      let asked = 0;
      await page.route(/\/follow/, () => {
        asked += 1;
      });
      const request = page.waitForRequest(/\/follow/);
      await tell(page, { state: 'accepted', late: true, follow: true });
      await request;
      for (const state of ['sent', 'accepted'] as const)
        await tell(page, { state, late: true, follow: true });
      assert.equal(asked, 1);
    });
  });

  it('asks where there is no stream to be had, and where the browser knows none', async () => {
    for (const how of [{ streams: false }, { init: 'delete window.EventSource;' }]) {
      await waiting({ ...how, news: { state: 'sending' } }, async (page) => {
        await tell(page, DELIVERED);
        assert.equal((await heard(page)).length, 1);
      });
    }
  });

  it('shows them as text, whatever they hold (attack 12)', async () => {
    await waiting({ news: { state: 'sent' } }, async (page) => {
      const attack = '<img src=x onerror=alert(1)>';
      await page.route('**/events*', (route) =>
        route.fulfill({
          contentType: 'text/event-stream',
          body: `data: ${JSON.stringify({ state: 'sent', tone: 'bad', text: attack, help: [attack], helpOpen: true, tell: 'x' })}\n\n`,
        }),
      );
      await page.reload();
      await page.locator('#delivery[data-tone=bad]').waitFor();
      assert.equal(await page.locator('#delivery').textContent(), attack);
      assert.equal(await page.locator('#help li').first().textContent(), attack);
      assert.equal(await page.locator('img').count(), 0);
    });
  });
});
