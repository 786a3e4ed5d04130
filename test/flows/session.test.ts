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
  MFA,
  PHONES,
  REDIRECT_URI,
  SFA,
  startHost,
} from '../support/host.ts';
import { DAY, HOUR, MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();

describe('a session that exists', () => {
  let host: Host;
  before(async () => {
    host = await startHost({
      options: {
        sends: {
          cooldown: [0],
          perNumberHour: 100,
          perNumberDay: 1000,
          perAccountDay: 1000,
          perIpHour: 1000,
        },
        clients: { plain: { mfa: 'requested' }, strict: { alwaysAsk: true }, bank: { minimum: 'mfa' } },
      },
    });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
  });
  after(() => host.close());

  async function passwordOnly(): Promise<Visitor> {
    const visitor = new Visitor();
    const { page, request } = await givePassword(host, visitor, 'alice', { client_id: 'plain' });
    const { claims } = await arrive(host, request, page);
    assert.equal(claims!.acr, SFA);
    assert.deepEqual(claims!['amr'], ['pwd']);
    return visitor;
  }

  for (const [how, extra] of [
    [
      'an essential acr',
      { client_id: 'plain', claims: JSON.stringify({ id_token: { acr: { essential: true, value: MFA } } }) },
    ],
    ['acr_values', { client_id: 'plain', acr_values: MFA }],
    ['the minimum of the client', { client_id: 'bank' }],
  ] as const) {
    it(`is asked for the code alone when ${how} wants MFA, and the page sends on a press only (WEB-10)`, async () => {
      const visitor = await passwordOnly();
      host.inbox.messages.length = 0;
      const before = visitor.cookie(/^_session$/)!.value;
      const request = await host.request(extra);
      const page = await visitor.open(request.url, { stopAt: REDIRECT_URI });
      assert.ok(page.form('send'), page.text());
      await host.sekisho.idle();
      assert.equal(host.inbox.messages.length, 0);
      const sent = await page.submit('send', { channel: 'sms' });
      await host.sekisho.idle();
      const { claims } = await arrive(host, request, await enterCode(host, sent));
      assert.equal(claims!.acr, MFA);
      assert.deepEqual(claims!['amr'], ['pwd', 'sms', 'mfa']);
      assert.notEqual(visitor.cookie(/^_session$/)!.value, before, 'a new session id (SES-04)');
    });
  }

  it('with MFA is asked again after 24 hours or one idle hour, and not before (SES-01)', async () => {
    const visitor = new Visitor();
    const first = await givePassword(host, visitor, 'alice', { client_id: 'bank' });
    await arrive(host, first.request, await enterCode(host, first.page));
    for (let used = 0; used < 28; used += 1) {
      time.advance(50 * MINUTE);
      const request = await host.request({ client_id: 'bank' });
      const { claims } = await arrive(
        host,
        request,
        await visitor.open(request.url, { stopAt: REDIRECT_URI }),
      );
      assert.equal(claims!.acr, MFA);
    }
    time.advance(40 * MINUTE + SECOND);
    const late = await host.request({ client_id: 'bank' });
    const page = await visitor.open(late.url, { stopAt: REDIRECT_URI });
    assert.ok(page.form('send'), 'after 24 hours');
    const sent = await page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    await arrive(host, late, await enterCode(host, sent));
    time.advance(HOUR + SECOND);
    const idle = await host.request({ client_id: 'bank' });
    assert.ok((await visitor.open(idle.url, { stopAt: REDIRECT_URI })).form('send'), 'after an idle hour');
  });

  it('whose second factor is too old says so to a client that does not mind (SES-02)', async () => {
    const visitor = new Visitor();
    const first = await givePassword(host, visitor, 'alice', { client_id: 'bank' });
    await arrive(host, first.request, await enterCode(host, first.page));
    time.advance(2 * HOUR);
    const request = await host.request({ client_id: 'plain' });
    const { claims } = await arrive(host, request, await visitor.open(request.url, { stopAt: REDIRECT_URI }));
    assert.equal(claims!.acr, SFA);
    assert.deepEqual(claims!['amr'], ['pwd']);
  });

  it('answers prompt=none without a page and without a message (OID-08)', async () => {
    const visitor = await passwordOnly();
    host.inbox.messages.length = 0;
    const quiet = await host.request({ client_id: 'plain', prompt: 'none' });
    const fine = await arrive(host, quiet, await visitor.open(quiet.url, { stopAt: REDIRECT_URI }));
    assert.equal(fine.claims!.acr, SFA);
    const wanting = await host.request({ client_id: 'bank', prompt: 'none' });
    const refused = await arrive(host, wanting, await visitor.open(wanting.url, { stopAt: REDIRECT_URI }));
    assert.equal(refused.error, 'interaction_required');
    const nobody = await host.request({ prompt: 'none' });
    const login = await arrive(host, nobody, await new Visitor().open(nobody.url, { stopAt: REDIRECT_URI }));
    assert.equal(login.error, 'login_required');
    await host.sekisho.idle();
    assert.equal(host.inbox.messages.length, 0);
  });

  it('proves everything anew for prompt=login, and what max_age says (OID-07)', async () => {
    const visitor = new Visitor();
    const first = await givePassword(host, visitor, 'alice', { client_id: 'bank' });
    await arrive(host, first.request, await enterCode(host, first.page));
    time.advance(5 * MINUTE);
    const forced = await givePassword(host, visitor, 'alice', { client_id: 'bank', prompt: 'login' });
    assert.ok(forced.page.form('code'), 'the code is asked for again');
    const { claims } = await arrive(host, forced.request, await enterCode(host, forced.page));
    assert.ok(Number(claims!['auth_time']) >= Math.floor(Date.now() / 1000) - 1);
    time.advance(10 * MINUTE);
    const aged = await givePassword(host, visitor, 'alice', { client_id: 'bank', max_age: '300' });
    assert.ok(aged.page.form('code'), 'the second factor is older than max_age too');
    const again = await arrive(host, aged.request, await enterCode(host, aged.page));
    assert.ok(Number(again.claims!['auth_time']) >= Math.floor(Date.now() / 1000) - 300);
    const fresh = await host.request({ client_id: 'bank', max_age: '300' });
    const silent = await arrive(host, fresh, await visitor.open(fresh.url, { stopAt: REDIRECT_URI }));
    assert.equal(silent.claims!.acr, MFA);
  });

  it('gets a fresh challenge for each request of a client that always asks (SES-03, DLG-03)', async () => {
    const visitor = new Visitor();
    const first = await givePassword(host, visitor, 'alice', { client_id: 'strict' });
    await arrive(host, first.request, await enterCode(host, first.page));
    const request = await host.request({ client_id: 'strict' });
    const page = await visitor.open(request.url, { stopAt: REDIRECT_URI });
    const sent = await page.submit('send', { channel: 'sms' });
    await host.sekisho.idle();
    const { claims } = await arrive(host, request, await enterCode(host, sent));
    assert.equal(claims!.acr, MFA);
  });

  it('ends a demand that cannot be met with an error, within one interaction (OID-03, OID-04)', async () => {
    const visitor = await passwordOnly();
    const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['urn:x:unknown'] } } });
    for (const browser of [visitor, new Visitor()]) {
      const request = await host.request({ client_id: 'plain', claims });
      const { error } = await arrive(
        host,
        request,
        await browser.open(request.url, { stopAt: REDIRECT_URI }),
      );
      assert.equal(error, 'unmet_authentication_requirements');
    }
    const unmet = host.events.filter((event) => event.type === 'gate.decided' && event.decision === 'unmet');
    assert.deepEqual(
      unmet.map((event) => [event.client, 'reason' in event && event.reason]),
      Array(2).fill(['plain', 'acr_unreachable']),
    );
  });

  it('ends a demand that the person gives up on with unmet_authentication_requirements', async () => {
    const visitor = await passwordOnly();
    const request = await host.request({ client_id: 'bank' });
    const page = await visitor.open(request.url, { stopAt: REDIRECT_URI });
    const { error } = await arrive(host, request, await page.submit('cancel'));
    assert.equal(error, 'unmet_authentication_requirements');
  });

  it('without a number gives the password again before it binds one, unless it did just now (BND-01)', async () => {
    const visitor = new Visitor();
    const first = await givePassword(host, visitor, 'carol', { client_id: 'plain' });
    await arrive(host, first.request, first.page);
    const soon = await host.request({ client_id: 'bank' });
    assert.ok((await visitor.open(soon.url, { stopAt: REDIRECT_URI })).form('number'));
    time.advance(301 * SECOND);
    const later = await host.request({ client_id: 'bank' });
    const page = await visitor.open(later.url, { stopAt: REDIRECT_URI });
    assert.ok(page.form('login'), 'the password page of the host');
    const number = await page.submit('login', { account: 'carol', password: 'right' });
    const code = await enterNumber(host, number, PHONES.mallory);
    const { claims } = await arrive(host, later, await enterCode(host, code));
    assert.equal(claims!.acr, MFA);
  });

  it('that a host made without the gate is stopped by the policy (lesson 12)', async () => {
    const request = await host.request({ client_id: 'app' });
    const visitor = new Visitor();
    const login = await visitor.open(request.url);
    const uid = new URL(login.url).pathname.split('/').at(-1)!;
    const interaction = await host.provider.Interaction.find(uid);
    interaction!.result = { login: { accountId: 'alice' } };
    await interaction!.persist();
    const page = await visitor.open(interaction!.returnTo, { stopAt: REDIRECT_URI });
    assert.ok(page.form('send'), page.text());
    time.advance(DAY);
  });
});
