import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import {
  PASSWORD,
  REDIRECT_URI,
  requestAt,
  startTestServer,
  type TestServer,
} from '../support/test-server.ts';

const ISSUER = 'https://id.example';

describe('the server', () => {
  let running: TestServer;
  before(async () => {
    running = await startTestServer();
    await running.addAccount('alice');
  });
  after(() => running.close());

  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${running.server.url}${path}`, { redirect: 'manual', ...init });

  it('describes itself, and offers no more than it should (OID-14, OID-15, EAM-01)', async () => {
    const response = await get('/.well-known/openid-configuration');
    const card = (await response.json()) as Record<string, string[]>;
    assert.equal(card['issuer'], running.server.url);
    assert.ok(Number(response.headers.get('content-length')) > 0);
    assert.deepEqual(card['response_types_supported'], ['code']);
    assert.deepEqual(card['code_challenge_methods_supported'], ['S256']);
    assert.deepEqual(card['id_token_signing_alg_values_supported'], ['RS256']);
    for (const endpoint of ['introspection_endpoint', 'revocation_endpoint', 'end_session_endpoint']) {
      assert.ok(String(card[endpoint]).startsWith(running.server.url), endpoint);
    }
    assert.ok(card['prompt_values_supported']?.includes('login'));
  });

  it('demands PKCE (OID-14)', async () => {
    const {
      code_challenge: _,
      code_challenge_method: __,
      ...rest
    } = Object.fromEntries(new URL(requestAt(running.server.url)).searchParams);
    const response = await get(`/auth?${new URLSearchParams(rest)}`);
    const answer = new URL(response.headers.get('location')!);
    assert.equal(answer.searchParams.get('error'), 'invalid_request');
  });

  it('says that it lives, and that SMS is the only second factor (RST-01)', async () => {
    const health = await get('/health');
    assert.deepEqual([health.status, await health.json()], [200, { status: 'ok', restrictedOnly: true }]);
    assert.equal((await get('/ready')).status, 200);
  });

  const ROUTES = [
    ['/', 404],
    ['/health', 200],
    ['/ready', 200],
    ['/.well-known/openid-configuration', 200],
    ['/jwks', 200],
    ['/auth', 400],
    ['/auth?client_id=own&redirect_uri=https://evil.example', 400],
    ['/auth/unknown', 400],
    ['/me', 401],
    ['/session/end/success', 200],
    ['/interaction/x', 404],
    ['/interaction/x/login', 303],
    ['/interaction/x/nothing', 404],
    ['/sekisho/x', 404],
    ['/sekisho/assets/none.css', 404],
    ['/handset', 200],
    ['/nowhere', 404],
    ['/%E0%A4%A', 404],
    ['/interaction/%E0%A4%A', 400],
  ] as const;
  for (const accept of ['text/html', 'application/json']) {
    for (const [path, status] of ROUTES) {
      it(`protects GET ${path} for ${accept} (WEB-01, WEB-04, WEB-05, WEB-06)`, async () => {
        const response = await get(path, { headers: { accept } });
        assert.equal(response.status, status);
        assertProtected(response, path);
        const text = await response.text();
        assert.doesNotMatch(
          text,
          /\bat .*:\d+:\d+|node_modules|oidc-provider|express/i,
          'tells about us (WEB-14)',
        );
      });
    }
  }

  function assertProtected({ headers }: Response, path: string): void {
    const policy = headers.get('content-security-policy') ?? '';
    for (const rule of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", 'form-action ']) {
      assert.ok(policy.includes(rule), `${rule} in ${policy}`);
    }
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('cross-origin-opener-policy'), null, 'fault C.1');
    assert.ok(headers.get('permissions-policy'));
    for (const name of ['x-powered-by', 'server']) assert.equal(headers.get(name), null);
    const kept = /jwks|well-known/.test(path);
    assert.match(headers.get('cache-control') ?? '', kept ? /^public, max-age=600$/ : /no-store/);
  }

  it('has a page of its own where the library would have one for developers (WEB-15)', async () => {
    const page = await new Visitor().open(`${running.server.url}/interaction/x`);
    assert.equal(page.status, 404);
    assert.match(page.text(), /can no longer be used/);
    assert.match(page.html, /\/sekisho\/assets\/style\./);
  });

  it('has a nonce in every page, each time another (WEB-01)', async () => {
    const nonces = await Promise.all([1, 2].map(async () => nonceOf(await get('/interaction/x'))));
    assert.notEqual(nonces[0], nonces[1]);
  });

  async function nonceOf(response: Response): Promise<string> {
    const [, nonce = ''] = /'nonce-([^']+)'/.exec(response.headers.get('content-security-policy')!) ?? [];
    assert.ok(Buffer.from(nonce, 'base64').length >= 16);
    assert.ok((await response.text()).includes(`nonce="${nonce}"`));
    return nonce;
  }

  it('lets the script of a form_post page run and nothing else, and its form leave (WEB-01, WEB-02)', async () => {
    const visitor = new Visitor();
    const asked = requestAt(running.server.url, { client_id: 'plain', response_mode: 'form_post' });
    const login = await visitor.open(asked);
    const onwards = await login.submit('login', { login: 'alice', password: PASSWORD });
    const page = await visitor.open(onwards.next!);
    const policy = page.response.headers.get('content-security-policy')!;
    assert.match(policy, /script-src 'sha256-[A-Za-z0-9+/]{43}='(;|$)/);
    assert.match(policy, /form-action 'self' https: http:(;|$)/);
    assert.equal(page.forms()[0]?.action, REDIRECT_URI);
  });

  it('ends what is under way, takes no more, and then closes (OPS-04)', async () => {
    const brief = await startTestServer();
    const { port } = new URL(brief.at);
    const slow = request({ port, host: '127.0.0.1', path: '/token', method: 'POST', headers: SLOW });
    slow.write('grant_type=');
    const stream = await fetch(`${brief.at}/handset`, { headers: { accept: 'text/event-stream' } });
    const closed = brief.close();
    await refused(Number(port));
    slow.end('x'.repeat(9));
    const [response] = await once(slow, 'response');
    response.resume();
    assert.equal(response.statusCode, 400);
    assert.equal(response.headers.connection, 'close');
    await closed;
    await stream.text();
  });

  const SLOW = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': 20 };

  async function refused(port: number): Promise<void> {
    for (let open = true; open; ) {
      const socket = connect(port, '127.0.0.1');
      open = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      socket.destroy();
    }
  }
});

describe('a server behind a proxy with TLS', () => {
  let running: TestServer;
  before(async () => {
    running = await startTestServer({ issuer: ISSUER, trustedProxies: 1 });
  });
  after(() => running.close());

  const evil = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'http',
    forwarded: 'host=evil.example',
  };

  it('believes nothing about its own address that a request says (attack 13)', async () => {
    const response = await fetch(`${running.at}/.well-known/openid-configuration`, { headers: evil });
    const text = await response.text();
    assert.doesNotMatch(text, /evil|127\.0\.0\.1|"http:/);
    assert.ok(text.includes(`"authorization_endpoint":"${ISSUER}/auth"`));
  });

  it('tells browsers to stay with https for a year (WEB-06)', async () => {
    for (const path of ['/health', '/nowhere', '/interaction/x', '/auth']) {
      const response = await fetch(`${running.at}${path}`, { headers: { accept: 'text/html' } });
      assert.match(response.headers.get('strict-transport-security') ?? '', /max-age=31536000/, path);
    }
  });

  it('sets cookies that only it can have set, and scripts cannot read (WEB-07)', async () => {
    await running.addAccount('alice');
    const visitor = new Visitor(evil);
    const start = await visitor.once(requestAt(running.at, { client_id: 'plain' }));
    const login = await visitor.open(new URL(start.headers.get('location')!, running.at).href);
    const onwards = await login.submit('login', { login: 'alice', password: PASSWORD });
    assert.ok(onwards.next?.startsWith(`${ISSUER}/auth/`));
    const last = await visitor.once(onwards.next!.replace(ISSUER, running.at));
    assert.ok(last.headers.get('location')?.startsWith(REDIRECT_URI));
    const cookies = [start, last].flatMap(({ headers }) => headers.getSetCookie());
    const names = new Set(
      cookies.map((cookie) =>
        cookie
          .split('=')[0]!
          .replace('.sig', '')
          .replace(/(sekisho-session)-.*/, '$1-*'),
      ),
    );
    assert.deepEqual([...names].sort(), [
      '__Host-sekisho-session-*',
      '__Host-session',
      '__Secure-interaction',
      '__Secure-resume',
    ]);
    for (const cookie of cookies) {
      for (const attribute of [/; httponly/i, /; secure/i, /; samesite=lax/i])
        assert.match(cookie, attribute);
      assert.doesNotMatch(cookie, /; domain=/i);
      if (cookie.startsWith('__Host-')) assert.match(cookie, /; path=\/(;|$)/i);
    }
  });
});
