import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { type Page, Visitor } from '../support/browser-client.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  givePassword,
  MFA,
  PHONES,
  REDIRECT_URI,
  SFA,
} from '../support/host.ts';
import {
  APP,
  type OtherFactorHost,
  PASSKEY,
  proveOther,
  SECURITY_KEY,
  signInWith,
  startOtherFactorHost,
} from '../support/other-factor.ts';
import { HOUR, MINUTE, SECOND, stopTime } from '../support/time.ts';

const time = stopTime();
const ALICE = { accountId: 'alice' };
const CAROL = { accountId: 'carol' };

describe('a factor of the host', () => {
  let host: OtherFactorHost;
  const closed: string[] = [];
  before(async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    const close = store.closeChallenge.bind(store);
    store.closeChallenge = async (key) => {
      closed.push(key);
      await close(key);
    };
    host = await startOtherFactorHost({ store });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    // Carol has no phone.
    for (const account of ['alice', 'carol']) host.authenticators.set(account, new Set(['passkey', 'app']));
  });
  after(() => host.close());

  const open = async (visitor: Visitor, extra: Record<string, string>) => {
    const request = await host.request(extra);
    return { request, page: await visitor.open(request.url, { stopAt: REDIRECT_URI }) };
  };
  const claimsOf = async ({ request, page }: { request: Parameters<typeof arrive>[1]; page: Page }) => {
    const { claims, error } = await arrive(host, request, page);
    return error === undefined ? [claims!.acr, claims!['amr']] : error;
  };
  async function withPasskey(login = ALICE): Promise<Visitor> {
    const visitor = new Visitor();
    const signIn = await signInWith(host, visitor, { login, factors: [PASSKEY] }, { client_id: 'bank' });
    assert.deepEqual(await claimsOf(signIn), [MFA, ['hwk', 'user', 'mfa']]);
    return visitor;
  }

  it('that verified its user is two factors: no message is sent, now and in the session (RST-02)', async () => {
    host.inbox.messages.length = 0;
    const visitor = await withPasskey();
    assert.deepEqual(await claimsOf(await open(visitor, { client_id: 'bank' })), [
      MFA,
      ['hwk', 'user', 'mfa'],
    ]);
    assert.equal(host.inbox.messages.length, 0);
  });

  it('leaves the account its code by phone', async () => {
    const signIn = await givePassword(host, new Visitor(), 'alice', { client_id: 'bank' });
    const page = await enterCode(host, signIn.page);
    assert.deepEqual(await claimsOf({ ...signIn, page }), [MFA, ['pwd', 'sms', 'mfa']]);
  });

  it('makes two with a password, whichever way that is named', async () => {
    for (const result of [
      { login: { ...ALICE, amr: ['pwd'] }, factors: [APP] },
      { login: ALICE, factors: [{ method: 'pwd' }, APP] },
    ]) {
      const signIn = await signInWith(host, new Visitor(), result, { client_id: 'bank' });
      assert.deepEqual(await claimsOf(signIn), [MFA, ['pwd', 'otp', 'mfa']]);
    }
  });

  it('is one of a kind with a code by phone, and then no second one (OID-01)', async () => {
    const result = { login: ALICE, factors: [SECURITY_KEY] };
    const demanded = await signInWith(host, new Visitor(), result, { client_id: 'bank' });
    assert.equal(await claimsOf(demanded), 'unmet_authentication_requirements');
    const asked = await signInWith(host, new Visitor(), result);
    assert.deepEqual(await claimsOf({ ...asked, page: await enterCode(host, asked.page) }), [
      SFA,
      ['hwk', 'user', 'sms'],
    ]);
  });

  it('is chosen at the page for the code, and the code is dead from then on', async () => {
    const signIn = await givePassword(host, new Visitor(), 'alice', { client_id: 'bank' });
    closed.length = 0;
    const page = await proveOther(signIn.page, [APP]);
    assert.equal(closed.length, 1, 'the challenge is closed');
    assert.deepEqual(await claimsOf({ ...signIn, page }), [MFA, ['pwd', 'otp', 'mfa']]);
    const late = await signIn.page.submit('code', { code: host.inbox.lastCode() });
    assert.equal(late.status, 404, 'the page has ended');
  });

  it('of an account without a phone is asked for at the host, and no number is bound (BND-01)', async () => {
    host.inbox.messages.length = 0;
    const signIn = await givePassword(host, new Visitor(), 'carol', { client_id: 'bank' });
    assert.match(signIn.page.text(), /other factor of carol/);
    assert.deepEqual(await claimsOf({ ...signIn, page: await proveOther(signIn.page, [APP]) }), [
      MFA,
      ['pwd', 'otp', 'mfa'],
    ]);
    assert.equal(await host.sekisho.hasPhone('carol'), false);
    assert.equal(host.inbox.messages.length, 0);
  });

  it('that was added while a page for a number is open closes that page (BND-01)', async () => {
    host.inbox.messages.length = 0;
    const number = (await givePassword(host, new Visitor(), 'dave')).page;
    const login = number.url.replace(/sekisho/, 'interaction');
    host.authenticators.set('dave', new Set(['app']));
    const other = await number.post(`${login}/login`, { account: 'dave', password: 'right' });
    assert.match(other.text(), /other factor of dave/);
    const refused = await number.submit('number', { phone: PHONES.bob });
    assert.equal(refused.form('code'), undefined, refused.text());
    await host.sekisho.idle();
    assert.equal(host.inbox.messages.length, 0);
  });

  for (const [who, form] of [
    ['alice', 'send'],
    ['carol', 'other'],
  ] as const) {
    it(`steps up the session of ${who}, and each keeps its time (OID-07)`, async () => {
      const visitor = new Visitor();
      const first = await givePassword(host, visitor, who, { client_id: 'plain' });
      await arrive(host, first.request, first.page);
      const given = Math.floor(Date.now() / 1000);
      time.advance(10 * MINUTE);
      const { request, page } = await open(visitor, { client_id: 'bank' });
      assert.ok(page.form(form), page.text());
      const done = await arrive(host, request, await proveOther(page, [APP]));
      assert.deepEqual(done.claims!['amr'], ['pwd', 'otp', 'mfa']);
      assert.equal(done.claims!['auth_time'], given);
      const again = await open(visitor, { client_id: 'bank' });
      assert.deepEqual(await claimsOf(again), [MFA, ['pwd', 'otp', 'mfa']]);
    });
  }

  it('ends where the host removes it: with it the session that rests on it alone (BND-08)', async () => {
    const alone = await withPasskey();
    const beside = new Visitor();
    const both = { login: { ...ALICE, amr: ['pwd'] }, factors: [PASSKEY] };
    const signIn = await signInWith(host, beside, both, { client_id: 'bank' });
    assert.deepEqual(await claimsOf(signIn), [MFA, ['pwd', 'hwk', 'user', 'mfa']]);
    host.authenticators.get('alice')!.delete('passkey');
    try {
      assert.deepEqual(await claimsOf(await open(beside, { client_id: 'plain' })), [SFA, ['pwd']]);
      assert.ok((await open(beside, { client_id: 'bank' })).page.form('send'), 'the code is asked for');
      assert.equal(
        await claimsOf(await open(alone, { client_id: 'plain', prompt: 'none' })),
        'login_required',
      );
      assert.ok((await open(alone, { client_id: 'plain' })).page.form('login'));
    } finally {
      host.authenticators.get('alice')!.add('passkey');
    }
  });

  it('counts for 24 hours, and for one without use; then it is what the session began with (SES-01, SES-02)', async () => {
    const visitor = await withPasskey(CAROL);
    time.advance(HOUR + SECOND);
    assert.deepEqual(await claimsOf(await open(visitor, { client_id: 'plain' })), [SFA, ['hwk', 'user']]);
    const later = await open(visitor, { client_id: 'bank' });
    assert.match(later.page.text(), /other factor of carol/, 'no number is bound');
    const page = await proveOther(later.page, [PASSKEY]);
    assert.deepEqual(await claimsOf({ ...later, page }), [MFA, ['hwk', 'user', 'mfa']]);
  });

  it('of before this sign-in does not count where all has to be new, nor when older than max_age (OID-07)', async () => {
    const old = { login: { ...ALICE, amr: ['pwd'] }, factors: [{ ...APP, at: Date.now() - 10 * MINUTE }] };
    const taken = await signInWith(host, new Visitor(), old, { client_id: 'bank' });
    assert.deepEqual(await claimsOf(taken), [MFA, ['pwd', 'otp', 'mfa']]);
    for (const [name, value] of [
      ['prompt', 'login'],
      ['max_age', '300'],
      ['max_age', '0'],
    ] as const) {
      const { page } = await signInWith(host, new Visitor(), old, { client_id: 'bank', [name]: value });
      assert.ok(page.form('code'), page.text());
    }
    const always = await withPasskey();
    assert.ok((await open(always, { client_id: 'strict' })).page.form('send'), 'nor for alwaysAsk (SES-03)');
  });
});
