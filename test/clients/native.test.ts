import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ConfigInput } from '../../src/server/config.ts';
import { Visitor } from '../support/browser-client.ts';
import { settingsOf } from '../support/relying-party-guide.ts';
import { PASSWORD, requestAt, startTestServer, type TestServer } from '../support/test-server.ts';

const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';

describe('a native application (fault G.14, RFC 8252)', () => {
  let running: TestServer;
  before(async () => {
    const client = JSON.parse(settingsOf('A native application', 'json')) as { client_id: string };
    running = await startTestServer({
      clients: [{ ...client, sekisho: { mfa: 'requested' } }],
    } as Partial<ConfigInput>);
    await running.addAccount('alice');
  });
  after(() => running.close());

  async function signIn(redirect_uri: string) {
    const visitor = new Visitor();
    const asked = requestAt(running.server.url, { client_id: 'desktop', redirect_uri });
    const login = await visitor.open(asked);
    const first = await login.submit('login', { login: 'alice', password: PASSWORD });
    const consent = await visitor.open(first.next!);
    const agreed = await consent.submit('consent');
    const back = await visitor.open(agreed.next!, { stopAt: redirect_uri });
    const code = new URL(back.url).searchParams.get('code')!;
    const response = await fetch(`${running.server.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        ...{ grant_type: 'authorization_code', client_id: 'desktop', code, redirect_uri },
        code_verifier: VERIFIER,
      }),
    });
    return response.status;
  }

  it('signs in at any port of its own machine', async () => {
    assert.equal(await signIn('http://127.0.0.1:49152/callback'), 200);
  });

  it('signs in at a scheme of its own', async () => {
    assert.equal(await signIn('com.example.desktop:/callback'), 200);
  });

  it('is refused at another path or host', async () => {
    for (const redirect_uri of ['http://127.0.0.1:49152/other', 'http://127.0.0.2:49152/callback']) {
      const asked = requestAt(running.server.url, { client_id: 'desktop', redirect_uri });
      assert.equal((await fetch(asked, { redirect: 'manual' })).status, 400);
    }
  });
});
