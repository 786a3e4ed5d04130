import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { failingStore } from '../support/failing-store.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  enterNumber,
  FREE_SENDS,
  givePassword,
  type Host,
  MFA,
  PHONES,
  REDIRECT_URI,
  SFA,
  startHost,
} from '../support/host.ts';
import { MINUTE, stopTime } from '../support/time.ts';

const time = stopTime();
let host: Host;
const start = async (store: Store) => {
  host = await startHost({ store, options: { sends: FREE_SENDS } });
};
afterEach(() => host.close());

const ask = async (visitor: Visitor, extra: Record<string, string>) => {
  const request = await host.request(extra);
  return { request, page: await visitor.open(request.url, { stopAt: REDIRECT_URI }) };
};

onEveryStore('lesson 15: a second factor ends with its authenticator (BND-08)', ({ open }) => {
  it('also in sessions that gave it before the number was removed', async () => {
    await start(await open());
    const visitor = new Visitor();
    await bindPhone(host, visitor, 'alice', PHONES.alice);
    time.advance(10 * MINUTE);
    const before = await ask(visitor, { acr_values: MFA });
    assert.equal((await arrive(host, before.request, before.page)).claims!.acr, MFA);
    await host.sekisho.removePhone('alice');

    const plain = await ask(visitor, { client_id: 'plain' });
    const { claims } = await arrive(host, plain.request, plain.page);
    assert.deepEqual([claims!.acr, claims!['amr']], [SFA, ['pwd']], 'no token says it any more (SES-02)');
    const { page } = await ask(visitor, { acr_values: MFA });
    assert.ok(page.form('login'), 'the password first, for a number is to be bound (BND-01)');
    const number = await page.submit('login', { account: 'alice', password: 'right' }, REDIRECT_URI);
    assert.ok(number.form('number'), 'and it does not bring the second factor back');
  });

  it('and does not come back when the same number is bound again elsewhere', async () => {
    await start(await open());
    const visitor = new Visitor();
    await bindPhone(host, visitor, 'alice', PHONES.alice);
    await host.sekisho.removePhone('alice');
    time.advance(1000);
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const { page } = await ask(visitor, { acr_values: MFA });
    assert.ok(page.form('send'), 'the code is asked for');
  });

  it('also between the right code and the way back to the provider', async () => {
    await start(await open());
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const { page } = await givePassword(host, new Visitor(), 'alice');
    const done = await enterCode(host, page);
    await host.sekisho.removePhone('alice');
    const resumed = await page.visitor.open(done.next!, { stopAt: REDIRECT_URI });
    assert.ok(resumed.form('number'), resumed.url);
  });

  it('counts in no session whose record does not say which authenticator it was', async () => {
    const store = await open();
    const forgetful = new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (key: string, value: { facts: object[] }, ...rest: unknown[]) => {
          const old = name === 'put' && key.includes('}standing:');
          const facts = old ? value.facts.map((fact) => ({ ...fact, authenticator: undefined })) : [];
          return method.call(target, key, old ? { ...value, facts } : value, ...rest);
        };
      },
    });
    await start(forgetful);
    const visitor = new Visitor();
    const { page: first, request } = await givePassword(host, visitor, 'alice');
    const done = await enterCode(host, await enterNumber(host, first, PHONES.alice));
    await assert.rejects(arrive(host, request, done), { error: 'invalid_grant' }, 'nor in its tokens');
    assert.ok((await ask(visitor, { acr_values: MFA })).page.form('send'), 'with a number that is bound');
    await host.sekisho.removePhone('alice');
    const { page } = await ask(visitor, { acr_values: MFA });
    assert.ok(page.form('number'), 'and without one');
  });
});

onEveryStore('lesson 15: trust ends when it is taken away (BND-05)', ({ open }) => {
  /** Holds a call to the store back that is a step of trusting a browser, and answers once it is there. */
  async function trustingHeldAt(method: string, part: string) {
    const { store, delay } = failingStore(await open());
    await start(store);
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const visitor = new Visitor();
    const { page, request } = await givePassword(host, visitor, 'alice');
    const [reached, atIt] = signal();
    const [released, goOn] = signal();
    const fits = (call: { method: string; key: string }) => {
      const there = call.method === method && call.key.includes(part);
      if (there) atIt();
      return there;
    };
    delay(fits, released);
    const entering = enterCode(host, page, { trust: 'yes' });
    await reached;
    return {
      visitor,
      async finish() {
        goOn();
        await arrive(host, request, await entering);
        assert.ok(visitor.cookie(/trust/), 'the browser holds a cookie');
        visitor.dropCookies(/^_/);
      },
    };
  }

  it('of a browser that was being trusted at that moment', async () => {
    const { visitor, finish } = await trustingHeldAt('put', '}trusted:');
    assert.equal(await host.sekisho.forgetBrowsers('alice'), 1);
    await finish();
    assert.ok((await givePassword(host, visitor, 'alice')).page.form('code'), 'at a sign-in');
    assert.equal(await host.sekisho.forgetBrowsers('alice'), 0);
  });

  it('also within the session', async () => {
    const { visitor, finish } = await trustingHeldAt('put', '}trusted:');
    await host.sekisho.forgetBrowsers('alice');
    await finish();
    const login = await givePassword(host, visitor, 'alice', { client_id: 'plain' });
    await arrive(host, login.request, login.page);
    assert.ok((await ask(visitor, {})).page.form('send'));
  });

  it('of a browser that is trusted after the number was removed, for a code that came before', async () => {
    const { visitor, finish } = await trustingHeldAt('join', '}trusted-browsers');
    await host.sekisho.removePhone('alice');
    await finish().catch(() => visitor.dropCookies(/^_/));
    const { page } = await givePassword(host, visitor, 'alice');
    assert.ok(page.form('number'), 'there is no number');
    await enterCode(host, await enterNumber(host, page, PHONES.bob));
    visitor.dropCookies(/^_/);
    assert.ok((await givePassword(host, visitor, 'alice')).page.form('code'), 'and it is another one');
  });
});

function signal(): [Promise<void>, () => void] {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return [promise, resolve];
}

onEveryStore('a trusted browser that calls itself another one', ({ open }) => {
  const PHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Safari/604.1';
  const TABLET = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Safari/605.1';
  const signIn = async (visitor: Visitor): Promise<Page> => {
    visitor.dropCookies(/^_/);
    return (await givePassword(host, visitor, 'alice')).page;
  };
  const alarms = () => host.events.filter(({ type }) => type === 'browser.replayed').length;

  it('is asked, raises no alarm, and is trusted again under its own name (SES-06)', async () => {
    await start(await open());
    const visitor = new Visitor({ 'user-agent': PHONE });
    await bindPhone(host, visitor, 'alice', PHONES.alice, true);
    visitor.headers['user-agent'] = TABLET;
    assert.ok((await signIn(visitor)).form('code'), 'the cookie is not good for another make');
    time.advance(MINUTE);
    visitor.headers['user-agent'] = PHONE;
    assert.ok((await signIn(visitor)).url.startsWith(REDIRECT_URI));
    assert.equal(alarms(), 0);
  });

  it('is noticed where it is a copy, at the next visit of the original (lesson 15)', async () => {
    await start(await open());
    const owner = new Visitor({ 'user-agent': PHONE });
    await bindPhone(host, owner, 'alice', PHONES.alice, true);
    const thief = new Visitor({ 'user-agent': TABLET });
    const { name, value } = owner.cookie(/trust/)!;
    thief.setCookie(name, value);
    assert.ok((await signIn(thief)).form('code'));
    time.advance(MINUTE);
    assert.ok((await signIn(owner)).form('code'));
    assert.equal(alarms(), 1);
    thief.headers['user-agent'] = PHONE;
    assert.ok((await signIn(thief)).form('code'), 'and it ends the trust of both');
  });
});
