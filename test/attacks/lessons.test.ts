import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createSekisho } from '../../src/index.ts';
import { clientAddress } from '../../src/oidc/request.ts';
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
import { FREE_SENDS } from './setting.ts';

const sources = readdirSync('src', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return { path, text: readFileSync(path, 'utf8') };
  });
const calling = (pattern: RegExp) => sources.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

describe('lessons 4 and 5: no verifier without its limiter', () => {
  it('only one place of the sources compares codes, and it counts first', () => {
    assert.deepEqual(
      calling(/store\.attempt\(|\.attempt\(\{/).filter((path) => !/stores|testing|ports/.test(path)),
      [join('src', 'domain', 'verification.ts')],
    );
    assert.deepEqual(calling(/deriveCode\(/).sort(), [
      join('src', 'domain', 'challenge.ts'),
      join('src', 'domain', 'code.ts'),
    ]);
    assert.deepEqual(calling(/expectedCodes\(/).sort(), [
      join('src', 'domain', 'challenge.ts'),
      join('src', 'domain', 'verification.ts'),
    ]);
  });

  it('the limits cannot be switched off', async () => {
    for (const options of [
      { code: { tries: 0 } },
      { failures: { ceiling: 0 } },
      { failures: { ceiling: 101 } },
      { failures: { delays: [] } },
      { sends: { perNumberHour: 0 } },
      { code: { ttl: 601 } },
      { code: { length: 5 } },
    ]) {
      await assert.rejects(startHost({ options }), { code: 'option_invalid' }, JSON.stringify(options));
    }
  });
});

describe('lesson 10: an address that cannot be read', () => {
  const request = (header: string | undefined, remote = '192.0.2.1') =>
    ({ headers: { 'x-forwarded-for': header }, socket: { remoteAddress: remote } }) as never;

  it('is unknown, never the one a client made up', () => {
    assert.equal(clientAddress(request('203.0.113.1'), 0), '192.0.2.1');
    assert.equal(clientAddress(request('6.6.6.6, 203.0.113.1'), 1), '203.0.113.1');
    assert.equal(clientAddress(request('6.6.6.6, 203.0.113.1, 10.0.0.1'), 2), '203.0.113.1');
    for (const header of [
      'a',
      '',
      undefined,
      '203.0.113.1 ',
      '203.0.113.1:80',
      '999.1.1.1',
      ',',
      'unknown',
    ]) {
      const expected = header?.trim() === '203.0.113.1' ? '203.0.113.1' : undefined;
      assert.equal(clientAddress(request(header), 1), expected, JSON.stringify(header));
    }
    assert.equal(clientAddress(request('203.0.113.1'), 3), undefined);
  });

  it('has one spelling for one address', () => {
    for (const spelling of [
      '::ffff:192.0.2.1',
      '::FFFF:192.0.2.1',
      '0:0:0:0:0:ffff:c000:201',
      '::ffff:c000:0201',
    ]) {
      assert.equal(clientAddress(request(undefined, spelling), 0), '192.0.2.1', spelling);
    }
    assert.equal(clientAddress(request(undefined, '2001:DB8::1'), 0), '2001:db8:0:0:0:0:0:1');
    assert.equal(clientAddress(request(undefined, 'fe80::1%eth0'), 0), 'fe80:0:0:0:0:0:0:1');
  });

  it('shares one limit with all the others that cannot be read', async () => {
    const host = await startHost({ options: { trustedProxies: 1, sends: { cooldown: [0], perIpHour: 2 } } });
    for (const [at, forwarded] of ['a', 'b'].entries()) {
      const visitor = new Visitor({ 'x-forwarded-for': forwarded });
      const { page } = await givePassword(host, visitor, `user${at}`);
      assert.equal((await page.submit('number', { phone: `090-1234-100${at}` })).status, 200);
    }
    const { page } = await givePassword(host, new Visitor({ 'x-forwarded-for': 'c' }), 'user3');
    assert.equal((await page.submit('number', { phone: '090-1234-1009' })).status, 429);
    const readable = await givePassword(host, new Visitor({ 'x-forwarded-for': '203.0.113.1' }), 'user4');
    assert.equal((await readable.page.submit('number', { phone: '090-1234-1008' })).status, 200);
    await host.close();
  });
});

describe('lessons 11, 12, 13: with one factor nothing opens', () => {
  let host: Host;
  before(async () => {
    host = await startHost({ options: { sends: FREE_SENDS } });
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
    assert.equal((await visitor.once(action)).status, 404, 'GET verifies nothing');
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
