import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  enterNumber,
  givePassword,
  type Host,
  introspect,
  MFA,
  PHONES,
  refresh,
  startHost,
} from '../support/host.ts';

describe('the first sign-in of an account without a number', () => {
  let host: Host;
  before(async () => {
    host = await startHost();
  });
  after(() => host.close());

  it('binds the number after its code, and the tokens say MFA (BND-04, OID-01, OID-02, OID-06)', async () => {
    const visitor = new Visitor();
    const { page, request } = await givePassword(host, visitor, 'alice');
    assert.equal(host.inbox.messages.length, 0, 'nothing is sent before there is a number');
    assert.match(page.text(), /SIM/, 'the notice of what a code cannot do (RST-03)');
    const code = await enterNumber(host, page, '090-1234-0001');
    assert.equal(host.inbox.messages[0]!.to, PHONES.alice);
    assert.equal(await host.sekisho.hasPhone('alice'), false, 'not bound before the code');
    const done = await enterCode(host, code);
    const { claims, tokens } = await arrive(host, request, done);
    assert.equal(claims!.sub, 'alice');
    assert.equal(claims!.acr, MFA);
    assert.deepEqual(claims!['amr'], ['pwd', 'sms', 'mfa']);
    assert.ok(Math.abs(Number(claims!['auth_time']) - Date.now() / 1000) < 5);
    assert.equal(await host.sekisho.hasPhone('alice'), true);
    const seen = await introspect(host, tokens!.access_token);
    assert.equal(seen['acr'], MFA);
    assert.deepEqual(seen['amr'], ['pwd', 'sms', 'mfa']);
    assert.equal(seen['auth_time'], claims!['auth_time']);
  });

  it('keeps acr and auth_time through a refresh (OID-06)', async () => {
    const visitor = new Visitor();
    const page = await bindPhone(host, visitor, 'bob', PHONES.bob, false, {
      scope: 'openid offline_access',
      prompt: 'consent',
    });
    const token = page.tokens!.refresh_token!;
    const first = await introspect(host, page.tokens!.access_token);
    const later = await refresh(host, token);
    const second = await introspect(host, later.access_token);
    for (const claim of ['acr', 'auth_time']) assert.equal(second[claim], first[claim]);
    assert.equal(second['acr'], MFA);
  });

  it('waits when the cool-down of the account for that number is not over, and offers to send then', async () => {
    host.inbox.messages.length = 0;
    const { page } = await givePassword(host, new Visitor(), 'dave');
    await enterNumber(host, page, PHONES.mallory);
    const second = await givePassword(host, new Visitor(), 'dave');
    const refused = await enterNumber(host, second.page, PHONES.mallory);
    assert.equal(refused.status, 429);
    assert.ok(refused.form('number'), 'the form is still there');
    assert.equal(host.inbox.messages.length, 1);
  });
});
