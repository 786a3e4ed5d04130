import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  FREE_SENDS,
  givePassword,
  type Host,
  MFA,
  PHONES,
  REDIRECT_URI,
  SFA,
  startHost,
} from '../support/host.ts';
import { MINUTE, stopTime } from '../support/time.ts';

const time = stopTime();

describe('what one request demands', () => {
  let host: Host;
  before(async () => {
    host = await startHost({ options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
  });
  after(() => host.close());

  async function passwordOnly(): Promise<Visitor> {
    const visitor = new Visitor();
    const { page, request } = await givePassword(host, visitor, 'alice', { client_id: 'plain' });
    await arrive(host, request, page);
    return visitor;
  }

  for (const [what, extra] of [
    ['prompt=login', { prompt: 'login' }],
    ['max_age', { max_age: '60' }],
  ] as const) {
    it(`keeps the second factor for others where ${what} renews the password alone (G.10)`, async () => {
      const visitor = new Visitor();
      const first = await givePassword(host, visitor, 'alice', { client_id: 'bank' });
      await arrive(host, first.request, await enterCode(host, first.page));
      time.advance(5 * MINUTE);
      const forced = await givePassword(host, visitor, 'alice', { client_id: 'plain', ...extra });
      const renewed = await arrive(host, forced.request, forced.page);
      assert.deepEqual(
        [renewed.claims!.acr, renewed.claims!['amr']],
        [SFA, ['pwd']],
        'nothing old for this one',
      );
      const request = await host.request({ client_id: 'bank' });
      const { claims } = await arrive(
        host,
        request,
        await visitor.open(request.url, { stopAt: REDIRECT_URI }),
      );
      assert.deepEqual([claims!.acr, claims!['amr']], [MFA, ['pwd', 'sms', 'mfa']]);
      assert.ok(
        Number(claims!['auth_time']) <= Date.now() / 1000 - 300,
        'with the time of the code (OID-07)',
      );
    });
  }

  it('gives a strict relying party its max_age=0, however slow the message was (G.3)', async () => {
    const visitor = new Visitor();
    const slow = await givePassword(host, visitor, 'alice', { client_id: 'bank', max_age: '0' });
    time.advance(4 * MINUTE);
    const { claims } = await arrive(host, slow.request, await enterCode(host, slow.page));
    assert.equal(claims!['auth_time'], Math.floor(Date.now() / 1000));
    assert.equal(claims!.acr, MFA);
    const later = await host.request({ client_id: 'bank', max_age: '300' });
    const page = await visitor.open(later.url, { stopAt: REDIRECT_URI });
    assert.equal((await arrive(host, later, page)).claims!.acr, MFA);
  });

  it('counts a password of before with its own time, when the code came later (OID-07)', async () => {
    const visitor = await passwordOnly();
    const given = Math.floor(Date.now() / 1000);
    time.advance(10 * MINUTE);
    const request = await host.request({ client_id: 'bank' });
    const page = await visitor.open(request.url, { stopAt: REDIRECT_URI });
    const sent = await page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    const { claims } = await arrive(host, request, await enterCode(host, sent));
    assert.equal(claims!['auth_time'], given);
    const strict = await host.request({ client_id: 'bank', max_age: '300' });
    const again = await visitor.open(strict.url, { stopAt: REDIRECT_URI });
    assert.ok(again.form('login'), 'the password is older than max_age');
  });

  it('answers acr_values that nobody can reach with what was reached (G.11, OIDC Core 5.5.1.1)', async () => {
    const acr_values = 'urn:x:unknown';
    const visitor = await passwordOnly();
    const again = await host.request({ client_id: 'plain', acr_values });
    const silent = await arrive(host, again, await visitor.open(again.url, { stopAt: REDIRECT_URI }));
    assert.deepEqual([silent.error, silent.claims?.acr], [undefined, SFA]);
    const asked = await givePassword(host, new Visitor(), 'alice', { client_id: 'bank', acr_values });
    const { claims } = await arrive(host, asked.request, await enterCode(host, asked.page));
    assert.equal(claims!.acr, MFA, 'what the client needs anyway');
  });

  it('asks for the code where acr_values names MFA among others, and refuses without it (OID-05)', async () => {
    const visitor = await passwordOnly();
    const request = await host.request({ client_id: 'plain', acr_values: `urn:x:unknown ${MFA}` });
    const page = await visitor.open(request.url, { stopAt: REDIRECT_URI });
    assert.ok(page.form('send'), page.text());
    const { error } = await arrive(host, request, await page.submit('cancel'));
    assert.equal(error, 'unmet_authentication_requirements');
  });
});
