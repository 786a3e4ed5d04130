import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { createHandset } from '../../src/gateways/handset.ts';
import type { OutboundMessage } from '../../src/ports/gateway.ts';
import { chromiumAvailable, launchBrowser, NO_CHROMIUM } from '../support/browser.ts';

const SMS = {
  to: '+819012345678',
  channel: 'sms',
  locale: 'ja',
  text: '482913 みらい銀行のログインコード。\n\n@login.example #482913',
} as const satisfies Partial<OutboundMessage>;
const CALL = { ...SMS, channel: 'voice', text: 'よん, はち, にい。' } as const;
/** Keeps what a call would say. */
const VOICE = `
  window.said = [];
  speechSynthesis.speak = (words) => said.push([words.lang, words.text]);
`;

describe('the handset in a browser', { skip: chromiumAvailable() ? false : NO_CHROMIUM }, () => {
  const handset = createHandset();
  let browser: Browser;
  let server: Server;
  before(async () => {
    server = createServer((req, res) => void handset.routes.handle(req, res)).listen(0, '127.0.0.1');
    [browser] = await Promise.all([launchBrowser(), once(server, 'listening')]);
  });
  after(async () => {
    await browser?.close();
    await handset.close!();
    server?.close();
  });

  const send = (message: Omit<OutboundMessage, 'expiresAt'>) =>
    handset.send(
      { ...message, expiresAt: Date.now() + 300_000 },
      { now: Date.now(), signal: AbortSignal.timeout(60_000) },
    );

  async function visit(options: BrowserContextOptions, look: (page: Page) => Promise<void>): Promise<void> {
    handset.clear();
    const context = await browser.newContext({
      permissions: ['clipboard-read', 'clipboard-write'],
      ...options,
    });
    const heard: string[] = [];
    try {
      if (options.javaScriptEnabled !== false) await context.addInitScript(VOICE);
      const page = await context.newPage();
      page.on('dialog', (dialog) => void dialog.dismiss().then(() => heard.push(dialog.message())));
      page.on('pageerror', (error) => heard.push(error.message));
      page.on('console', (message) => heard.push(message.text()));
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/handset?ui_locales=en`);
      await look(page);
      assert.deepEqual(heard, []);
    } finally {
      await context.close();
    }
  }

  it('shows messages as they come, copies a code, and lets a call be answered', async () => {
    await visit({}, async (page) => {
      await page.getByText('Live').waitFor();
      await page.getByText('No messages yet').waitFor();
      await send({ id: 'a', ...SMS });
      await page.getByRole('button', { name: 'Copy code' }).click();
      assert.equal(await page.evaluate('navigator.clipboard.readText()'), '482913');
      assert.equal(await page.getByRole('status').nth(1).textContent(), 'Copied');
      assert.ok(!(await page.getByRole('log').textContent())!.includes('Copied'), 'it is said once');
      await page.locator('.told:empty').waitFor({ state: 'attached' });
      await send({ id: 'b', ...CALL });
      await page.getByText('Incoming call').waitFor();
      await page.locator('summary').click();
      await page.getByText('よん, はち, にい。').waitFor();
      await page.waitForFunction('said.length === 1');
      assert.deepEqual(await page.evaluate('said'), [['ja', CALL.text]]);
      await send({ id: 'c', ...SMS });
      await page.locator('[data-id=c]').waitFor();
      assert.equal(await page.locator('details[open]').count(), 1, 'the call goes on');
      handset.clear();
      await page.getByText('No messages yet').waitFor();
    });
  });

  it('shows them by reload without scripts; a call opens to its transcript', async () => {
    await visit({ javaScriptEnabled: false }, async (page) => {
      await send({ id: 'a', ...SMS });
      await send({ id: 'b', ...CALL });
      await page.getByRole('link', { name: 'Show new messages' }).click();
      assert.equal(await page.locator('code').textContent(), '482913');
      await page.locator('summary').click();
      assert.ok(await page.getByText('よん, はち, にい。').isVisible());
    });
  });

  it('runs nothing of what a message says (attack 12)', async () => {
    const attack = '"><img src=x onerror=alert(1)></script><script>alert(1)</script>';
    await visit({}, async (page) => {
      await page.getByText('Live').waitFor();
      await send({ id: attack, to: attack, channel: 'sms', locale: attack, text: attack });
      await page.locator('.bubble').waitFor();
      assert.equal(await page.locator('.text').textContent(), attack);
      assert.equal(await page.locator('img').count(), 0);
    });
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 360, 1200]) {
      it(`fits and can be used by everybody, ${colorScheme}, ${width} pixels wide`, async () => {
        await visit({ colorScheme, viewport: { width, height: 700 } }, async (page) => {
          await send({ id: 'a', ...SMS });
          await send({ id: 'b', ...CALL });
          await page.locator('[data-id=b]').waitFor();
          await page.locator('summary').click();
          const over = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
          assert.ok(over <= 0);
          await page.waitForTimeout(400); // the message fades in
          const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
          assert.deepEqual(
            violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
            [],
          );
        });
      });
    }
  }
});
