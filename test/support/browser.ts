import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';

/** What a suite says that needs the browser: `describe(…, { skip: chromiumAvailable() ? false : NO_CHROMIUM })`. */
export const NO_CHROMIUM = `no Chromium at ${EXECUTABLE}`;
export const chromiumAvailable = (): boolean => existsSync(EXECUTABLE);

/** The installed Chromium, without a window and without anything it would fetch by itself; `more` are further switches. */
export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: EXECUTABLE,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}
