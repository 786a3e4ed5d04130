import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { arrive, bindPhone, givePassword, MFA, PHONES, REDIRECT_URI, SFA } from '../support/host.ts';
import {
  APP,
  type OtherFactorHost,
  PASSKEY,
  proveOther,
  signInWith,
  startOtherFactorHost,
} from '../support/other-factor.ts';
import { wrongCodes } from './setting.ts';

const ALICE = { accountId: 'alice' };
const GOLD = 'urn:host:gold';

onEveryStore("whoever misuses the host's own factors", ({ open }) => {
  let host: OtherFactorHost;
  let broken = false;
  before(async () => {
    host = await startOtherFactorHost({
      store: await open(),
      configuration: { acrValues: [GOLD, MFA] },
      options: { failures: { delays: [0], ceiling: 30 } },
    });
    const listed = host.authenticators.get.bind(host.authenticators);
    host.authenticators.get = (accountId) => {
      if (broken) throw new Error('the directory of the host is away');
      return listed(accountId);
    };
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    for (const account of ['alice', 'mallory']) host.authenticators.set(account, new Set(['passkey', 'app']));
  });
  after(() => host.close());

  const assertRefused = (page: Page, why: RegExp) => {
    assert.equal(page.status, 500, page.text());
    assert.match(page.text(), why);
  };
  const end = async ({ request, page }: Awaited<ReturnType<typeof signInWith>>) => {
    const { claims, error } = await arrive(host, request, page);
    return error ?? [claims!.acr, claims!['amr']];
  };
  const reopen = async (visitor: Visitor, extra: Record<string, string>) => {
    const request = await host.request(extra);
    return { request, page: await visitor.open(request.url, { stopAt: REDIRECT_URI }) };
  };

  it('does not get in by the second factor alone: without a sign-in that waits it does nothing (SES-07)', async () => {
    const request = await host.request({ client_id: 'plain' });
    const login = await new Visitor().open(request.url);
    const factors = JSON.stringify([PASSKEY]);
    assertRefused(
      await login.post(`${login.url}/other`, { account: 'alice', factors }),
      /No second factor is asked/,
    );
    const again = await login.visitor.open(login.url);
    assert.ok(again.form('login'), 'the password is still asked for');
  });

  it('does not bring a factor of one account to the sign-in of another', async () => {
    const { page } = await givePassword(host, new Visitor(), 'alice', { client_id: 'bank' });
    assertRefused(await proveOther(page, [PASSKEY], 'mallory'), /of another account/);
  });

  it('does not go on with the password of a sign-in that wrong codes have ended (lesson 8)', async () => {
    const signIn = await givePassword(host, new Visitor(), 'alice', { client_id: 'bank' });
    let page = signIn.page;
    for (const code of wrongCodes(host.inbox.lastCode(), 5))
      page = await signIn.page.submit('code', { code });
    assert.equal(page.status, 403, page.text());
    assertRefused(await proveOther(page, [PASSKEY]), /No second factor is asked/);
  });

  for (const [what, factor, why] of [
    ['that the host does not list', { ...PASSKEY, authenticator: 'stolen' }, /does not list/],
    ['without its authenticator', { method: 'hwk', userVerified: true }, /factors\.0\.authenticator/],
    ['of the future', { ...APP, at: Date.UTC(2099, 0) }, /factors\.0\.at: is in the future/],
    ['with a time in seconds', { ...APP, at: 1_780_000_000 }, /factors\.0\.at: must be milliseconds/],
    ['that is ours to verify', { method: 'sms', authenticator: 'app' }, /factors\.0\.method/],
    ['that claims MFA by itself', { method: 'mfa' }, /factors\.0\.method/],
    [
      'that verified its user by a password',
      { method: 'pwd', userVerified: true },
      /factors\.0\.userVerified/,
    ],
  ] as const) {
    it(`does not hand in a factor ${what} (BND-08, OID-01)`, async () => {
      const result = { login: ALICE, factors: [factor] };
      assertRefused((await signInWith(host, new Visitor(), result)).page, why);
      const { page } = await givePassword(host, new Visitor(), 'alice');
      const other = await page.visitor.open(page.url.replace(/$/, '/alternative'));
      assertRefused(await other.submit('other', { factors: JSON.stringify([factor]) }), why);
    });
  }

  it('gets no factor out of what a login says of itself, with the gate and without (OID-01, lesson 12)', async () => {
    const login = { ...ALICE, amr: ['hwk', 'user', 'mfa'], acr: MFA };
    for (const page of ['gate', 'bypass']) {
      const plain = await signInWith(host, new Visitor(), { login }, { client_id: 'plain' }, page);
      assert.deepEqual(await end(plain), [SFA, ['hwk', 'user']]);
      const bank = await signInWith(host, new Visitor(), { login }, { client_id: 'bank' }, page);
      assert.equal(await end(bank), 'unmet_authentication_requirements');
    }
  });

  const gold = JSON.stringify({ id_token: { acr: { essential: true, value: GOLD } } });

  it("gets an acr of the host's own from a login that reached it, and from nothing else (OID-03, OID-04)", async () => {
    const [reached, missed] = [{ login: { ...ALICE, acr: GOLD } }, { login: ALICE }];
    const claims = { client_id: 'plain', claims: gold };
    const visitor = new Visitor();
    assert.equal(
      await end(await signInWith(host, visitor, missed, claims)),
      'unmet_authentication_requirements',
    );
    assert.equal(
      await end(await signInWith(host, visitor, missed, claims, 'bypass')),
      'unmet_authentication_requirements',
    );
    assert.deepEqual(await end(await signInWith(host, visitor, reached, claims)), [GOLD, ['pwd']]);
    const later = await reopen(visitor, claims);
    assert.ok(later.page.form('login'), 'the session does not remember it');
    const voluntary = { client_id: 'plain', acr_values: GOLD };
    assert.deepEqual(await end(await reopen(visitor, voluntary)), [SFA, ['pwd']]);
    assert.deepEqual(await end(await signInWith(host, new Visitor(), reached, voluntary)), [GOLD, ['pwd']]);
    const unasked = await signInWith(host, new Visitor(), reached, { client_id: 'plain' });
    assert.deepEqual(await end(unasked), [SFA, ['pwd']]);
  });

  it('gets nothing while the host cannot say which authenticators there are', async () => {
    const visitor = new Visitor();
    const signIn = await signInWith(
      host,
      visitor,
      { login: ALICE, factors: [PASSKEY] },
      { client_id: 'bank' },
    );
    assert.deepEqual(await end(signIn), [MFA, ['hwk', 'user', 'mfa']]);
    broken = true;
    try {
      const { page } = await reopen(visitor, { client_id: 'bank' });
      assert.ok(!page.url.startsWith(REDIRECT_URI) || new URL(page.url).searchParams.has('error'), page.url);
      const fresh = await signInWith(host, new Visitor(), { login: ALICE, factors: [PASSKEY] });
      assert.equal(fresh.page.status, 500);
    } finally {
      broken = false;
    }
  });
});
