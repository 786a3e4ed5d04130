import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createSekisho } from '../../src/index.ts';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
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
import { FREE_SENDS } from './setting.ts';

onEveryStore('lessons 11, 12, 13: with one factor nothing opens', ({ open }) => {
  let host: Host;
  before(async () => {
    host = await startHost({ store: await open(), options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
  });
  after(() => host.close());

  it('neither the resume address, nor prompt=none, nor a second request gets a token (SES-07)', async () => {
    const visitor = new Visitor();
    const { page } = await givePassword(host, visitor, 'alice');
    const uid = new URL(page.url).pathname.split('/').at(-1)!;
    const resumed = await visitor.open(`${host.issuer}/auth/${uid}`, { stopAt: REDIRECT_URI });
    assert.ok(!resumed.url.startsWith(REDIRECT_URI), 'the password page again');
    assert.ok(resumed.form('login'));
    const quiet = await host.request({ prompt: 'none' });
    const silent = await arrive(host, quiet, await visitor.open(quiet.url, { stopAt: REDIRECT_URI }));
    assert.equal(silent.error, 'login_required');
    const other = await visitor.open((await host.request()).url, { stopAt: REDIRECT_URI });
    assert.ok(other.form('login'));
  });

  it('no cookie that a browser makes up, and no empty form, says that the code was entered', async () => {
    const visitor = new Visitor();
    const { page } = await givePassword(host, visitor, 'alice');
    for (const name of ['SMS_OTP_ANSWERED', 'sekisho-browser', 'sekisho-trust', 'mfa'])
      visitor.setCookie(name, 'true');
    const { action, fields } = page.form('code')!;
    const forms: Record<string, string>[] = [
      {},
      { csrf: fields['csrf']! },
      { ...fields, verified: 'true' },
      { ...fields, code: '' },
    ];
    for (const form of forms) {
      assert.equal((await page.post(action, form)).next, undefined);
    }
    const query = new URLSearchParams({ ...fields, code: host.inbox.lastCode() });
    const shown = await visitor.open(`${action}?${query}`);
    assert.equal(shown.next, undefined, 'GET verifies nothing, not even the right code');
    assert.ok(shown.form('code'));
    assert.equal(
      (await visitor.once(action, { method: 'PUT', body: new URLSearchParams(fields) })).status,
      404,
    );
  });

  it('a form of the page before comes too early for verify, and too late after the end (SES-07)', async () => {
    const visitor = new Visitor();
    const { page } = await givePassword(host, visitor, 'newcomer');
    const { action, fields } = page.form('number')!;
    const early = await page.post(action.replace(/number$/, 'code'), { ...fields, code: '123456' });
    assert.equal(early.next, undefined);
    assert.equal((await page.post(action.replace(/number$/, 'send'), fields)).next, undefined);
    assert.equal(host.inbox.messages.filter(({ to }) => to === PHONES.mallory).length, 0);
    const skipped = await page.post(action, { csrf: fields['csrf']!, phone: PHONES.mallory });
    assert.equal(skipped.status, 400, 'the notice cannot be skipped (RST-03)');
  });

  it('the trust of one account is nothing to another, and stays when the other signs in (lesson 14)', async () => {
    const visitor = new Visitor();
    await bindPhone(host, visitor, 'bob', PHONES.bob, true);
    const trust = visitor.cookie(/trust/)!;
    visitor.dropCookies(/^_/);
    const { page } = await givePassword(host, visitor, 'alice');
    assert.ok(page.form('code'), 'alice is asked');
    assert.deepEqual(visitor.cookie(/trust/), trust);
    const thief = new Visitor();
    const name = trust.name.replace(/[\w-]{12}$/, '');
    for (const suffix of ['', trust.name.slice(name.length)]) thief.setCookie(name + suffix, trust.value);
    assert.ok((await givePassword(host, thief, 'alice')).page.form('code'));
  });

  it('a copy of a trust cookie ends with the next use of the original, and so does the original (lesson 15)', async () => {
    const owner = new Visitor();
    const bound = await givePassword(host, owner, 'alice');
    await arrive(host, bound.request, await enterCode(host, bound.page, { trust: 'yes' }));
    const stolen = owner.cookie(/trust/)!;
    owner.dropCookies(/^_/);
    const used = await givePassword(host, owner, 'alice');
    assert.equal((await arrive(host, used.request, used.page)).claims!.acr, SFA);
    const thief = new Visitor();
    thief.setCookie(stolen.name, stolen.value);
    const within = await givePassword(host, thief, 'alice', { acr_values: MFA });
    assert.ok(within.page.form('code'), 'never for MFA');
    await host.sekisho.forgetBrowsers('alice');
    owner.dropCookies(/^_/);
    assert.ok((await givePassword(host, owner, 'alice')).page.form('code'), 'forgotten');
  });

  it('the other client address or a flipped byte makes no error page, only the code', async () => {
    const visitor = new Visitor();
    const { page, request } = await givePassword(host, visitor, 'alice');
    await arrive(host, request, await enterCode(host, page, { trust: 'yes' }));
    const { name, value } = visitor.cookie(/trust/)!;
    for (const at of [0, 5, 22, 23, 40, value.length - 2]) {
      const flipped = value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1);
      const other = new Visitor();
      other.setCookie(name, flipped);
      const asked = await givePassword(host, other, 'alice');
      assert.equal(asked.page.status, 200);
      assert.ok(asked.page.form('code'), `byte ${at}`);
    }
  });
});

describe('lesson 21: one press, one message', () => {
  it('a prefetcher that opens every address twice sends nothing (WEB-10)', async () => {
    const host = await startHost({ options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    const visitor = new Visitor();
    const { page } = await givePassword(host, visitor, 'alice');
    const before = host.inbox.messages.length;
    const addresses = [...page.html.matchAll(/(?:href|src|action)="([^"#]+)/g)].map(
      ([, url = '']) => new URL(url, page.url).href,
    );
    assert.ok(addresses.length > 4);
    for (const url of [...addresses, ...addresses]) await visitor.once(url);
    await host.sekisho.idle();
    assert.equal(host.inbox.messages.length, before);
    await host.close();
  });
});

describe('options', () => {
  it('that are unknown, wrong or unsafe are refused at start with field, reason and fix', async () => {
    const problems = await createSekisho({
      issuer: 'x',
      secrets: ['short'],
      countries: [],
      colour: 'red',
    } as never).then(
      () => [],
      (error) => error.problems as { field: string; reason: string; fix: string }[],
    );
    const fields = problems.map(({ field }) => field);
    for (const field of ['issuer', 'countries', 'store', 'gateway', 'colour'])
      assert.ok(fields.includes(field), field);
    for (const problem of problems) assert.ok(problem.reason.length > 3 && problem.fix.length > 10);
    assert.ok(!JSON.stringify(problems).includes('short'), 'a secret is not repeated');
  });
});
