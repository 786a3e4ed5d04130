import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { givePassword, PHONES } from '../support/host.ts';
import { startTwoNodes, type TwoNodes, withRedis } from './setting.ts';

describe('attack 4: another number between send and verify', withRedis, () => {
  let nodes: TwoNodes;
  before(async () => {
    nodes = await startTwoNodes({ accountsPerNumber: 100 });
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
