import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { parseConfig, sekishoOptions } from '../../src/server/config.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import {
  PASSWORD,
  REDIRECT_URI,
  requestAt,
  startTestServer,
  type TestServer,
} from '../support/test-server.ts';

describe('an issuer with a path (fault E.6)', () => {
  let running: TestServer;
  before(async () => {
    running = await startTestServer((port) => ({ issuer: `http://localhost:${port}/tenant1` }));
    await running.addAccount('alice');
  });
  after(() => running.close());

  /** A proxy may pass on what lies below the path, and nothing else. */
  function assertBelow(page: Page): Page {
    const { url } = running.server;
    const linked = [...page.html.matchAll(/(?:href|src|action|url)="?=?([/][^"]*)"/g)].map(
      ([, path]) => path!,
    );
    assert.ok(linked.length > 3, page.html);
    for (const path of [new URL(page.url).pathname, ...linked]) assert.match(path, /^\/tenant1\//);
    assert.ok(page.url.startsWith(url));
    return page;
  }

  it('has everything below it, from discovery to the code (EAM-01)', async () => {
    const { url } = running.server;
    const visitor = new Visitor();
    const response = await fetch(`${url}/.well-known/openid-configuration`);
    const card = (await response.json()) as Record<string, string>;
    assert.deepEqual([card['issuer'], card['authorization_endpoint']], [url, `${url}/auth`]);
    for (const [name, address] of Object.entries(card))
      if (/_(endpoint|uri)$/.test(name)) assert.ok(address.startsWith(`${url}/`), name);
    const login = assertBelow(await visitor.open(requestAt(url)));
    const number = assertBelow(await login.submit('login', { login: 'alice', password: PASSWORD }));
    const asked = assertBelow(await number.submit('number', { phone: '090-1234-5678' }));
    const handset = await fetch(`${running.at}/handset`, { headers: { accept: 'application/json' } });
    const code = /#(\d{6})/.exec(await handset.text())![1]!;
    const done = assertBelow(await asked.submit('code', { code }));
    const last = await visitor.open(done.next!, { stopAt: REDIRECT_URI });
    assert.ok(new URL(last.url).searchParams.get('code'));
  });

  it('puts the pages below it, whatever mountPath says', () => {
    const mountPath = (given?: string, issuer = 'http://localhost:3000/tenant1') => {
      const input = { issuer, gateway: { type: 'handset' }, countries: ['JP'] };
      const written = given === undefined ? input : { ...input, mountPath: given };
      return sekishoOptions(parseConfig(written, { folder: '/', production: false })).mountPath;
    };
    assert.equal(mountPath(), '/tenant1/sekisho');
    assert.equal(mountPath('/codes'), '/tenant1/codes');
    assert.equal(mountPath('/tenant1/codes'), '/tenant1/codes');
    assert.equal(mountPath('/codes', 'http://localhost:3000'), '/codes');
    assert.throws(() => mountPath('codes'), /mountPath/);
  });
});
