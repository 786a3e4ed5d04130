import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { type PageServer, servePages } from './page-server.ts';

/** A browser and the pages it looks at. */
export interface PageBrowser {
  browser: Browser;
  server: PageServer;
}

/** Both are there from the first test of a suite to its last one; to be called in `describe`. */
export function openPages(): PageBrowser {
  const pages = {} as PageBrowser;
  before(async () => {
    const [browser, server] = await Promise.all([launchBrowser(), servePages()]);
    Object.assign(pages, { browser, server });
  });
  after(async () => {
    await pages.browser?.close();
    pages.server?.close();
  });
  return pages;
}

/** Looks at a page of its own, in which no script may fail. `init` runs in it before any of ours. */
export async function visit(
  { browser }: PageBrowser,
  { init, options = {} }: { init: string; options?: BrowserContextOptions },
  look: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  try {
    await context.addInitScript(init);
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await look(page);
    assert.deepEqual(errors, []);
  } finally {
    await context.close();
  }
}
