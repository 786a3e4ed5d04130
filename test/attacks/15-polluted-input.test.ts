import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { AttemptOutcome } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  givePassword,
  type Host,
  PHONES,
  type SignInRequest,
  startHost,
} from '../support/host.ts';
import { FREE_SENDS, watch } from './setting.ts';

describe('attack 15: oversized and polluted input', () => {
  const outcomes: AttemptOutcome[] = [];
  let host: Host;
  let page: Page;
  let request: SignInRequest;
  let action: string;
  let fields: Record<string, string>;
  before(async () => {
    const store = watch(await openSqliteStore({ file: ':memory:' }), outcomes);
    host = await startHost({ store, options: { sends: FREE_SENDS, bodyTimeout: 1500 } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
  });
  after(() => host.close());
  beforeEach(async () => {
    ({ page, request } = await givePassword(host, new Visitor(), 'alice'));
    ({ action, fields } = page.form('code')!);
    outcomes.length = 0;
  });

  const send = (body: string | Buffer, type = 'application/x-www-form-urlencoded') =>
    page.visitor.once(action, { method: 'POST', body: body as string, headers: { 'content-type': type } });
  /** What was wrong with a code stands on a page of its own. */
  const shown = async (answer: Response): Promise<Response> =>
    answer.status === 303 ? page.visitor.once(new URL(answer.headers.get('location')!, action).href) : answer;
  const csrf = () => `csrf=${fields['csrf']}`;

  /** Whatever was sent: a refusal, no try used, and the right code still works. */
  async function assertRefused(answer: Response, statuses: number[]): Promise<void> {
    const { status } = await shown(answer);
    assert.ok(statuses.includes(status), `answered ${status}`);
    assert.equal(outcomes.length, 0, 'no try was used');
    const { claims } = await arrive(host, request, await enterCode(host, page));
    assert.equal(claims!.sub, 'alice');
  }

  it('a body of 60 KiB or 10 MiB is refused (WEB-12)', async () => {
    const before = process.memoryUsage().rss;
    assert.equal((await send(`${csrf()}&code=${'1'.repeat(60_000)}`)).status, 413);
    const huge = await send(`code=${'1'.repeat(10 * 1024 * 1024)}`).then(
      ({ status }) => status,
      () => 413, // the connection was closed while we were still sending
    );
    assert.equal(huge, 413);
    assert.ok(process.memoryUsage().rss - before < 150 * 1024 * 1024);
    await assertRefused(await send(`${csrf()}&code=${'1'.repeat(60_000)}`), [413]);
  });

  it('10,000 parameters are refused', async () => {
    await assertRefused(
      await send(
        Array.from({ length: 10_000 }, (_, at) => `a${at}=`)
          .join('&')
          .slice(0, 16_000),
      ),
      [413],
    );
  });

  for (const polluted of [
    'code=1&code=2',
    'code[]=1',
    'code[$gt]=',
    '__proto__[verified]=true',
    'constructor.prototype.verified=true',
    '__proto__=x',
    'code%00=123456',
  ]) {
    it(`${polluted} is refused and pollutes nothing (WEB-13)`, async () => {
      await assertRefused(await send(`${csrf()}&${polluted}`), [400]);
      assert.equal(({} as { verified?: boolean }).verified, undefined);
    });
  }

  for (const entry of [
    '1e5',
    '0x1E240',
    '123456\u0000',
    '',
    ' ',
    '١٢٣٤٥٦x',
    '12345',
    '1234567',
    '-12345',
    '+123456',
    '1.0000',
  ]) {
    it(`the entry ${JSON.stringify(entry)} is no code and uses no try (OTP-16)`, async () => {
      await assertRefused(await send(`${csrf()}&code=${encodeURIComponent(entry)}`), [400]);
    });
  }

  for (const [type, body] of [
    ['application/json', '{"code":123456}'],
    ['application/json', '['.repeat(2000)],
    ['text/plain', 'code=123456'],
    ['multipart/form-data; boundary=x', '--x--'],
    ['', ''],
  ] as const) {
    it(`a body of type ${JSON.stringify(type)} is refused (WEB-12, lesson 13)`, async () => {
      await assertRefused(await send(body, type), [415]);
    });
  }

  it('an unknown character set is refused', async () => {
    await assertRefused(
      await send(`${csrf()}&code=1`, 'application/x-www-form-urlencoded; charset=x-evil'),
      [415, 400],
    );
  });

  it('an empty form, a form without a token, with that of another interaction, or from another site is refused (WEB-08)', async () => {
    const other = await givePassword(host, new Visitor(), 'alice');
    outcomes.length = 0;
    const right = host.inbox.messages.at(-2)!.text.slice(-6);
    const foreign = other.page.form('code')!.fields['csrf']!;
    assert.equal((await send('')).status, 403);
    assert.equal((await send(`code=${right}`)).status, 403);
    assert.equal((await send(`csrf=${foreign}&code=${right}`)).status, 403);
    assert.equal((await send(`csrf=${'A'.repeat(43)}&code=${right}`)).status, 403);
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const answer = await page.visitor.once(action, {
        method: 'POST',
        body: new URLSearchParams({ ...fields, code: right }),
        headers,
      });
      assert.equal(answer.status, 403, JSON.stringify(headers));
    }
    assert.equal(outcomes.length, 0);
    assert.ok((await page.submit('code', { code: right })).next);
  });

  it('a body of one byte a second is given up on (WEB-12)', async () => {
    const { hostname, port, pathname } = new URL(action);
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: application/x-www-form-urlencoded\r\n` +
            `Content-Length: 100\r\nCookie: ${page.visitor.cookiesFor(pathname)}\r\n\r\nc`,
        );
      });
      socket.on('data', (part) => (text += part));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    assert.match(answer, /^HTTP\/1\.1 408/);
    assert.equal(outcomes.length, 0);
  });

  it('a cookie header of 20 KiB does no harm', async () => {
    const answer = await page.visitor.once(page.url, { headers: { cookie: `x=${'y'.repeat(20_000)}` } });
    assert.ok(answer.status >= 400 && answer.status < 500);
  });

  it('malformed entries do not come without end: after 20 the challenge is closed (OTP-16)', async () => {
    for (let at = 0; at < 20; at += 1) assert.equal((await page.submit('code', { code: 'x' })).status, 400);
    assert.equal((await page.submit('code', { code: 'x' })).status, 403);
    assert.equal((await page.post(action, { ...fields, code: host.inbox.lastCode() })).next, undefined);
  });

  it('after all of that the host answers within a second', async () => {
    const began = performance.now();
    assert.equal((await fetch(`${host.issuer}/.well-known/openid-configuration`)).status, 200);
    assert.ok(performance.now() - began < 1000);
  });
});
