import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Page, Visitor } from './support/browser-client.ts';
import { MFA } from './support/host.ts';
import { read } from './support/source-text.ts';

interface Running {
  close(): Promise<void>;
}
interface App extends Running {
  issuer: string;
}
interface Shop extends Running {
  url: string;
  callback: string;
}
type Start<T> = { start(settings: object): Promise<T> };
type Answer = { sub: string; acr?: string; amr?: string[]; auth_time: number };

const load = async (name: string) => (await import(`../examples/${name}/app.js`)) as Start<App>;
const loadShop = async () => (await import('../examples/relying-party/app.js' as string)) as Start<Shop>;

/** Starts an example and a relying party that knows it. */
async function open(name: string): Promise<{ app: App; shop: Shop } & AsyncDisposable> {
  const [example, relyingParty, port] = await Promise.all([load(name), loadShop(), freePort()]);
  const shop = await relyingParty.start({ port: 0, issuer: `http://localhost:${port}` });
  const app = await example.start({ port, callback: shop.callback }).catch(async (error) => {
    await shop.close();
    throw error;
  });
  const close = async () => void (await Promise.all([app.close(), shop.close()]));
  return { app, shop, [Symbol.asyncDispose]: close };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function givePassword(page: Page, password = 'correct horse battery staple'): Promise<Page> {
  return page.post(page.forms()[0]!.action, { login: 'alice', password });
}

/** Looks at the handset until a message is there; it leaves after the page did. */
async function codeOn(app: App): Promise<string> {
  for (let look = 0; look < 100; look += 1) {
    const response = await fetch(`${app.issuer}/handset`, { headers: { accept: 'application/json' } });
    const [message] = (await response.json()) as { code: string }[];
    if (message) return message.code;
    await pause(20);
  }
  throw new Error('no message came to the handset');
}

const answerOf = (page: Page): Answer => JSON.parse(page.html) as Answer;

describe('the example', () => {
  it('express-before signs in with a password alone', async () => {
    await using running = await open('express-before');
    const login = await new Visitor().open(running.shop.url);
    assert.match((await givePassword(login, 'wrong')).text(), /wrong/);
    const { sub, acr } = answerOf(await givePassword(login));
    assert.deepEqual([sub, acr], ['alice', undefined]);
  });

  for (const name of ['express-after', 'koa', 'passkey']) {
    it(`${name} asks for the code too, and says so to the relying party`, async () => {
      await using running = await open(name);
      const { app, shop } = running;
      const visitor = new Visitor();
      const login = await visitor.open(shop.url);
      assert.match((await givePassword(login, 'wrong')).text(), /wrong/);
      const number = await givePassword(login);
      await assertStyled(number);
      const code = await number.submit('number', { phone: '090-1234-5678' });
      const done = await code.submit('code', { code: await codeOn(app) });
      const { sub, acr, amr } = answerOf(await visitor.open(done.next!));
      assert.deepEqual([sub, acr, amr], ['alice', MFA, ['pwd', 'sms', 'mfa']]);
      const again = answerOf(await visitor.open(`${shop.url}/mfa`));
      assert.equal(again.acr, MFA, 'the factor of this session still counts');
    });
  }

  it('express-after adds at most 20 lines to express-before, the one that README shows', () => {
    const [before, after] = ['before', 'after'].map((name) =>
      read(`examples/express-${name}/app.js`).split('\n'),
    );
    const kept = new Set(before);
    const added = after!.filter((line) => !kept.has(line));
    assert.ok(added.length <= 20, `${added.length} lines`);
    for (const file of ['README.md', 'README.ja.md']) {
      const text = read(file);
      const missing = added.filter((line) => !text.includes(line.trim()));
      assert.deepEqual(missing, [], `${file} shows other code`);
    }
  });
});

/** Stylesheet and script come through the host's framework too. */
async function assertStyled(page: Page): Promise<void> {
  const address = /<link\b[^>]*href="([^"]+\.css)"/.exec(page.html)?.[1];
  assert.ok(address, 'the page has a stylesheet');
  const response = await page.visitor.once(new URL(address, page.url).href);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /text\/css/);
}
