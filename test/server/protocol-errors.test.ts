import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { ConfigInput } from '../../src/server/config.ts';
import { Visitor } from '../support/browser-client.ts';
import {
  CLIENT_SECRET,
  PASSWORD,
  REDIRECT_URI,
  requestAt,
  startTestServer,
  type TestServer,
} from '../support/test-server.ts';

type Logged = Record<string, unknown> & { message: string };
const entries = ({ logged }: TestServer, message: string): Logged[] =>
  logged.map((line) => JSON.parse(line) as Logged).filter((entry) => entry.message === message);

const client = (client_id: string, more: object = {}) => ({
  ...{ client_id, client_secret: CLIENT_SECRET, redirect_uris: [REDIRECT_URI], firstParty: true },
  sekisho: { mfa: 'requested' },
  ...more,
});

describe('an error of the protocol is in the log, with its client and its code (fault G.5)', () => {
  let running: TestServer;
  before(async () => {
    running = await startTestServer({
      clients: [
        client('app', { grant_types: ['authorization_code', 'refresh_token'] }),
        client('keyed', {
          ...{ client_secret: undefined, token_endpoint_auth_method: 'private_key_jwt' },
          jwks_uri: 'http://127.0.0.1:18080/jwks',
        }),
      ],
    });
  });
  after(() => running.close());

  async function refused(work: () => Promise<unknown>): Promise<Logged> {
    const before = entries(running, 'protocol.refused').length;
    await work();
    const fresh = entries(running, 'protocol.refused').slice(before);
    assert.ok(fresh.length > 0, 'nothing was logged');
    return fresh.at(-1)!;
  }
  const get = (more: Record<string, string>) => () =>
    fetch(requestAt(running.server.url, { client_id: 'app', ...more }), { redirect: 'manual' });
  const post =
    (path: string, fields: Record<string, string>, secret = CLIENT_SECRET) =>
    () =>
      fetch(`${running.server.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`app:${secret}`)}` },
        body: new URLSearchParams(fields),
      });

  it('for an address that is not registered, without its query', async () => {
    const entry = await refused(get({ redirect_uri: 'https://app.example/other?code=s3cret-in-it' }));
    assert.equal(entry['endpoint'], 'authorization');
    assert.equal(entry['error'], 'invalid_redirect_uri');
    assert.equal(entry['client'], 'app');
    assert.equal(entry['redirectUri'], 'https://app.example/other');
    assert.doesNotMatch(JSON.stringify(entry), /s3cret/);
  });

  it('for a client nobody has, as far as its name is one', async () => {
    const entry = await refused(get({ client_id: 'grafana' }));
    assert.deepEqual([entry['error'], entry['unknownClient']], ['invalid_client', 'grafana']);
    const odd = await refused(get({ client_id: `evil\n{"level":"error"} ${'x'.repeat(500)}` }));
    assert.equal(odd['unknownClient'], undefined);
    assert.doesNotMatch(JSON.stringify(odd), /evil|xxxx/);
  });

  it('for a missing PKCE, a wrong secret, a wrong code, a wrong end of a session', async () => {
    const codes = async (work: () => Promise<unknown>) => {
      const { endpoint, error, client: id } = await refused(work);
      return `${endpoint} ${error} ${id}`;
    };
    const pkce = await refused(get({ code_challenge: '', code_challenge_method: '' }));
    assert.match(String(pkce['detail']), /PKCE|code_challenge/);
    const grant = { grant_type: 'authorization_code', code: 'canary-code-1234', redirect_uri: REDIRECT_URI };
    assert.equal(await codes(post('/token', grant, 'canary-wrong-secret')), 'grant invalid_client app');
    assert.equal(await codes(post('/token', grant)), 'grant invalid_grant app');
    assert.equal(
      await codes(post('/token/introspection', { token: 'x' }, 'canary-wrong-secret')),
      'introspection invalid_client app',
    );
    const end = `${running.server.url}/session/end?id_token_hint=canary-hint-1234`;
    assert.equal((await refused(() => fetch(end)))['endpoint'], 'end_session');
    assert.doesNotMatch(running.logged.join('\n'), /canary/);
  });

  it('for keys of a client that cannot be had, because its network is not named (fault G.1)', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 'keyed', sub: 'keyed', aud: running.server.url, jti: 'a', exp: now + 60, iat: now };
    const entry = await refused(() =>
      fetch(`${running.server.url}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'authorization_code',
          code: 'none',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: `${part({ alg: 'RS256', kid: 'a' })}.${part(claims)}.AAAA`,
        }),
      }),
    );
    assert.equal(entry['client'], 'keyed');
    assert.match(String(entry['detail']), /relyingPartyNetworks/);
  });

  it('ten times a minute at most, however often strangers ask (LOG-03)', async () => {
    const count = () =>
      entries(running, 'protocol.refused').filter((one) => one['error'] === 'invalid_request');
    for (let at = 0; at < 30; at += 1) await get({ response_type: 'token' })();
    for (let at = 0; at < 30; at += 1) await get({ max_age: `-${at}` })();
    assert.ok(count().length <= 11, `${count().length} lines`);
  });
});

describe('a sign-out that is to be told to a relying party in a private network (fault G.1, GWY-09)', () => {
  const tokens: string[] = [];
  let relyingParty: Server;
  let status = 200;
  before(async () => {
    relyingParty = createServer(async (req, res) => {
      let body = '';
      for await (const chunk of req) body += chunk;
      tokens.push(new URLSearchParams(body).get('logout_token') ?? '');
      res.writeHead(status).end();
    });
    relyingParty.listen(0, '127.0.0.1');
    await once(relyingParty, 'listening');
  });
  after(() => void relyingParty.close());

  async function signOut(host: string, more: Partial<ConfigInput>) {
    const { port } = relyingParty.address() as AddressInfo;
    const backchannel_logout_uri = `http://${host}:${port}/out`;
    const running = await startTestServer({ clients: [client('app', { backchannel_logout_uri })], ...more });
    try {
      await running.addAccount('alice');
      const visitor = new Visitor();
      const login = await visitor.open(requestAt(running.server.url, { client_id: 'app' }));
      const onwards = await login.submit('login', { login: 'alice', password: PASSWORD });
      await visitor.open(onwards.next!, { stopAt: REDIRECT_URI });
      const page = await visitor.open(`${running.server.url}/session/end`);
      const end = await page.submit('confirm', { logout: 'yes' });
      return { text: end.text(), failed: entries(running, 'logout.failed') };
    } finally {
      await running.close();
    }
  }

  it('is not sent, is in the log with what to do, and the page does not pretend', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      const { text, failed } = await signOut(host, {});
      assert.equal(failed.length, 1, host);
      assert.deepEqual([failed[0]!['client'], failed[0]!['failure']], ['app', 'blocked']);
      assert.match(String(failed[0]!['fix']), /relyingPartyNetworks/);
      assert.match(text, /could be told/);
    }
    assert.deepEqual(tokens, []);
  });

  it('is sent where the operator names the network', async () => {
    const { text, failed } = await signOut('127.0.0.1', { relyingPartyNetworks: ['127.0.0.0/8'] });
    assert.deepEqual(failed, []);
    assert.match(text, /You can close this window/);
    const claims = JSON.parse(Buffer.from(tokens.pop()!.split('.')[1]!, 'base64url').toString());
    assert.ok(claims.events['http://schemas.openid.net/event/backchannel-logout']);
  });

  it('is in the log where the relying party refuses it, or nobody is there', async () => {
    status = 501;
    const refused = await signOut('127.0.0.1', { relyingPartyNetworks: ['127.0.0.1'] });
    assert.deepEqual([refused.failed[0]!['failure'], refused.failed[0]!['code']], ['status', '501']);
    assert.match(refused.text, /could be told/);
    status = 200;
  });
});
