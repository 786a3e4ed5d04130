import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import { type CannedVendor, startCannedVendor } from '../support/canned-vendor.ts';
import {
  PASSWORD,
  REDIRECT_URI,
  requestAt,
  startTestServer,
  type TestServer,
} from '../support/test-server.ts';

describe('attack: wrong passwords from many addresses at one moment (B.1)', () => {
  let vendor: CannedVendor;
  let running: TestServer;
  before(async () => {
    vendor = await startCannedVendor({ status: 200, body: {} });
    // By name: the look-up is what needs a thread that the hashes must leave.
    const url = `${vendor.url.replace('127.0.0.1', 'localhost')}/send`;
    const send = { url, fields: { to: '{{to}}', text: '{{text}}' }, success: { status: '2xx' } };
    running = await startTestServer({
      ...{ gateway: { type: 'http', send, ownHosts: ['localhost'] }, trustedProxies: 1 },
      ...{ signUp: true },
    });
    await running.addAccount('bob');
  });
  after(async () => {
    await running.close();
    await vendor.close();
  });

  const from = (address: string) => new Visitor({ 'x-forwarded-for': address, 'accept-language': 'en' });
  const open = (visitor: Visitor, more: Record<string, string> = {}): Promise<Page> =>
    visitor.open(requestAt(running.server.url, more), { stopAt: REDIRECT_URI });

  /** One post each, from a /48 of its own; says how many are not answered yet. */
  async function flood(posts: number, addressOf: (at: number) => string) {
    const pages = await Promise.all(Array.from({ length: posts }, (_, at) => open(from(addressOf(at)))));
    let unanswered = posts;
    const answers = pages.map(async (page, at) => {
      const answer = await page.submit('login', { login: `nobody ${at}`, password: 'wrong' });
      unanswered -= 1;
      return answer;
    });
    return { unanswered: () => unanswered, done: Promise.all(answers) };
  }

  it('keeps no code of another person: it leaves while they are hashed, and who is too many hears so', async () => {
    const login = await open(from('192.0.2.1'));
    const number = await login.submit('login', { login: 'bob', password: PASSWORD });
    const { unanswered, done } = await flood(90, (at) => `2001:db8:${at.toString(16)}:1::1`);
    await number.submit('number', { phone: '090-1234-0001' });
    await running.server.sekisho.idle();
    assert.equal(vendor.heard.length, 1);
    assert.ok(unanswered() > 0, 'the code left before the hashes were done');
    const answers = await done;
    const busy = answers.filter(({ status }) => status === 503);
    assert.ok(busy.length > 0 && answers.every(({ status }) => status === 400 || status === 503));
    for (const page of busy) {
      assert.equal(page.response.headers.get('retry-after'), '5');
      assert.match(page.text(), /Many people are signing in right now/);
      assert.ok(page.form('login'), 'the form is there to try again');
      assert.match(page.html, /value="nobody \d+"/);
    }
  });

  it('from one IPv6 network leaves room for a person elsewhere, however many addresses it has', async () => {
    const login = await open(from('2001:db8:ffff::1'));
    const { done } = await flood(90, (at) => `2001:db8:0:${at.toString(16)}::1`);
    assert.ok((await login.submit('login', { login: 'bob', password: PASSWORD })).form('number'));
    assert.ok((await done).filter(({ status }) => status === 503).length > 60);
  });

  it('from one address leaves room for a person at another, also at sign-up', async () => {
    const [login, signUp] = [
      await open(from('192.0.2.2')),
      await open(from('192.0.2.3'), { prompt: 'create' }),
    ];
    const { unanswered, done } = await flood(20, () => '192.0.2.66');
    const [number, next] = await Promise.all([
      login.submit('login', { login: 'bob', password: PASSWORD }),
      signUp.submit('signup', { login: 'carol', name: '', password: 'violet otter 7 lanterns' }),
    ]);
    assert.ok(number.form('number') && next.form('number'));
    await done;
    assert.equal(unanswered(), 0);
  });

  it('does not count what was not looked at: the right password still gets in afterwards (H.2)', async () => {
    const pages = await Promise.all(Array.from({ length: 12 }, () => open(from('192.0.2.4'))));
    const give = (page: Page) => page.submit('login', { login: 'bob', password: PASSWORD });
    const answers = await Promise.all(pages.map(give));
    assert.ok(answers.some(({ status }) => status === 503));
    assert.ok((await give(await open(from('192.0.2.4')))).form('number'));
  });
});
