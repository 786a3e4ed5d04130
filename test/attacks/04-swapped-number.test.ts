import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import { createAccounts } from '../support/directory.ts';
import { onEveryStore } from '../support/every-store.ts';
import {
  enterCode,
  enterNumber,
  FREE_SENDS,
  givePassword,
  type Host,
  PHONES,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';
import { startTwoNodes, type TwoNodes } from './setting.ts';

onEveryStore('attack 4: another number between send and verify', ({ startPlace }) => {
  let nodes: TwoNodes;
  before(async () => {
    nodes = await startTwoNodes(await startPlace(), { accountsPerNumber: 100 });
  });
  after(() => nodes.close());

  const numberOf = async (account: string) => (await nodes.a.sekisho.phoneClaims(account)).phone_number;

  it('the code for the first number does not bind the second (BND-04, lesson 17)', async () => {
    const visitor = new Visitor();
    const { page } = await givePassword(nodes.a, visitor, 'm1');
    const code = await page.submit('number', { phone: PHONES.mallory });
    await nodes.a.sekisho.idle();
    const received = nodes.a.inbox.lastCode(PHONES.mallory);
    await page.submit('number', { phone: PHONES.alice });
    const answer = await code.submit('code', { code: received });
    assert.equal(answer.next, undefined);
    assert.equal(await numberOf('m1'), undefined);
  });

  it('no field of the form says which number is bound', async () => {
    const { page } = await givePassword(nodes.a, new Visitor(), 'm2');
    const code = await page.submit('number', { phone: PHONES.mallory });
    await nodes.a.sekisho.idle();
    const { action, fields } = code.form('code')!;
    const right = nodes.a.inbox.lastCode(PHONES.mallory);
    await code.post(action, { ...fields, code: right, phone: PHONES.alice, number: PHONES.alice });
    assert.equal(await numberOf('m2'), PHONES.mallory);
  });

  it('two numbers in one form are refused (WEB-13)', async () => {
    const { page } = await givePassword(nodes.a, new Visitor(), 'm3');
    const { action, fields } = page.form('number')!;
    const body = new URLSearchParams([
      ...Object.entries(fields),
      ['phone', PHONES.mallory],
      ['phone', PHONES.alice],
    ]);
    const answer = await page.visitor.once(action, { method: 'POST', body });
    assert.equal(answer.status, 400);
  });

  it('in a race, the bound number is always the one whose code was entered', async () => {
    for (let round = 0; round < 25; round += 1) {
      const account = `racer${round}`;
      const { page } = await givePassword(nodes.a, new Visitor(), account);
      const code = await page.submit('number', { phone: PHONES.mallory });
      await nodes.a.sekisho.idle();
      const right = nodes.a.inbox.lastCode(PHONES.mallory);
      await Promise.all([
        page.submit('number', { phone: PHONES.alice }),
        code.submit('code', { code: right }),
        page.submit('number', { phone: PHONES.bob }),
      ]);
      const bound = await numberOf(account);
      assert.ok(bound === undefined || bound === PHONES.mallory, `bound ${bound}`);
    }
  });

  it('the number cannot be changed while signing in (A11-10)', async () => {
    const first = await givePassword(nodes.a, new Visitor(), 'racer-bound');
    const code = await first.page.submit('number', { phone: PHONES.bob });
    await nodes.a.sekisho.idle();
    await code.submit('code', { code: nodes.a.inbox.lastCode() });
    const { page } = await givePassword(nodes.a, new Visitor(), 'racer-bound');
    const { action, fields } = page.form('code')!;
    const answer = await page.post(action.replace(/code$/, 'number'), {
      ...fields,
      phone: PHONES.mallory,
      notice: 'read',
    });
    assert.equal(answer.status, 403);
    assert.equal(await numberOf('racer-bound'), PHONES.bob);
  });
});

onEveryStore('attack 4: another number between code and account, at a sign-up', ({ open: openStore }) => {
  const form = { login: 'hanako', name: '', password: 'correct horse' };
  let host: Host;
  let accounts: ReturnType<typeof createAccounts>;
  before(async () => {
    accounts = createAccounts();
    host = await startHost({
      store: await openStore(),
      options: { signUp: true, accounts, sends: FREE_SENDS },
    });
    await accounts.create({ accountId: 'h', login: 'hanako', passwordHash: '' });
  });
  after(() => host.close());

  const open = async () => {
    const { url } = await host.request({ prompt: 'create' });
    return new Visitor().open(url, { stopAt: REDIRECT_URI });
  };
  /** Posts a form that the page does not show. */
  const post = (page: Page, name: string, fields: Record<string, string>) => {
    const { action, fields: known } = page.form('signup')!;
    return page.post(action.replace(/signup(?=\?|$)/, name), { csrf: known['csrf']!, ...fields });
  };

  it('a proof of one number makes no account with another (BND-04, lesson 17)', async () => {
    const number = await (await open()).submit('signup', form);
    const refused = await enterCode(host, await enterNumber(host, number, PHONES.mallory));
    assert.ok(refused.form('signup'), 'the name is taken, the number is proved');
    const victim = await post(refused, 'number', { notice: 'read', phone: PHONES.alice });
    assert.equal(victim.status, 409);
    await post(refused, 'signup', { ...form, login: 'mallory' });
    const [made] = [...accounts.all.values()].filter(({ login }) => login === 'mallory');
    const bound = made && (await host.sekisho.phoneClaims(made.accountId)).phone_number;
    assert.notEqual(bound, PHONES.alice);
  });

  it('nor with one that was typed in after the form was sent again (BND-04)', async () => {
    const number = await (await open()).submit('signup', form);
    const refused = await enterCode(host, await enterNumber(host, number, PHONES.bob));
    // A second tab: the form again with a name that is taken too, so that an applicant and a proof follow each other.
    const again = await refused.submit('signup', form);
    await post(again, 'number', { notice: 'read', phone: PHONES.alice });
    const done = await post(again, 'signup', { ...form, login: 'bob' });
    assert.ok(done.next, 'the proved number still counts');
    const [made] = [...accounts.all.values()].filter(({ login }) => login === 'bob');
    assert.equal((await host.sekisho.phoneClaims(made!.accountId)).phone_number, PHONES.bob);
  });

  it('sends and verifies nothing before the form (SES-07)', async () => {
    const page = await open();
    const sent = host.inbox.messages.length;
    for (const [name, fields] of [
      ['number', { notice: 'read', phone: PHONES.alice }],
      ['send', {}],
      ['code', { code: '123456' }],
      ['follow', {}],
      ['change', {}],
    ] as const) {
      assert.equal((await post(page, name, fields)).status, 409, name);
    }
    await host.sekisho.idle();
    assert.equal(host.inbox.messages.length, sent);
    assert.deepEqual(
      host.events.filter(({ type }) => type === 'fault'),
      [],
    );
  });
});
