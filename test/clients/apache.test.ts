import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ConfigInput } from '../../src/server/config.ts';
import { type Apache, HAS_APACHE, startApache } from '../support/apache.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import { freePorts } from '../support/free-ports.ts';
import { settingsOf } from '../support/relying-party-guide.ts';
import { CLIENT_SECRET, PASSWORD, startTestServer, type TestServer } from '../support/test-server.ts';

/** The module leads only navigations to the provider, and `fetch` says that it is none. */
const FOR_FETCH = '<Location />\nOIDCUnAuthAction auth true\n</Location>';
const CHAPTER = 'Apache with mod_auth_openidc';

describe('Apache with mod_auth_openidc', {
  skip: !HAS_APACHE && 'libapache2-mod-auth-openidc is missing',
}, () => {
  let running: TestServer;
  let apache: Apache;
  const filled = (text: string, site: string) =>
    text
      .replaceAll('https://intranet.example.com', site)
      .replaceAll('{SECRET}', CLIENT_SECRET)
      .replaceAll('{PASSPHRASE}', 'passphrase-of-apache')
      .replaceAll('https://id.example.com', running?.server.url ?? '');

  before(async () => {
    const port = await freePorts();
    const client = JSON.parse(filled(settingsOf(CHAPTER, 'json'), `http://localhost:${port}`)) as object;
    running = await startTestServer({
      clients: [client],
      relyingPartyNetworks: ['127.0.0.1', '::1'],
    } as Partial<ConfigInput>);
    await running.addAccount('alice');
    apache = await startApache((url) => `${filled(settingsOf(CHAPTER, 'apache'), url)}\n${FOR_FETCH}`, port);
  });
  after(async () => {
    await apache?.close();
    await running?.close();
  });

  async function lastCode(): Promise<string> {
    const response = await fetch(`${running.server.url}/handset`, {
      headers: { accept: 'application/json' },
    });
    return /\b(\d{6})\b/.exec(await response.text())![1]!;
  }

  async function signIn(visitor: Visitor): Promise<Page> {
    const login = await visitor.open(`${apache.url}/index.html`);
    const first = await login.submit('login', { login: 'alice', password: PASSWORD });
    const number = await visitor.open(first.next ?? first.url);
    const code = await number.submit('number', { phone: '+819012340001' });
    await running.server.sekisho.idle();
    const done = await code.submit('code', { code: await lastCode() });
    return done.next ? visitor.open(done.next) : done;
  }

  it('shows a page to who proved two factors, and is told when the session ends (faults G.1, G.14)', async () => {
    const visitor = new Visitor({ accept: 'text/html' });
    const page = await signIn(visitor);
    assert.match(page.html, /protected page/, `${page.url} ${page.text()} ${await apache.errors()}`);
    const again = await visitor.open(`${apache.url}/index.html`);
    assert.match(again.html, /protected page/);

    const asked = await visitor.open(`${running.server.url}/session/end`);
    const end = await asked.submit('confirm', { logout: 'yes' });
    assert.match(end.text(), /You can close this window/, await apache.errors());
    const after = await visitor.once(`${apache.url}/index.html`);
    assert.equal(after.status, 302, 'Apache kept the session');
    assert.ok(after.headers.get('location')!.startsWith(`${running.server.url}/auth`));
  });
});
