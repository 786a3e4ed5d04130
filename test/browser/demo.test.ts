import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromiumAvailable, launchBrowser, NO_CHROMIUM } from '../support/browser.ts';

const CLI = new URL('../../bin/sekisho.js', import.meta.url).pathname;

/** `sekisho demo` in a process of its own, as `npm start` runs it, on ports and data of its own. */
class Demo {
  private readonly folder = mkdtempSync(join(tmpdir(), 'sekisho-demo-'));
  private child: ChildProcess | undefined;
  app = '';
  provider = '';
  password = '';

  async start(): Promise<void> {
    const port = await freePair();
    this.child = spawn(process.execPath, [CLI, 'demo', '--port', `${port}`, '--data', this.folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    while (!/password (\S+)/.test(output)) await once(this.child.stdout!, 'data');
    this.password = /password (\S+)/.exec(output)![1]!;
    this.provider = `http://localhost:${port}`;
    this.app = `http://localhost:${port + 1}`;
  }

  async stop(): Promise<void> {
    if (this.child && this.child.exitCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function freePair(): Promise<number> {
  for (;;) {
    const first = createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const { port } = first.address() as { port: number };
    const second = createServer();
    const free = await new Promise<boolean>((resolve) => {
      second.once('error', () => resolve(false));
      second.listen(port + 1, '127.0.0.1', () => second.close(() => resolve(true)));
    });
    first.close();
    await once(first, 'close');
    if (free) return port;
  }
}

/** One person at a browser: what goes wrong in it is noted. */
class Person {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
  private readonly script: boolean;

  private constructor(context: BrowserContext, page: Page, script: boolean, complaints: string[]) {
    this.context = context;
    this.page = page;
    this.script = script;
    this.complaints = complaints;
  }

  static async sitDown(browser: Browser, locale: string, script: boolean): Promise<Person> {
    const viewport = { width: 360, height: 740 };
    const context = await browser.newContext({ locale, javaScriptEnabled: script, viewport });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('dialog', (dialog) => complaints.push(`dialog ${dialog.message()}`));
    page.on('pageerror', (error) => complaints.push(`error ${error.message}`));
    page.on('console', (line) => {
      if (line.type() === 'error') complaints.push(`console ${line.text()}`);
    });
    return new Person(context, page, script, complaints);
  }

  /** What holds for every page: language, width, accessibility, and silence. */
  async inspect(lang: string): Promise<void> {
    assert.equal(await this.page.locator('html').getAttribute('lang'), lang);
    assert.equal(await this.page.locator('h1').count(), 1);
    if (this.script) {
      const { violations } = await new AxeBuilder({ page: this.page }).analyze();
      assert.deepEqual(
        violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
        [],
        this.page.url(),
      );
      const overflow = await this.page.evaluate<number>(
        'document.documentElement.scrollWidth - window.innerWidth',
      );
      assert.ok(overflow <= 0, `${this.page.url()} is ${overflow} px too wide`);
    }
    assert.deepEqual(this.complaints, []);
  }

  async press(selector: string): Promise<void> {
    await this.page.locator(selector).first().click();
    await this.page.waitForLoadState();
  }
}

describe('the demo in Chromium', { skip: chromiumAvailable() ? false : NO_CHROMIUM }, () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser?.close());

  for (const locale of ['ja-JP', 'en-US']) {
    for (const script of [true, false]) {
      it(`signs in ${locale} ${script ? 'with' : 'without'} scripts, from the password to acr and amr (A11-12, WEB-02)`, async () => {
        const demo = new Demo();
        await demo.start();
        const person = await Person.sitDown(browser, locale, script);
        try {
          await signIn(demo, person, locale.slice(0, 2));
        } finally {
          await person.context.close();
          await demo.stop();
        }
      });
    }
  }
});

async function signIn(demo: Demo, person: Person, lang: string): Promise<void> {
  const { page } = person;
  await page.goto(demo.app);
  await person.inspect(lang);
  await person.press('a[href^="/start/plain"]');
  await person.inspect(lang);
  await page.fill('input[name=login]', 'alice');
  await page.fill('input[name=password]', demo.password);
  await person.press('form[action*="/login"] button.primary');
  await person.inspect(lang);

  await page.fill('input[name=phone]', '０９０ー１２３４ー５６７８');
  await person.press('form[action*="/number"] button.primary');
  await person.inspect(lang);

  const codePage = page.url();
  const phone = await person.context.newPage();
  await phone.goto(`${demo.provider}/handset`);
  const code = (await phone.locator('.take code').first().textContent())!;
  assert.match(code, /^\d{6}$/);
  assert.match(
    (await phone.locator('.bubble .text').first().textContent())!,
    new RegExp(`@localhost #${code}$`),
  );
  await phone.close();

  await page.fill('input[name=code]', code === '000000' ? '111111' : '000000');
  await person.press('form[action*="/code"] button.primary');
  person.complaints.length = 0; // Chromium notes every answer of 400 as an error of the page
  assert.match(await page.title(), lang === 'ja' ? /^エラー/ : /^Error/);
  await person.inspect(lang);
  await page.fill('input[name=code]', `${code.slice(0, 3)} ${code.slice(3)}`);
  await person.press('form[action*="/code"] button.primary');
  await page.waitForURL(`${demo.app}/**`);
  await page.locator('dl').first().waitFor();
  await person.inspect(lang);
  const claims = (await page.locator('dl').first().textContent())!;
  assert.match(claims, /https:\/\/refeds\.org\/profile\/mfa/);
  for (const method of ['pwd', 'sms', 'mfa']) assert.match(claims, new RegExp(`"${method}"`));
  await page.goto(codePage);
  assert.ok(!(await page.content()).includes('1234-5678'), 'the page is over and shows no number (WEB-05)');
}
