import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { bindPhone, givePassword, PHONES } from '../support/host.ts';
import { startTwoNodes, type TwoNodes } from './setting.ts';

onEveryStore('attack 3: the code of one session in another', ({ startPlace }) => {
  let nodes: TwoNodes;
  before(async () => {
    nodes = await startTwoNodes(await startPlace());
    await bindPhone(nodes.a, new Visitor(), 'alice', PHONES.alice);
  });
  after(() => nodes.close());

  it('fails both ways and costs a try, same account, same number (OTP-07)', async () => {
    const alice = await givePassword(nodes.a, new Visitor(), 'alice');
    const codeOfAlice = nodes.a.inbox.lastCode();
    const mallory = await givePassword(nodes.a, new Visitor(), 'alice');
    const codeOfMallory = nodes.a.inbox.lastCode();
    nodes.outcomes.length = 0;
    assert.equal((await mallory.page.submit('code', { code: codeOfAlice })).status, 400);
    assert.equal((await alice.page.submit('code', { code: codeOfMallory })).status, 400);
    assert.deepEqual(
      nodes.outcomes.map(({ result }) => result),
      ['wrong', 'wrong'],
    );
  });

  it('fails for another client', async () => {
    const app = await givePassword(nodes.a, new Visitor(), 'alice');
    const code = nodes.a.inbox.lastCode();
    assert.ok(app.page.form('code'));
    const bank = await givePassword(nodes.a, new Visitor(), 'alice', { client_id: 'bank' });
    assert.equal((await bank.page.submit('code', { code })).status, 400);
  });

  it('fails when the form is posted to the address of the other interaction (WEB-08, WEB-16)', async () => {
    const browser = new Visitor();
    const one = await givePassword(nodes.a, browser, 'alice');
    const two = await givePassword(nodes.a, browser, 'alice');
    const code = nodes.a.inbox.lastCode();
    const { action } = two.page.form('code')!;
    const crossed = await one.page.post(action, { ...one.page.form('code')!.fields, code });
    assert.equal(crossed.status, 403);
    assert.equal(crossed.next, undefined);
  });
});
