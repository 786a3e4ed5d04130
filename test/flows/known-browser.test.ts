import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  givePassword,
  type Host,
  MFA,
  PHONES,
  REDIRECT_URI,
  SFA,
  startHost,
} from '../support/host.ts';
import { DAY, HOUR, stopTime } from '../support/time.ts';

const time = stopTime();

describe('a browser that was seen before', () => {
  let host: Host;
  let visitor: Visitor;
  beforeEach(async () => {
    host = await startHost({ options: { trustedProxies: 1, sends: { cooldown: [0] } } });
    visitor = new Visitor({ 'x-forwarded-for': '203.0.113.7' });
  });
  afterEach(() => host.close());

  const leave = () => visitor.dropCookies(/^_/);

  it('is let through under risk; a new one is asked, and so is one in a new network', async () => {
    await bindPhone(host, visitor, 'alice', PHONES.alice);
    await host.sekisho.idle();
    leave();
    time.advance(2 * DAY);
    const known = await givePassword(host, visitor, 'alice', { client_id: 'risky' });
    const { claims } = await arrive(host, known.request, known.page);
    assert.equal(claims!.acr, SFA, 'low risk raises nothing (RST-06)');
    assert.deepEqual(claims!['amr'], ['pwd']);

    const stranger = new Visitor({ 'x-forwarded-for': '203.0.113.9' });
    const asked = await givePassword(host, stranger, 'alice', { client_id: 'risky' });
    const proved = await arrive(host, asked.request, await enterCode(host, asked.page));
    assert.equal(proved.claims!.acr, MFA);

    leave();
    visitor.headers['x-forwarded-for'] = '198.51.100.1';
    const moved = await givePassword(host, visitor, 'alice', { client_id: 'risky' });
    assert.ok(moved.page.form('code'), 'the network is new');
  });

  it('is asked in the middle of a session when the network changes (SES-08)', async () => {
    await bindPhone(host, visitor, 'alice', PHONES.alice);
    await host.sekisho.idle();
    leave();
    time.advance(2 * DAY);
    const known = await givePassword(host, visitor, 'alice', { client_id: 'risky' });
    await arrive(host, known.request, known.page);
    visitor.headers['x-forwarded-for'] = '198.51.100.1';
    const request = await host.request({ client_id: 'risky' });
    assert.ok((await visitor.open(request.url, { stopAt: REDIRECT_URI })).form('send'));
  });

  it('is asked when its address cannot be read, or a signal fails (lesson 10)', async () => {
    await bindPhone(host, visitor, 'alice', PHONES.alice);
    await host.sekisho.idle();
    for (const forwarded of ['a', '', '203.0.113.7, unknown', '203.0.113.7;']) {
      leave();
      visitor.headers['x-forwarded-for'] = forwarded;
      const { page } = await givePassword(host, visitor, 'alice', { client_id: 'risky' });
      assert.ok(page.form('code') ?? page.form('send'), `with ${JSON.stringify(forwarded)}`);
    }
  });

  it('that is trusted skips the code, but never for a client that asks for MFA (SES-05, SES-06)', async () => {
    await bindPhone(host, visitor, 'alice', PHONES.alice, true);
    const before = visitor.cookie(/trust/)!.value;
    leave();
    time.advance(29 * DAY);
    const trusted = await givePassword(host, visitor, 'alice');
    const { claims } = await arrive(host, trusted.request, trusted.page);
    assert.equal(claims!.acr, SFA);
    assert.deepEqual(claims!['amr'], ['pwd']);
    assert.notEqual(visitor.cookie(/trust/)!.value, before, 'the secret changes with each use');

    leave();
    const demanding = await givePassword(host, visitor, 'alice', { acr_values: MFA });
    const proved = await arrive(host, demanding.request, await enterCode(host, demanding.page));
    assert.equal(proved.claims!.acr, MFA);

    const live = await host.request({ client_id: 'bank' });
    time.advance(2 * HOUR);
    assert.ok(
      (await visitor.open(live.url, { stopAt: REDIRECT_URI })).form('send'),
      'also within the session',
    );
  });

  it('is trusted for 30 days at most', async () => {
    await bindPhone(host, visitor, 'alice', PHONES.alice, true);
    leave();
    time.advance(30 * DAY + 1000);
    const { page } = await givePassword(host, visitor, 'alice');
    assert.ok(page.form('code'));
  });
});
