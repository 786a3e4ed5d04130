import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openRedisStore } from '../../src/stores/redis.ts';
import { Visitor } from '../support/browser-client.ts';
import { createAccounts } from '../support/directory.ts';
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
  startHost,
} from '../support/host.ts';
import { type RedisCluster, redisAvailable, startRedisCluster } from '../support/redis.ts';

describe('on a Redis Cluster of three masters', {
  skip: redisAvailable() ? false : 'redis-server is not installed',
}, () => {
  let cluster: RedisCluster;
  let host: Host;
  before(async () => {
    cluster = await startRedisCluster({ masters: 3 });
    const store = await openRedisStore({ cluster: { nodes: cluster.nodes } });
    const options = { signUp: true, accounts: createAccounts(), sends: FREE_SENDS };
    host = await startHost({ store, options });
  });
  after(async () => {
    await host.close();
    await cluster.stop();
  });

  it('binding, later sign-in, resend, wrong code, trust and step-up work, whatever node a key is on (DESIGN 10)', async () => {
    for (let account = 0; account < 8; account += 1) {
      const visitor = new Visitor();
      const name = `user-${account}`;
      await bindPhone(host, visitor, name, `+8190123410${String(account).padStart(2, '0')}`);
      const { page, request } = await givePassword(host, new Visitor(), name);
      const again = await page.submit('send', { channel: 'sms' });
      await host.sekisho.idle();
      const right = host.inbox.lastCode();
      const wrong = await again.submit('code', { code: right === '000000' ? '111111' : '000000' });
      assert.equal(wrong.status, 400);
      const { claims } = await arrive(
        host,
        request,
        await wrong.submit('code', { code: right, trust: 'yes' }),
      );
      assert.equal(claims!.acr, MFA);
      assert.equal(claims!.sub, name);
    }
  });

  it('sign-up works', async () => {
    const visitor = new Visitor();
    const request = await host.request({ prompt: 'create' });
    const page = await visitor.open(request.url, { stopAt: REDIRECT_URI });
    const number = await page.submit('signup', { login: 'hanako', name: '花子', password: 'correct horse' });
    const { claims } = await arrive(
      host,
      request,
      await enterCode(host, await enterNumber(host, number, PHONES.bob)),
    );
    assert.equal(claims!.acr, MFA);
  });
});
