import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { enterNumber, givePassword, type Host, PHONES, startHost } from '../support/host.ts';

describe('a mistake of the host that stops nothing', () => {
  let host: Host;
  afterEach(() => host.close());
  const toldOf = (field: string) => host.logged.filter((line) => line.includes(`"field":"${field}"`));
  const behindProxy = () => new Visitor({ 'x-forwarded-for': '192.0.2.7' });

  it('is told: a session cookie that another host of the site can set (fault A.5, WEB-07)', async () => {
    host = await startHost({ issuer: 'https://id.example.com' });
    assert.match(toldOf('cookies.names.session')[0]!, /__Host-session/);
    assert.equal(toldOf('cookies.names.session').length, 1);
  });

  for (const [where, issuer, session] of [
    ['it has the prefix', 'https://id.example.com', '__Host-session'],
    ['there is no prefix, over http', undefined, '_session'],
  ] as const) {
    it(`is not told of the session cookie where ${where}`, async () => {
      host = await startHost({
        ...(issuer ? { issuer } : {}),
        configuration: { cookies: { keys: ['k'], names: { session } } },
      });
      assert.deepEqual(toldOf('cookies.names.session'), []);
    });
  }

  it('is told once, fault B.5: a proxy in front that trustedProxies does not count', async () => {
    host = await startHost();
    await givePassword(host, new Visitor(), 'alice');
    assert.equal(toldOf('trustedProxies').length, 0, 'nothing is told where people come directly');
    for (const account of ['alice', 'bob']) {
      const { page } = await givePassword(host, behindProxy(), account);
      await enterNumber(host, page, account === 'alice' ? PHONES.alice : PHONES.bob);
    }
    assert.equal(toldOf('trustedProxies').length, 1);
    assert.match(toldOf('trustedProxies')[0]!, /share its address and its limits/);
  });

  it('is not told where the proxy is counted', async () => {
    host = await startHost({ options: { trustedProxies: 1 } });
    await givePassword(host, behindProxy(), 'alice');
    assert.equal(toldOf('trustedProxies').length, 0);
  });

  it('is told: the pages are mounted below another path, or not at all', async () => {
    host = await startHost({ mountAt: '/elsewhere' });
    const { page } = await givePassword(host, new Visitor(), 'alice');
    assert.equal(page.status, 404);
    assert.equal(toldOf('attach').length, 1);
    assert.match(toldOf('attach')[0]!, /app\.use\(sekisho\.attach\(provider\)\)/);
  });
});
