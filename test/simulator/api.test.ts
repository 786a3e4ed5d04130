import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { benchFor } from './bench.ts';

const bench = benchFor();

async function api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${bench.simulator.url}/_sim${path}`, {
    method,
    headers: body === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
}

describe('the inbox of the simulator', () => {
  it('lists messages by number, vendor and channel, with what a person heard', async () => {
    await bench.send('1234');
    await bench.send('5678', { channel: 'voice', text: 'press a key' });
    await bench.simulator.advance(60_000);
    const texts = async (query: string) =>
      (await api('GET', `/messages${query}`)).body.messages.map(({ text }: { text: string }) => text);
    assert.deepEqual(await texts(''), ['482913', 'press a key']);
    assert.deepEqual(await texts('?to=%2B819011111234'), ['482913']);
    assert.deepEqual(await texts('?to=+819011111234'), ['482913'], 'a plus nobody encoded');
    assert.deepEqual(await texts('?to=%2B819011110000'), []);
    assert.deepEqual(await texts('?channel=voice&vendor=test'), ['press a key']);
    assert.deepEqual(await texts('?vendor=other'), []);
    const [call] = (await api('GET', '/messages?channel=voice')).body.messages;
    assert.deepEqual([call.heard, call.state, call.fate], [['press a key'], 'completed', 'delivered']);
  });

  it('forgets', async () => {
    await bench.send('1234');
    assert.equal((await api('DELETE', '/messages')).status, 204);
    assert.deepEqual((await api('GET', '/messages')).body, { messages: [] });
  });

  it('moves the clock on, and lists the webhooks of that time', async () => {
    await bench.send('1234');
    const before = bench.simulator.now();
    assert.deepEqual((await api('POST', '/advance', { milliseconds: 2000 })).body, { now: before + 2000 });
    const { callbacks } = (await api('GET', '/callbacks')).body;
    assert.deepEqual(
      callbacks.map(({ status, body }: { status: number; body: string }) => [status, JSON.parse(body).state]),
      [
        [200, 'accepted'],
        [200, 'sent'],
        [200, 'delivered'],
      ],
    );
  });

  it('tells how to configure every vendor', async () => {
    assert.deepEqual((await api('GET', '/vendors')).body, {
      vendors: [
        {
          vendor: 'test',
          url: `${bench.simulator.url}/test`,
          credentials: { secret: 'publicly-known' },
          webhook: null,
        },
      ],
    });
  });

  const text = { vendor: 'test', from: '+819012345678', to: 'TEST', text: 'STOP' };
  for (const [method, path, body, status, error] of [
    ['GET', '/nothing', undefined, 404, /there is no \/_sim\/nothing.*\/_sim\/messages/],
    ['GET', '/__proto__', undefined, 404, /there is no/],
    ['POST', '/messages', {}, 405, /does not take POST.*GET, DELETE/],
    ['GET', '/advance', undefined, 405, /POST/],
    ['GET', '/messages?too=1', undefined, 400, /no filter "too".*to, vendor, channel/],
    ['GET', '/messages?channel=fax', undefined, 400, /channel/],
    ['POST', '/advance', '{', 400, /no JSON/],
    ['POST', '/advance', {}, 400, /milliseconds/],
    ['POST', '/advance', { milliseconds: -1 }, 400, /milliseconds/],
    ['POST', '/advance', { milliseconds: 1, hours: 1 }, 400, /hours/],
    ['POST', '/reply', { ...text, from: '090' }, 400, /from: must be a number/],
    ['POST', '/reply', { ...text, vendor: 'nobody' }, 400, /vendor is none.*Use one of test/],
    ['POST', '/reply', text, 400, /no address for inbound.*--webhook test=URL/],
  ] as const) {
    it(`says what is wrong with ${method} ${path} ${JSON.stringify(body)}, and what to do`, async () => {
      const answer = await api(method, path, body);
      assert.equal(answer.status, status);
      assert.match(`${answer.body.error} ${answer.body.fix}`, error);
      assert.equal(answer.headers.get('allow') !== null, status === 405);
    });
  }

  it('takes only what is declared as JSON, so that no form of another page reaches it', async () => {
    const answer = await api('POST', '/advance', { milliseconds: 1 }, { 'Content-Type': 'text/plain' });
    assert.equal(answer.status, 415);
  });
});

describe('the phones on a page', () => {
  const page = async (query = '?ui_locales=en') => (await fetch(bench.simulator.url + query)).text();
  const sent = { text: '482913 is your code.\n\n@login.example #482913' };

  it('shows what arrived, its code, and the vendor it came through', async () => {
    await bench.send('1234', sent);
    assert.doesNotMatch(await page(), /482913/, 'it has not arrived yet');
    await bench.simulator.advance(2000);
    const html = await page();
    assert.match(html, /<p class="label">test · SMS · Delivered<\/p>/);
    assert.match(html, /<bdi>\+819011111234<\/bdi>[\s\S]*<code>482913<\/code>/);
    assert.match(await page('?ui_locales=ja'), /test · SMS · 配信済み/);
    await bench.send('5678', sent);
    await bench.simulator.advance(2000);
    assert.match(await page(), /\+819011115678[\s\S]*\+819011111234/, 'the newest first');
  });

  it('shows what did not arrive, and why, without its text', async () => {
    for (const digits of ['9901', '9903', '9905', '9906']) await bench.send(digits, sent);
    for (const digits of ['9921', '9922', '9923', '9924']) await bench.send(digits, { channel: 'voice' });
    await bench.simulator.advance(60_000);
    for (const lang of ['en', 'ja']) {
      const html = await page(`?ui_locales=${lang}`);
      const notes = [...html.matchAll(/class="label">(test · [^<]+)</g)].map(([, note]) => note);
      assert.equal(new Set(notes).size, 8, notes.join());
      const calls = notes.filter((note) =>
        note!.startsWith(lang === 'ja' ? 'test · 電話 · ' : 'test · Call · '),
      );
      assert.equal(calls.length, 4, 'a call is told from a text message');
      assert.doesNotMatch(html, /@login\.example/);
    }
    assert.match(await page(), /test · SMS · Not delivered: there is no such number/);
  });

  it('lets what a call said be read, and nothing of it ring', async () => {
    await bench.send('1234', { channel: 'voice', text: 'press a key' });
    await bench.simulator.advance(60_000);
    const html = await page();
    assert.match(html, /<details open>[\s\S]*press a key/);
    assert.doesNotMatch(html, /data-rings/);
  });

  it('shows hostile texts as text (attack 12)', async () => {
    const attack = '"><img src=x onerror=alert(1)><script>alert(1)</script>';
    await bench.send('1234', { text: attack });
    await bench.send('', { to: `+8190${attack}` });
    await bench.send('1234', { text: attack, channel: 'voice' });
    await bench.simulator.advance(60_000);
    const html = await page();
    assert.equal(html.match(/&lt;img src=x/g)?.length, 3);
    assert.ok(!html.includes('<img'));
    assert.equal(html.match(/<script/g)!.length, 1);
    const answer = await fetch(bench.simulator.url);
    assert.match(answer.headers.get('content-security-policy')!, /default-src 'none'; script-src 'nonce-/);
  });

  it('serves its stylesheets and script from where it stands', async () => {
    const html = await page();
    for (const [, link] of html.matchAll(/(?:href|src)="(\?file=[^"]+)"/g)) {
      assert.equal((await fetch(`${bench.simulator.url}/${link}`)).status, 200, link);
    }
    assert.equal((await fetch(`${bench.simulator.url}/`, { method: 'POST' })).status, 405);
  });
});
