import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { chromiumAvailable, launchBrowser, NO_CHROMIUM } from '../support/browser.ts';
import { FREE_SENDS, PHONES } from '../support/host.ts';
import { codeIn } from '../support/inbox.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { receipt, tell } from '../support/vendor.ts';
import { startWaiting, type Waiting } from '../support/waiting.ts';

const time = stopTime();
const ONWARD = '<!doctype html><title>On</title><link rel="icon" href="data:,">';
const PHONE = { width: 360, height: 740 };
const PAUSES = { ...FREE_SENDS, cooldown: [30, 60] };
const WORDS = {
  en: {
    way: 'The text message is on its way.',
    blocked: 'The text message was blocked',
    help: 'docomo',
    call: 'Call me instead',
    ringing: 'Your phone is ringing.',
    heard: 'The call has read out the code.',
    again: 'Check again',
    submit: 'Continue',
    calling: 'no word that the text message arrived, so we are calling you',
    stopped: 'reply START',
  },
  ja: {
    way: 'SMSを送信しました。',
    blocked: 'SMSの受信が拒否されました。',
    help: '国際SMS拒否',
    call: '電話で受け取る',
    ringing: '呼び出しています。',
    heard: 'お電話でコードをお伝えしました。',
    again: '最新の状況を表示する',
    submit: '認証する',
    calling: 'SMSの到着を確認できないため、お電話に切り替えました。',
    stopped: '「START」と返信',
  },
} as const;

describe('a person who waits for a code', { skip: chromiumAvailable() ? false : NO_CHROMIUM }, () => {
  let browser: Browser;
  let waiting: Waiting;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());
  afterEach(() => waiting.host.close());

  /** Opens the page in a browser that has given the password already. */
  async function open(
    lang: keyof typeof WORDS,
    javaScriptEnabled: boolean,
    options: Parameters<typeof startWaiting>[0],
    look: (page: Page) => Promise<void>,
  ): Promise<void> {
    waiting = await startWaiting(options);
    const { visitor, here } = waiting;
    const context = await browser.newContext({ viewport: PHONE, javaScriptEnabled, locale: lang });
    const { pathname } = new URL(here);
    const cookies = visitor.cookiesFor(pathname).split('; ');
    await context.addCookies(
      cookies.map((pair) => {
        const at = pair.indexOf('=');
        return { name: pair.slice(0, at), value: pair.slice(at + 1), domain: '127.0.0.1', path: pathname };
      }),
    );
    const heard: string[] = [];
    const page = await context.newPage();
    page.on('pageerror', (error) => heard.push(error.message));
    page.on('console', (message) => heard.push(message.text()));
    // Where the sign-in goes on; the provider is none of this test's business.
    await page.route('**/auth/**', (route) => route.fulfill({ contentType: 'text/html', body: ONWARD }));
    try {
      await page.goto(`${here}?ui_locales=${lang}`, { waitUntil: 'commit' });
      await look(page);
      assert.deepEqual(heard, []);
    } finally {
      await context.close();
    }
  }
  const call = (state: string) => tell(waiting.host, waiting.vendor, [{ type: 'call', state }]);

  for (const lang of ['ja', 'en'] as const) {
    for (const scripts of [true, false]) {
      const words = WORDS[lang];
      /** With scripts the news come by themselves; without, the person looks again. */
      const sees = async (page: Page, text: string) => {
        if (!scripts) await page.getByRole('link', { name: words.again }).click();
        await page.locator('#delivery', { hasText: text }).waitFor();
        await assertUsable(page, scripts);
      };
      const about = `in ${lang}, ${scripts ? 'with' : 'without'} scripts`;

      it(`sees that it was refused and what to check, is called, and gets in, ${about} (A11-11, A11-12)`, async () => {
        await open(lang, scripts, { fallback: { undelivered: [] } }, async (page) => {
          await page.locator('#delivery', { hasText: words.way }).waitFor();
          await tell(waiting.host, waiting.vendor, receipt('undelivered', { class: 'blocked' }));
          await sees(page, words.blocked);
          assert.ok(await page.getByText(words.help).isVisible(), 'the help is open');
          await page.getByRole('button', { name: words.call }).click();
          await waiting.host.sekisho.idle();
          await call('ringing');
          await sees(page, words.ringing);
          await call('heard');
          await sees(page, words.heard);
          await page.locator('#code').fill(codeIn(waiting.vendor.messages[0]!));
          await page.getByRole('button', { name: words.submit }).click();
          await page.waitForURL(`${waiting.host.issuer}/auth/**`);
        });
      });
    }

    it(`is called by itself when the text is late and the policy says so, in ${lang}`, async () => {
      await open(lang, true, { fallback: { late: ['voice'] }, sends: PAUSES }, async (page) => {
        await page.locator('#delivery', { hasText: WORDS[lang].way }).waitFor();
        await page.locator('#code').fill('12');
        time.advance(31 * SECOND);
        await page.locator('#delivery', { hasText: WORDS[lang].calling }).waitFor();
        assert.deepEqual(
          waiting.vendor.messages.map(({ channel }) => channel),
          ['sms', 'voice'],
        );
        await page.locator('[data-then=send][data-count="60"]').waitFor();
        assert.equal(await page.locator('[data-send] button:enabled').count(), 0, 'the wait is a new one');
        assert.equal(await page.locator('#code').inputValue(), '12');
        await assertUsable(page, true);
      });
    });

    it(`is called without scripts too, when looking again after that time, in ${lang}`, async () => {
      await open(lang, false, { fallback: { late: ['voice'] } }, async (page) => {
        const { again, calling } = WORDS[lang];
        time.advance(31 * SECOND);
        await page.getByRole('link', { name: again }).click();
        await page.getByRole('button', { name: again }).click();
        await page.locator('#delivery', { hasText: calling }).waitFor();
        await assertUsable(page, false);
      });
    });

    it(`sees with scripts that STOP was said and when it is over, in ${lang}`, async () => {
      await open(lang, true, {}, async (page) => {
        const { host, vendor } = waiting;
        const says = (keyword: string) =>
          tell(host, vendor, [{ type: 'inbound', from: PHONES.alice, keyword }], {
            url: host.sekisho.webhookUrl('vendor'),
          });
        await says('stop');
        await page.getByText(WORDS[lang].stopped).waitFor();
        assert.equal(await page.locator('[data-send]').count(), 1);
        await assertUsable(page, true);
        await says('start');
        await page.locator('[data-send]').nth(1).waitFor();
      });
    });

    it(`after STOP reads how to undo it, and can be called, in ${lang}`, async () => {
      await open(lang, false, {}, async (page) => {
        const { host, vendor } = waiting;
        const event = { type: 'inbound', from: PHONES.alice, keyword: 'stop' };
        await tell(host, vendor, [event], { url: host.sekisho.webhookUrl('vendor') });
        await page.getByRole('link', { name: WORDS[lang].again }).click();
        await page.getByText(WORDS[lang].stopped).waitFor();
        assert.equal(await page.locator('[data-send]').count(), 1);
        assert.ok(await page.getByRole('button', { name: WORDS[lang].call }).isEnabled());
        await assertUsable(page, false);
      });
    });
  }
});

/** Fits on a telephone, and has nothing that keeps anybody out. */
async function assertUsable(page: Page, scripts: boolean): Promise<void> {
  assert.ok((await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')) <= 0);
  if (!scripts) return;
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    [],
  );
}
