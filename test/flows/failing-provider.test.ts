import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SekishoError } from '../../src/errors.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  CLIENT_SECRET,
  enterCode,
  FREE_SENDS,
  givePassword,
  type Host,
  PHONES,
  REDIRECT_URI,
  startHost,
  tokens,
} from '../support/host.ts';

/** A store that fails at one of the calls that follow: before it did anything, or after, when only the answer is lost. */
function breakable(store: Store) {
  let [left, lost, broke] = [Number.POSITIVE_INFINITY, false, false];
  const failure = () => new SekishoError('store_unavailable', 'the store is away for a moment');
  return {
    store: new Proxy(store, {
      get(target, name) {
        const method = Reflect.get(target, name);
        if (typeof method !== 'function' || name === 'close') return method;
        return async (...args: unknown[]) => {
          left -= 1;
          if (left !== 0) return method.apply(target, args);
          broke = true;
          if (lost) await method.apply(target, args);
          throw failure();
        };
      },
    }),
    /** Lets the call with this number fail, from 1. */
    breakAt(call: number, answerOnly: boolean) {
      [left, lost, broke] = [call, answerOnly, false];
    },
    /** Says whether it came to that, and lets all calls work again. */
    mend(): boolean {
      left = Number.POSITIVE_INFINITY;
      return broke;
    },
  };
}

describe('the provider while the store fails (fault H.9)', () => {
  let host: Host;
  let store: ReturnType<typeof breakable>;
  before(async () => {
    store = breakable(await openSqliteStore({ file: ':memory:' }));
    const configuration = { rotateRefreshToken: true, issueRefreshToken: async () => true };
    host = await startHost({ store: store.store, options: { sends: FREE_SENDS }, configuration });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
  });
  after(() => host.close());

  const browser = () => new Visitor({ accept: 'text/html', 'accept-language': 'ja' });

  function assertPage(page: Page): void {
    assert.equal(page.status, 503, page.text());
    assert.match(page.response.headers.get('retry-after') ?? '', /^\d+$/);
    assert.match(page.text(), /ただいまサービスをご利用いただけません。/);
    assert.match(page.html, /<a class="primary" href="">/);
    assert.deepEqual(page.response.headers.getSetCookie(), []);
    assert.match(page.response.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  }

  for (const answerOnly of [false, true]) {
    const what = answerOnly ? 'whose answer is lost' : 'that fails';
    it(`keeps a proved sign-in at every call ${what}: the page says so, and loaded again it leads on`, async () => {
      let calls = 0;
      for (let broke = true; broke; ) {
        const { page, request } = await givePassword(host, browser(), 'alice');
        const done = await enterCode(host, page);
        store.breakAt(calls + 1, answerOnly);
        const next = await done.visitor.open(done.next!, { stopAt: REDIRECT_URI });
        broke = store.mend();
        const arrived = next.url.startsWith(REDIRECT_URI);
        if (!arrived) assertPage(next);
        calls += 1;
        // A deletion that failed is tried again, and then nobody notices.
        const { claims } = await arrive(host, request, arrived ? next : done);
        assert.equal(claims!.sub, 'alice', `after call ${calls}`);
        assert.deepEqual([...(claims!['amr'] as string[])].sort(), ['mfa', 'pwd', 'sms']);
      }
      assert.ok(calls > 6, `${calls} calls were tried`);
    });
  }

  it('says so at the start of a sign-in too, and loaded again it begins', async () => {
    let calls = 0;
    for (let broke = true; broke; ) {
      const visitor = browser();
      const { url } = await host.request();
      store.breakAt(calls + 1, false);
      const page = await visitor.open(url);
      broke = store.mend();
      if (broke) {
        calls += 1;
        if (page.url === url) assertPage(page);
      }
      assert.match((await visitor.open(url)).html, /login/);
    }
    assert.ok(calls > 0);
  });

  it('answers programs with 503 and temporarily_unavailable, which they may try again', async () => {
    const form = (more: Record<string, string>) =>
      new URLSearchParams({ client_id: 'app', client_secret: CLIENT_SECRET, ...more });
    const asks: [path: string, init: RequestInit][] = [
      [
        '/token',
        {
          method: 'POST',
          body: form({ grant_type: 'authorization_code', code: 'a'.repeat(43), redirect_uri: REDIRECT_URI }),
        },
      ],
      ['/token/introspection', { method: 'POST', body: form({ token: 'a'.repeat(43) }) }],
      ['/me', { headers: { authorization: `Bearer ${'a'.repeat(43)}` } }],
    ];
    for (const [path, init] of asks) {
      store.breakAt(1, false);
      const response = await fetch(`${host.issuer}${path}`, init);
      assert.ok(store.mend(), path);
      assert.equal(response.status, 503, path);
      assert.match(response.headers.get('retry-after') ?? '', /^\d+$/);
      const body = (await response.json()) as { error: string };
      assert.equal(body.error, 'temporarily_unavailable', path);
    }
    assert.ok(host.events.some((event) => event.type === 'fault' && event.operation === 'provider'));
  });

  const signIn = async () => {
    const { page, request } = await givePassword(host, new Visitor(), 'alice');
    const done = await enterCode(host, page);
    return { request, last: await done.visitor.open(done.next!, { stopAt: REDIRECT_URI }) };
  };
  const offers: Record<string, () => Promise<Record<string, string>>> = {
    async code() {
      const { request, last } = await signIn();
      const code = new URL(last.url).searchParams.get('code')!;
      const { verifier: code_verifier } = request;
      return { grant_type: 'authorization_code', code, code_verifier, redirect_uri: REDIRECT_URI };
    },
    async 'refresh token'() {
      const { request, last } = await signIn();
      const { refresh_token = '' } = await tokens(host, request, last.url);
      return { grant_type: 'refresh_token', refresh_token };
    },
  };
  const redeem = (offer: Record<string, string>) => {
    const body = new URLSearchParams({ client_id: 'app', client_secret: CLIENT_SECRET, ...offer });
    return fetch(`${host.issuer}/token`, { method: 'POST', body });
  };

  /** Whether the call with this number was reached, and so failed; what was offered is good again then, and once. */
  const failsAt = async (call: number, answerOnly: boolean, offer: Record<string, string>) => {
    store.breakAt(call, answerOnly);
    const first = await redeem(offer);
    const broke = store.mend();
    assert.equal(first.status, broke ? 503 : 200, `call ${call}`);
    if (broke) assert.equal((await redeem(offer)).status, 200, `call ${call}, tried again`);
    assert.equal((await redeem(offer)).status, 400, 'it was used then');
    return broke;
  };

  // The kind of ory/hydra #1928: a database that is away for a second ended what people had granted for weeks.
  for (const [name, make] of Object.entries(offers))
    for (const answerOnly of [false, true]) {
      const what = answerOnly ? 'whose answer is lost' : 'that fails';
      it(`takes a ${name} again after any call ${what}, and then once (OID-14)`, async () => {
        let calls = 1;
        while (await failsAt(calls, answerOnly, await make())) calls += 1;
        assert.ok(calls > 6, `${calls} calls were tried`);
      });
    }

  it('gives no reader of an old session what the new one proved: the old one is gone once there is an answer', async () => {
    const { page, request } = await givePassword(host, browser(), 'alice');
    const { visitor } = page;
    const old = visitor.cookie(/^_session$/);
    const done = await enterCode(host, page);
    await arrive(host, request, done);
    assert.notEqual(visitor.cookie(/^_session$/)?.value, old?.value);
    const again = await visitor.open(done.next!, { stopAt: REDIRECT_URI });
    await assert.rejects(tokens(host, request, again.url), { error: 'invalid_grant' }, 'its code works once');
  });
});
