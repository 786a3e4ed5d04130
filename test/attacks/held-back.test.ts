import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { failingStore } from '../support/failing-store.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  FREE_SENDS,
  givePassword,
  type Host,
  MFA,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';
import { MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();

/** What a host does to learn whose password it is, which may take a while. */
let looking: Promise<unknown> = Promise.resolve();
/** Whether the host says when it began to look, as the server does. */
let timed = true;

onEveryStore('a sign-in that is held back until a remedy is over (SES-11)', ({ open }) => {
  let host: Host;
  let faults: ReturnType<typeof failingStore>;
  before(async () => {
    faults = failingStore(await open());
    host = await startHost({
      store: faults.store,
      options: { sends: FREE_SENDS },
      finish: async (_provider, req, res, { accountId }) => {
        const ts = Date.now() / 1000;
        await looking;
        await host.sekisho.gate(req, res, { login: { accountId, ...(timed ? { ts } : {}) } });
      },
    });
  });
  after(() => host.close());

  let accounts = 0;
  async function account(): Promise<string> {
    accounts += 1;
    const name = `account-${accounts}`;
    await bindPhone(host, new Visitor(), name, `+8190123${String(46_000 + accounts)}`);
    time.advance(MINUTE);
    return name;
  }

  const resume = (page: Page, address: string) => page.visitor.open(address, { stopAt: REDIRECT_URI });

  it('gets no tokens, where both factors were proved before and the result was not taken up', async () => {
    const name = await account();
    const { page } = await givePassword(host, new Visitor(), name, { acr_values: MFA });
    const done = await enterCode(host, page);
    time.advance(MINUTE);
    await host.sekisho.endSessions(name);
    time.advance(MINUTE);
    const resumed = await resume(page, done.next!);
    assert.ok(resumed.form('login'), resumed.url);
    const again = await resume(page, (await host.request({ acr_values: MFA })).url);
    assert.ok(again.form('login'), 'nor is anything left in its session');
    const owner = await resumed.submit('login', { account: name, password: 'right' }, REDIRECT_URI);
    assert.ok(owner.form('code'), 'and the second factor is asked for as well');
  });

  it('binds no number with a password of long ago, where the one it proved was removed meanwhile (BND-01)', async () => {
    const name = await account();
    for (const [wait, form] of [
      [MINUTE, 'number'],
      [10 * MINUTE, 'login'],
    ] as const) {
      const { page } = await givePassword(host, new Visitor(), name, { acr_values: MFA });
      const done = await enterCode(host, page);
      await host.sekisho.removePhone(name);
      time.advance(wait);
      assert.ok((await resume(page, done.next!)).form(form), form);
      await bindPhone(host, new Visitor(), name, '+819012346099');
      time.advance(MINUTE);
    }
  });

  it('gets no tokens, where one factor was enough', async () => {
    const name = await account();
    const request = await host.request({ client_id: 'plain' });
    const visitor = new Visitor();
    const login = await visitor.open(request.url);
    const form = login.form('login')!;
    const body = new URLSearchParams({ account: name, password: 'right' });
    const answer = await visitor.once(form.action, { method: 'POST', body });
    time.advance(MINUTE);
    await host.sekisho.endSessions(name);
    time.advance(MINUTE);
    const next = new URL(answer.headers.get('location')!, form.action).href;
    assert.ok((await resume(login, next)).form('login'));
  });

  it('gets no tokens, where the password was being looked at at that moment', async () => {
    const name = await account();
    const [held, go] = signal();
    looking = held;
    const signingIn = givePassword(host, new Visitor(), name, { client_id: 'plain' });
    await new Promise((resolve) => setTimeout(resolve, 100));
    time.advance(SECOND);
    await host.sekisho.endSessions(name);
    time.advance(SECOND);
    looking = Promise.resolve();
    go();
    assert.ok((await signingIn).page.form('login'));
  });

  it('gets no tokens, where the code was being looked at at that moment', async () => {
    const name = await account();
    const { page } = await givePassword(host, new Visitor(), name, { acr_values: MFA });
    const [held, go] = signal();
    const [reached, atIt] = signal();
    faults.delay(({ method }) => {
      if (method === 'attempt') atIt();
      return method === 'attempt';
    }, held);
    const entering = enterCode(host, page);
    await reached;
    time.advance(SECOND);
    await host.sekisho.endSessions(name);
    time.advance(SECOND);
    go();
    const done = await entering;
    assert.ok(done.next === undefined || (await resume(page, done.next)).form('login'));
  });

  it('is a login like any other, where it was given after it', async () => {
    timed = false;
    const name = await account();
    await host.sekisho.endSessions(name);
    time.advance(SECOND);
    const { page, request } = await givePassword(host, new Visitor(), name, { acr_values: MFA });
    assert.equal((await arrive(host, request, await enterCode(host, page))).claims!.acr, MFA);
    timed = true;
  });

  it('is asked for the code, where a trusted browser stood in for it that is trusted no more', async () => {
    const name = await account();
    const visitor = new Visitor();
    const first = await givePassword(host, visitor, name);
    await arrive(host, first.request, await enterCode(host, first.page, { trust: 'yes' }));
    visitor.dropCookies(/^_/);
    time.advance(MINUTE);
    const login = await visitor.open((await host.request()).url);
    const form = login.form('login')!;
    const body = new URLSearchParams({ account: name, password: 'right' });
    const answer = await visitor.once(form.action, { method: 'POST', body });
    const next = new URL(answer.headers.get('location')!, form.action).href;
    assert.match(next, /\/auth\//, 'the code was skipped');
    time.advance(SECOND);
    await host.sekisho.forgetBrowsers(name);
    time.advance(SECOND);
    assert.ok((await resume(login, next)).form('send'));
  });
});

function signal(): [Promise<void>, () => void] {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return [promise, resolve];
}
