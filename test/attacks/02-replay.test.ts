import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { arrive, bindPhone, givePassword, PHONES, REDIRECT_URI, tokens } from '../support/host.ts';
import { startTwoNodes, type TwoNodes } from './setting.ts';

onEveryStore('attack 2: replay of a used code', ({ startPlace }) => {
  let nodes: TwoNodes;
  before(async () => {
    nodes = await startTwoNodes(await startPlace());
    await bindPhone(nodes.a, new Visitor(), 'alice', PHONES.alice);
  });
  after(() => nodes.close());

  it('50 parallel posts of the right code are one success, one session, one audit record (OTP-03, lesson 1)', async () => {
    const visitor = new Visitor();
    const { page, request } = await givePassword(nodes.a, visitor, 'alice');
    const { action, fields } = page.form('code')!;
    const code = nodes.a.inbox.lastCode();
    nodes.outcomes.length = 0;
    nodes.a.events.length = 0;
    nodes.b.events.length = 0;
    await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        page.post(at % 2 ? action.replace(nodes.a.address, nodes.b.address) : action, { ...fields, code }),
      ),
    );
    assert.equal(nodes.outcomes.filter(({ result }) => result === 'verified').length, 1);
    const audit = [...nodes.a.events, ...nodes.b.events].filter(({ type }) => type === 'code.verified');
    assert.equal(audit.length, 1);
    const way = await visitor.open(page.url);
    const { claims } = await arrive(nodes.a, request, way);
    assert.deepEqual(claims!['amr'], ['pwd', 'sms', 'mfa']);
    const again = await visitor.open(way.next!, { stopAt: REDIRECT_URI });
    const spent = { error: 'invalid_grant' };
    await assert.rejects(
      tokens(nodes.a, request, again.url),
      spent,
      'the same answer, and its code is used once',
    );
  });

  it('a used code is nothing for the same form, for another sign-in, or for another purpose (OTP-03, OTP-07)', async () => {
    const visitor = new Visitor();
    const { page, request } = await givePassword(nodes.a, visitor, 'alice');
    const code = nodes.a.inbox.lastCode();
    await arrive(nodes.a, request, await page.submit('code', { code }));
    assert.equal((await page.submit('code', { code })).next, undefined);
    const next = await givePassword(nodes.a, new Visitor(), 'alice');
    assert.equal((await next.page.submit('code', { code })).next, undefined);
    const stepUp = await nodes.a.request({ client_id: 'strict' });
    const asked = await visitor.open(stepUp.url, { stopAt: REDIRECT_URI });
    const sent = await asked.submit('send', { channel: 'sms' });
    assert.equal((await sent.submit('code', { code })).next, undefined);
  });
});
