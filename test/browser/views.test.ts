import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromiumAvailable, NO_CHROMIUM } from '../support/browser.ts';
import { openPages } from '../support/page-browser.ts';
import { EXAMPLES } from '../support/pages.ts';
import { SERVER_EXAMPLES } from '../support/server-examples.ts';

const PHONE = { width: 360, height: 740 };
/** 1280 pixels wide at 400 % (A11-09). */
const ZOOMED = { width: 320, height: 256 };

/** Every language with each scheme and with and without scripts, and every scheme with and without scripts. */
const MATRIX = [
  { lang: 'en', colorScheme: 'light', javaScriptEnabled: true },
  { lang: 'en', colorScheme: 'dark', javaScriptEnabled: false },
  { lang: 'ja', colorScheme: 'light', javaScriptEnabled: false },
  { lang: 'ja', colorScheme: 'dark', javaScriptEnabled: true },
] as const;

/** Every state of every page, and whether it is about an error. */
const STATES = [...Object.entries(EXAMPLES), ...Object.entries(SERVER_EXAMPLES)].map(
  ([name, { wrong }]) => [name, Boolean(wrong)] as const,
);

describe('the pages in a browser', { skip: chromiumAvailable() ? false : NO_CHROMIUM }, () => {
  const pages = openPages();

  const visit = (options: BrowserContextOptions, look: (page: Page) => Promise<void>) =>
    watch(pages.browser, options, look);
  const open = async (page: Page, name: string, lang: string) => {
    await page.goto(`${pages.server.address}/${name}?ui_locales=${lang}`, { waitUntil: 'commit' });
    await page.locator('h1').waitFor();
  };

  for (const { lang, colorScheme, javaScriptEnabled } of MATRIX) {
    const about = `in ${lang}, ${colorScheme}, ${javaScriptEnabled ? 'with' : 'without'} scripts`;
    it(`fit on a phone and can be used by everybody, ${about}`, async () => {
      await visit({ colorScheme, javaScriptEnabled }, async (page) => {
        for (const [name, wrong] of STATES) {
          await open(page, name, lang);
          assert.equal(/^(Error:|エラー:)/.test(await page.title()), wrong, `${name}: title`);
          await assertLayout(page, name);
          if (javaScriptEnabled) await assertAccessible(page, name);
        }
      });
    });
  }

  it('can be read at 400 percent without scrolling sideways (A11-09)', async () => {
    await visit({ viewport: ZOOMED }, async (page) => {
      for (const [name] of STATES) {
        await open(page, name, 'en');
        assert.ok((await sideways(page)) <= 0, name);
      }
    });
  });

  for (const javaScriptEnabled of [true, false]) {
    it(`move the focus to what went wrong, ${javaScriptEnabled ? 'with' : 'without'} scripts (A11-05)`, async () => {
      await visit({ javaScriptEnabled }, async (page) => {
        for (const [name, button] of [
          ['number', 'number'],
          ['code', 'code'],
          ['signup', 'signup'],
        ] as const) {
          await open(page, name, 'en');
          await page.locator(`form[action*="/${button}?"] .primary`).click();
          await page.locator('#top').waitFor();
          assert.equal(await focused(page), 'top', name);
          await page.keyboard.press('Tab');
          await page.keyboard.press('Enter');
          assert.match(await focused(page), /^(phone|code|password)$/, name);
        }
      });
    });
  }

  it('show hostile values as text, run nothing, and lead nowhere (attack 12)', async () => {
    const attack = "\"><img src=x onerror=alert(1)></script><script>alert(1)</script>'-alert(1)-'";
    pages.server.extra = {
      client: attack,
      number: attack,
      value: attack,
      login: attack,
      name: attack,
      alternative: { url: 'javascript:alert(1)', label: attack },
    };
    try {
      await visit({}, async (page) => {
        for (const name of ['number', 'code', 'code-bind', 'signup', 'problem-return']) {
          await open(page, name, 'en');
          assert.equal(await page.locator('.client bdi').textContent(), attack, name);
          assert.equal(await page.locator('img').count(), 0);
          assert.equal(await page.getByRole('link', { name: 'alert(1)' }).first().getAttribute('href'), '#');
          assert.ok((await sideways(page)) <= 0, name);
        }
      });
    } finally {
      pages.server.extra = {};
    }
  });
});

/** Runs `look` in a fresh browser profile, and fails on dialogs, script errors and violations of the policy. */
async function watch(
  browser: Browser,
  options: BrowserContextOptions,
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ viewport: PHONE, ...options });
  const heard: string[] = [];
  const page = await context.newPage();
  page.on('dialog', (dialog) => {
    heard.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => heard.push(`error ${error.message}`));
  page.on('console', (message) => heard.push(`console ${message.text()}`));
  try {
    await look(page);
    assert.deepEqual(heard, []);
  } finally {
    await context.close();
  }
}

const TARGETS = 'button, summary, .field, .check, a.primary, .ways a, .languages a, .check-again a';
const focused = (page: Page) => page.evaluate<string>('document.activeElement?.id ?? ""');
const sideways = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');

async function assertLayout(page: Page, name: string): Promise<void> {
  assert.ok((await sideways(page)) <= 0, `${name} scrolls sideways`);
  const small = await page.evaluate<string[]>(`[...document.querySelectorAll('${TARGETS}')]
    .filter((element) => element.getClientRects().length > 0 && element.getBoundingClientRect().height < 44)
    .map((element) => element.outerHTML)`);
  assert.deepEqual(small, [], `${name}: targets are at least 44 pixels high (A11-09)`);
}

async function assertAccessible(page: Page, name: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    [],
    name,
  );
}
