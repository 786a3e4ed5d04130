import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { createHandset } from '../../src/gateways/handset.ts';
import type { OutboundMessage } from '../../src/ports/gateway.ts';

const TEXT = '482913 みらい銀行のログインコード。\n\n@login.example #482913';
let sent = 0;
const message = (own: Partial<OutboundMessage> = {}): OutboundMessage => {
  sent += 1;
  const expiresAt = Date.now() + 300_000;
  return {
    id: `id-${sent}`,
    to: '+819012345678',
    channel: 'sms',
    text: TEXT,
    locale: 'ja',
    expiresAt,
    ...own,
  };
};
const context = { now: 0, signal: AbortSignal.timeout(60_000) };

describe('the handset', () => {
  const handset = createHandset({ keep: 3 });
  let server: Server;
  let address: string;
  before(async () => {
    server = createServer((req, res) => void handset.routes.handle(req, res)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/handset`;
  });
  after(async () => {
    await handset.close!();
    server.closeAllConnections();
    server.close();
  });
  afterEach(() => handset.clear());
  const page = async (query = '?ui_locales=en', headers = {}) =>
    (await fetch(address + query, { headers })).text();

  it('accepts every message, and takes the same one only once (GWY-02)', async () => {
    const same = message();
    assert.deepEqual(await handset.send(same, context), { outcome: 'accepted', vendorId: same.id });
    await handset.send(same, context);
    assert.equal(handset.messages().length, 1);
    assert.equal(handset.messages()[0]!.code, '482913');
  });

  it('keeps the newest messages, newest first', async () => {
    const four = [message(), message(), message(), message()];
    for (const one of four) await handset.send(one, context);
    assert.deepEqual(
      handset.messages().map(({ id }) => id),
      four
        .slice(1)
        .map(({ id }) => id)
        .reverse(),
    );
    const html = await page();
    assert.deepEqual(
      [...html.matchAll(/data-id="([^"]+)"/g)].map(([, id]) => id),
      handset.messages().map(({ id }) => id),
    );
  });

  it('shows number, text and code of an SMS, and what a call says', async () => {
    await handset.send(message(), context);
    await handset.send(message({ channel: 'voice', text: 'いち, にい。', id: 'call' }), context);
    const html = await page();
    assert.match(html, /\+819012345678/);
    assert.match(html, /<code>482913<\/code>/);
    assert.match(html, /<details data-rings="\d+">[\s\S]*<p class="text" lang="ja">いち, にい。<\/p>/);
    assert.equal(handset.messages()[0]!.code, null);
  });

  it('speaks the language of the browser, or the one that was chosen', async () => {
    assert.match(
      await page('', { 'accept-language': 'ja,en;q=0.5' }),
      /<html lang="ja">[\s\S]*テスト用スマートフォン/,
    );
    assert.match(
      await page('?ui_locales=en', { 'accept-language': 'ja' }),
      /<html lang="en">[\s\S]*Test phone/,
    );
  });

  it('shows hostile messages as text (attack 12)', async () => {
    const attack = '"><img src=x onerror=alert(1)></script><script>alert(1)</script><%= 7*7 %>';
    await handset.send(message({ text: attack, to: attack, locale: attack, id: attack }), context);
    await handset.send(
      message({ text: attack, channel: 'voice', locale: attack, id: `call ${attack}` }),
      context,
    );
    const html = await page();
    assert.ok(!html.includes('<img'));
    assert.equal(html.match(/<script/g)!.length, 1);
    assert.ok(html.includes('&lt;%= 7*7 %&gt;'));
  });

  it('has a strict policy, and a new nonce each time', async () => {
    const [one, other] = [await fetch(address), await fetch(address)];
    const policy = one.headers.get('content-security-policy')!;
    assert.match(policy, /default-src 'none'; script-src 'nonce-[^']{24}'; style-src 'self'/);
    assert.notEqual(policy, other.headers.get('content-security-policy'));
    assert.equal(one.headers.get('cache-control'), 'no-store');
    assert.equal(one.headers.get('x-content-type-options'), 'nosniff');
  });

  it('serves its own stylesheets and its script, and no other file', async () => {
    for (const [file, type] of [
      ['style.css', 'text/css'],
      ['handset.css', 'text/css'],
      ['handset-calls.css', 'text/css'],
      ['handset.js', 'text/javascript'],
    ] as const) {
      const answer = await fetch(`${address}?file=${file}`);
      assert.equal(answer.status, 200);
      assert.match(answer.headers.get('content-type')!, new RegExp(`^${type}`));
    }
    for (const file of ['../package.json', 'handset.ejs', '__proto__', '']) {
      assert.equal((await fetch(`${address}?file=${encodeURIComponent(file)}`)).status, 404, file);
    }
  });

  it('answers GET and HEAD only', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await fetch(address, { method });
      assert.equal(answer.status, 405);
      assert.equal(answer.headers.get('allow'), 'GET, HEAD');
    }
    assert.equal((await fetch(address, { method: 'HEAD' })).status, 200);
  });

  it('gives scripts the messages as JSON', async () => {
    await handset.send(message(), context);
    const answer = await fetch(address, { headers: { accept: 'application/json' } });
    assert.deepEqual(await answer.json(), JSON.parse(JSON.stringify(handset.messages())));
  });

  it('tells open pages that there is news, and never what', async () => {
    const abort = new AbortController();
    const stream = await listen(abort.signal);
    assert.equal(stream.headers.get('content-type'), 'text/event-stream');
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    const heard = async (wanted: string) => {
      let text = '';
      while (!text.includes(wanted)) text += (await reader.read()).value ?? assert.fail('the stream ended');
      return text;
    };
    await handset.send(message(), context);
    assert.doesNotMatch(await heard('event: message\ndata: {}\n\n'), /482913|8190/);
    handset.clear();
    await heard('event: clear\n');
    abort.abort();
  });

  it('streams to 20 pages at most, and to others again when one goes', async () => {
    const aborts = Array.from({ length: 20 }, () => new AbortController());
    for (const { signal } of aborts) assert.equal((await listen(signal)).status, 200);
    const refused = await fetch(address, { headers: { accept: 'text/event-stream' } });
    assert.equal(refused.status, 503);
    for (const abort of aborts) abort.abort();
    for (let round = 0; ; round += 1) {
      const abort = new AbortController();
      const { status } = await listen(abort.signal);
      abort.abort();
      if (status === 200) break;
      assert.ok(round < 50, 'room again');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('ends its streams when it is closed', async () => {
    const stream = await listen();
    const ended = stream.text();
    await handset.close!();
    assert.match(await ended, /retry/);
  });

  it('refuses to run in production', () => {
    assert.deepEqual(handset.findings!({ production: false }), []);
    const [finding] = handset.findings!({ production: true });
    assert.equal(finding!.severity, 'fatal');
    assert.match(finding!.message, /refuses to run in production/);
  });

  const listen = (signal?: AbortSignal) =>
    fetch(address, { headers: { accept: 'text/event-stream' }, ...(signal ? { signal } : {}) });
});
