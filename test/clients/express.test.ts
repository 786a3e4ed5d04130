import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConfigInput } from '../../src/server/config.ts';
import { Visitor } from '../support/browser-client.ts';
import { freePorts } from '../support/free-ports.ts';
import { MFA } from '../support/host.ts';
import { settingsOf } from '../support/relying-party-guide.ts';
import { CLIENT_SECRET, PASSWORD, startTestServer, type TestServer } from '../support/test-server.ts';

const CHAPTER = 'Express';
/** Where the program finds its packages as it would in a folder of its own. */
const FOLDER = join(import.meta.dirname, '../../node_modules/.cache/express-guide');

/** The program of the guide, as it stands there but for addresses, and for http. */
async function startShop(port: number, filled: (text: string) => string): Promise<ChildProcess> {
  const program = filled(settingsOf(CHAPTER, 'js'))
    .replace(
      "'shop', CLIENT_SECRET)",
      "'shop', CLIENT_SECRET, undefined, { execute: [client.allowInsecureRequests] })",
    )
    .replace('secure: true', 'secure: false')
    .replace('listen(8080)', `listen(${port}, 'localhost')`);
  await mkdir(FOLDER, { recursive: true });
  const file = join(FOLDER, `${port}.mjs`);
  await writeFile(file, program);
  const child = spawn(process.execPath, [file], {
    env: {
      ...process.env,
      NODE_ENV: 'test',
      NODE_OPTIONS: '',
      CLIENT_SECRET,
      SESSION_SECRET: 'secret-of-the-shop',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let tries = 0; tries < 200 && child.exitCode === null; tries += 1) {
    const answers = await fetch(`http://localhost:${port}/signed-out`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return child;
    await pause(50);
  }
  throw new Error('the shop does not answer');
}

describe('an application in Express (fault G.14)', () => {
  let running: TestServer;
  let shop: ChildProcess | undefined;
  let url: string;
  let accountId: string;
  before(async () => {
    const port = await freePorts();
    url = `http://localhost:${port}`;
    const filled = (text: string) =>
      text
        .replaceAll('https://shop.example.com', url)
        .replaceAll('{SECRET}', CLIENT_SECRET)
        .replaceAll('https://id.example.com', running?.server.url ?? '');
    const client = JSON.parse(filled(settingsOf(CHAPTER, 'json'))) as object;
    running = await startTestServer({ clients: [client] } as Partial<ConfigInput>);
    accountId = await running.addAccount('alice');
    shop = await startShop(port, filled);
  });
  after(async () => {
    if (shop && shop.exitCode === null) {
      shop.kill('SIGTERM');
      await once(shop, 'exit');
    }
    await rm(FOLDER, { recursive: true, force: true });
    await running?.close();
  });

  async function lastCode(): Promise<string> {
    const response = await fetch(`${running.server.url}/handset`, {
      headers: { accept: 'application/json' },
    });
    return /\b(\d{6})\b/.exec(await response.text())![1]!;
  }

  it('signs in with two factors, and signs out', async () => {
    const visitor = new Visitor();
    const login = await visitor.open(url);
    const first = await login.submit('login', { login: 'alice', password: PASSWORD });
    const number = await visitor.open(first.next ?? first.url);
    const code = await number.submit('number', { phone: '+819012340001' });
    await running.server.sekisho.idle();
    const done = await code.submit('code', { code: await lastCode() });
    const page = await visitor.open(done.next!);
    assert.deepEqual(JSON.parse(page.html), { sub: accountId, acr: MFA });

    const asked = await visitor.open(`${url}/sign-out`);
    const out = await asked.submit('confirm', { logout: 'yes' });
    assert.equal((await visitor.open(out.next ?? out.url)).html, 'Signed out');
    assert.ok((await visitor.open(url)).form('login'), 'it asks again');
  });
});
