import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import {
  CLIENT_SECRET,
  PASSWORD,
  REDIRECT_URI,
  requestAt,
  startTestServer,
  type TestServer,
} from '../support/test-server.ts';

const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const NO_PKCE = { code_challenge: '', code_challenge_method: '' };
const client = (client_id: string, more: object = {}) => ({
  ...{ client_id, client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI], firstParty: true },
  ...{ grant_types: ['authorization_code', 'refresh_token'], sekisho: { mfa: 'requested' } },
  ...more,
});
const CLIENTS = [
  client('usual'),
  client('older', { pkce: 'optional' }),
  client('foreign', { firstParty: false }),
  client('other'),
  client('api', { introspect: 'all', response_types: [], redirect_uris: [], grant_types: [] }),
  client('script', { token_endpoint_auth_method: 'none', client_secret: undefined }),
  client('named', { origins: ['https://named.example'] }),
];

describe('a client of the server', () => {
  let running: TestServer;
  before(async () => {
    running = await startTestServer({
      clients: CLIENTS,
      lifetimes: { accessToken: 77, idToken: 88, authorizationCode: 10 },
    });
    await running.addAccount('alice');
  });
  after(() => running.close());

  function request(client_id: string, more: Record<string, string> = {}): string {
    const url = new URL(requestAt(running.server.url, { client_id, ...more }));
    for (const [name, value] of [...url.searchParams]) if (value === '') url.searchParams.delete(name);
    return url.href;
  }

  /** Signs alice in, and answers with what the relying party is sent back with. */
  async function signIn(client_id: string, more: Record<string, string> = {}): Promise<URLSearchParams> {
    const visitor = new Visitor();
    const login = await visitor.open(request(client_id, more), { stopAt: REDIRECT_URI });
    if (login.url.startsWith(REDIRECT_URI)) return new URL(login.url).searchParams;
    const onwards = await login.submit('login', { login: 'alice', password: PASSWORD });
    let page = await visitor.open(onwards.next!, { stopAt: REDIRECT_URI });
    if (page.form('consent')) {
      const agreed = await page.submit('consent');
      page = await visitor.open(agreed.next!, { stopAt: REDIRECT_URI });
    }
    return new URL(page.url).searchParams;
  }

  async function post(path: string, id: string, fields: Record<string, string>, origin?: string) {
    const headers = {
      ...(id === 'script' ? {} : { authorization: `Basic ${btoa(`${id}:${CLIENT_SECRET}`)}` }),
      ...(origin === undefined ? {} : { origin }),
    };
    const body = new URLSearchParams({ ...fields, ...(id === 'script' ? { client_id: id } : {}) });
    const response = await fetch(`${running.server.url}${path}`, { method: 'POST', headers, body });
    const allowed = response.headers.get('access-control-allow-origin');
    return { status: response.status, allowed, ...((await response.json()) as Record<string, unknown>) };
  }

  const exchange = (id: string, code: string, more: Record<string, string> = {}, origin?: string) =>
    post(
      '/token',
      id,
      { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, ...more },
      origin,
    );

  async function tokensOf(id: string, more: Record<string, string> = {}) {
    const code = (await signIn(id, more)).get('code')!;
    return exchange(id, code, { code_verifier: VERIFIER });
  }

  it('that is confidential does without PKCE where that is allowed (fault G.4)', async () => {
    const answer = await signIn('older', NO_PKCE);
    const tokens = await exchange('older', answer.get('code')!);
    assert.equal(tokens.status, 200);
    assert.ok(tokens['id_token' as keyof typeof tokens]);
  });

  it('that sent a challenge is held to it, also where PKCE is optional (fault G.4)', async () => {
    const answer = await signIn('older');
    assert.deepEqual((await exchange('older', answer.get('code')!)).status, 400);
  });

  it('is refused without PKCE everywhere else (fault G.4, OID-14)', async () => {
    for (const id of ['usual', 'script', 'foreign']) {
      const answer = await signIn(id, NO_PKCE);
      assert.equal(answer.get('error'), 'invalid_request', id);
      assert.equal(answer.get('code'), null);
    }
  });

  it('that is first-party gets a refresh token for offline_access, without a question (fault G.8)', async () => {
    const { refresh_token, scope } = (await tokensOf('usual', { scope: 'openid offline_access' })) as {
      refresh_token?: string;
      scope?: string;
    };
    assert.equal(scope, 'openid offline_access');
    const again = await post('/token', 'usual', {
      grant_type: 'refresh_token',
      refresh_token: refresh_token!,
    });
    assert.equal(again.status, 200);
  });

  it('that is first-party and did not ask for it gets none, nor does a foreign one without consent (fault G.8)', async () => {
    assert.ok(!('refresh_token' in (await tokensOf('usual'))));
    assert.ok(!('refresh_token' in (await tokensOf('foreign', { scope: 'openid offline_access' }))));
    const agreed = await tokensOf('foreign', { scope: 'openid offline_access', prompt: 'consent' });
    assert.ok('refresh_token' in agreed);
  });

  it('that is first-party gets more scopes without a question (fault G.8)', async () => {
    const visitor = new Visitor();
    const login = await visitor.open(request('usual'));
    const onwards = await login.submit('login', { login: 'alice', password: PASSWORD });
    await visitor.open(onwards.next!, { stopAt: REDIRECT_URI });
    const more = await visitor.open(request('usual', { scope: 'openid profile offline_access' }), {
      stopAt: REDIRECT_URI,
    });
    assert.ok(new URL(more.url).searchParams.get('code'), more.url);
  });

  it('may have pushed its request (RFC 9126), with offline_access in it (fault G.8)', async () => {
    const parameters = Object.fromEntries(
      new URL(request('usual', { scope: 'openid offline_access' })).searchParams,
    );
    const pushed = await post('/request', 'usual', parameters);
    const { request_uri } = pushed as unknown as { request_uri: string };
    assert.equal(pushed.status, 201);
    const visitor = new Visitor();
    const asked = `${running.server.url}/auth?${new URLSearchParams({ client_id: 'usual', request_uri })}`;
    const login = await visitor.open(asked);
    const onwards = await login.submit('login', { login: 'alice', password: PASSWORD });
    const back = await visitor.open(onwards.next!, { stopAt: REDIRECT_URI });
    const code = new URL(back.url).searchParams.get('code')!;
    assert.ok('refresh_token' in (await exchange('usual', code, { code_verifier: VERIFIER })));
  });

  it('hears about its own tokens only, unless it is a resource server (fault G.12)', async () => {
    const { access_token: token } = (await tokensOf('usual')) as unknown as { access_token: string };
    const activeFor = async (id: string) =>
      (await post('/token/introspection', id, { token }))['active' as 'status'];
    assert.equal(await activeFor('usual'), true);
    assert.equal(await activeFor('api'), true);
    assert.equal(await activeFor('other'), false);
  });

  it('revokes its own tokens only, and no line of the log asks the operator for a policy (RFC 7009)', async (t) => {
    const said = t.mock.method(console, 'info', () => {});
    const { access_token: token } = (await tokensOf('usual')) as unknown as { access_token: string };
    const revoke = (id: string) =>
      fetch(`${running.server.url}/token/revocation`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${id}:${CLIENT_SECRET}`)}` },
        body: new URLSearchParams({ token }),
      });
    const isActive = async () =>
      (await post('/token/introspection', 'usual', { token }))['active' as 'status'];
    assert.equal((await revoke('other')).status, 200);
    assert.equal(await isActive(), true);
    assert.equal((await revoke('usual')).status, 200);
    assert.equal(await isActive(), false);
    assert.deepEqual(
      said.mock.calls
        .map(({ arguments: [line] }) => String(line))
        .filter((line) => line.includes('revocation')),
      [],
    );
  });

  it('gets tokens that live as long as lifetimes says (fault G.14)', async () => {
    const tokens = (await tokensOf('usual')) as unknown as { expires_in: number; id_token: string };
    assert.equal(tokens.expires_in, 77);
    const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1]!, 'base64url').toString());
    assert.equal(claims.exp - claims.iat, 88);
  });

  it('is called by scripts of its origins only', async () => {
    const from = async (id: string, origin: string) =>
      (await exchange(id, 'none', { code_verifier: VERIFIER }, origin)).allowed;
    assert.equal(await from('script', 'https://app.example'), 'https://app.example');
    assert.equal(await from('named', 'https://named.example'), 'https://named.example');
    for (const [id, origin] of [
      ['script', 'https://evil.example'],
      ['script', 'null'],
      ['usual', 'https://app.example'],
      ['named', 'https://named.example.evil'],
    ] as const)
      assert.equal(await from(id, origin), null, `${id} ${origin}`);
  });
});
