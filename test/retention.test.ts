import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createDirectory } from '../src/accounts/directory.ts';
import { systemClock } from '../src/ports/clock.ts';
import type { Store } from '../src/ports/store.ts';
import { markDemo } from '../src/server/parts.ts';
import { createPasswordThrottle } from '../src/server/throttle.ts';
import { openSqliteStore } from '../src/stores/sqlite.ts';
import { type Page, Visitor } from './support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  enterNumber,
  givePassword,
  type Host,
  PHONES,
  REDIRECT_URI,
  startHost,
} from './support/host.ts';
import { type Lives, recordLives } from './support/recorder.ts';
import { read } from './support/source-text.ts';
import { createVendor, tell } from './support/vendor.ts';

interface Kept {
  kind: string;
  /** Longest time from the last write; null: until something takes it away. */
  seconds: number | null;
  /** Who decides in place of us. */
  setBy?: string;
}
const manifest = JSON.parse(read('plugin-manifest.json')) as { data: Kept[]; cookies: Kept[] };

describe('what is kept, and for how long (PRV-05)', () => {
  const lives: Lives = new Map();
  const visitor = new Visitor();
  let host: Host;
  let store: Store;
  const vendor = createVendor('vendor', { correlation: 'vendorId' });
  before(async () => {
    store = recordLives(await openSqliteStore({ file: ':memory:' }), lives);
    const accounts = createDirectory({ store, clock: systemClock });
    const options = { signUp: true, accounts, sends: { cooldown: [0] }, rates: { vendor: 50 } };
    host = await startHost({ store, inbox: vendor, options });
  });
  after(() => host.close());

  it('is what plugin-manifest.json says, after everything was done once', async () => {
    await bindPhone(host, visitor, 'alice', PHONES.alice, true);
    const { page, request } = await givePassword(host, new Visitor(), 'alice');
    await mistype(page);
    await arrive(host, request, await enterCode(host, page));
    await signUp();
    await asServer();
    await asVendor();
    await host.sekisho.idle();
    await host.sekisho.forgetBrowsers('mallory');
    const kinds = manifest.data.map(({ kind }) => kind).filter((kind) => kind !== 'oidc-user-code');
    assert.deepEqual([...lives.keys()].sort(), kinds.sort());
    for (const kept of manifest.data) assertKept(kept, lives.get(kept.kind));
  });

  function assertKept({ kind, seconds: most, setBy }: Kept, seconds: number | null | undefined): void {
    if (setBy !== undefined || seconds === undefined) return;
    if (most === null) assert.equal(seconds, null, `${kind} goes after ${seconds} seconds by itself`);
    else
      assert.ok(seconds !== null && seconds <= most, `${kind} is kept for ${seconds} seconds, not ${most}`);
  }

  it('is in the browser four cookies of ours, as listed', () => {
    const names = manifest.cookies.map(({ kind }) => kind);
    assert.deepEqual(names, ['sekisho-browser', 'sekisho-login', 'sekisho-session-*', 'sekisho-trust-*']);
    // That of the password page is the server's alone; its own test sees it set.
    for (const name of names.filter((one) => one !== 'sekisho-login'))
      assert.ok(visitor.cookie(new RegExp(`^${name.replace('*', '')}`)), name);
  });

  async function mistype(page: Page): Promise<void> {
    await page.submit('code', { code: '12' });
    await page.submit('code', { code: host.inbox.lastCode() === '000000' ? '111111' : '000000' });
  }

  /** What the server adds to a host. */
  async function asServer(): Promise<void> {
    const attempt = await createPasswordThrottle({ store, clock: systemClock })('alice', '203.0.113.7');
    if (attempt.granted) await attempt.right('account');
    await markDemo(store, Date.now());
  }

  /** What a vendor tells, and calls. */
  async function asVendor(): Promise<void> {
    vendor.behave(async ({ channel }) => ({ outcome: 'accepted', vendorId: `their-${channel}` }));
    const { page } = await givePassword(host, new Visitor(), 'alice');
    await page.submit('send', { channel: 'voice' });
    await host.sekisho.idle();
    await tell(host, vendor, 'key', { url: vendor.messages.at(-1)!.call!.answerUrl! });
    const url = host.sekisho.webhookUrl('vendor');
    const told = [
      { type: 'receipt', state: 'delivered', vendorId: 'their-sms', carrier: 'docomo' },
      { type: 'receipt', state: 'delivered', vendorId: 'not known yet' },
      { type: 'inbound', from: PHONES.mallory, keyword: 'stop' },
    ];
    await tell(host, vendor, told, { url, headers: { 'x-replay': 'once' } });
  }

  async function signUp(): Promise<void> {
    const request = await host.request({ prompt: 'create' });
    const form = await new Visitor().open(request.url, { stopAt: REDIRECT_URI });
    const number = await form.submit('signup', { login: 'hanako', password: 'correct horse' });
    const code = await enterNumber(host, number, PHONES.bob);
    await arrive(host, request, await enterCode(host, code));
  }
});
