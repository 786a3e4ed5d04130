import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import express from 'express';
import { Visitor } from '../support/browser-client.ts';
import { createAccounts } from '../support/directory.ts';
import { enterNumber, type Host, startHost } from '../support/host.ts';

describe('attack: messages on our bill, from all addresses of one IPv6 network (THR-03)', () => {
  let host: Host;
  before(async () => {
    host = await startHost({
      options: { signUp: true, accounts: createAccounts(), trustedProxies: 1, sends: { perIpHour: 1 } },
    });
  });
  after(() => host.close());

  /** Whether a sign-up from there got a message to this number. */
  async function isSent(address: string, phone: string, login: string): Promise<boolean> {
    const before = host.inbox.messages.length;
    const visitor = new Visitor({ 'x-forwarded-for': address });
    const { url } = await host.request({ prompt: 'create' });
    const form = { login, name: '', password: 'violet otter 7 lanterns' };
    const page = await (await visitor.open(url)).submit('signup', form);
    if (page.form('number')) await enterNumber(host, page, phone);
    return host.inbox.messages.length > before;
  }

  it('end at ten times what one address has, and leave others theirs', async () => {
    let sent = 0;
    for (let at = 1; at <= 14; at += 1) {
      const phone = `+8190123${String(47_000 + at)}`;
      sent += Number(await isSent(`2001:db8:7:${at.toString(16)}::1`, phone, `mallory-${at}`));
    }
    assert.equal(sent, 10);
    assert.ok(await isSent('2001:db8:8::1', '+819012347100', 'neighbour'));
    assert.ok(await isSent('192.0.2.1', '+819012347101', 'else'));
  });
});

describe('attack: a posted request that a body parser of the host made objects of', () => {
  let host: Host;
  before(async () => {
    host = await startHost({ before: (app) => app.use(express.urlencoded({ extended: true })) });
  });
  after(() => host.close());

  for (const body of ['client_id[toString]=1', 'a[b][toString]=1&client_id=app', 'a[]=1&a[x]=2'])
    it(`${body} is refused like one that cannot be read`, async () => {
      for (const path of ['/auth', '/session/end']) {
        const init = { method: 'POST', body: new URLSearchParams(body), redirect: 'manual' as const };
        const { status, headers } = await fetch(`${host.issuer}${path}`, init);
        assert.deepEqual([status, headers.get('location')], [303, '?']);
      }
    });
});
