import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { arrive, bindPhone, enterCode, enterNumber, givePassword, MFA, PHONES } from '../support/host.ts';
import { SECOND, stopTime } from '../support/time.ts';
import { FREE_SENDS, startTwoNodes, type TwoNodes, wrongCodes } from './setting.ts';

const time = stopTime();

onEveryStore(
  'attack 5: a new message, login, browser, address or channel does not give tries back',
  ({ startPlace }) => {
    let nodes: TwoNodes;
    afterEach(() => nodes.close());

    for (const ceiling of [30, 100]) {
      it(`at ${ceiling} failures the number is disabled, and only binding anew helps (OTP-04, OTP-05, lessons 4, 6, 7)`, async () => {
        nodes = await startTwoNodes(await startPlace(), {
          failures: { ceiling, delays: [0] },
          sends: FREE_SENDS,
        });
        await bindPhone(nodes.a, new Visitor(), 'alice', PHONES.alice);
        let failures = 0;
        for (let round = 0; round < ceiling / 4 + 1 && failures < ceiling; round += 1) {
          const now = await fourWrong(nodes, round);
          assert.ok(now > failures, 'the count only grows');
          failures = now;
        }
        assert.equal(failures, ceiling);
        const sent = nodes.a.inbox.messages.length;
        const { page, request } = await givePassword(nodes.a, new Visitor(), 'alice');
        assert.equal(page.status, 403, 'the sign-in stops here');
        assert.equal(nodes.a.inbox.messages.length, sent, 'and nothing is sent');
        const { error } = await arrive(nodes.a, request, await page.submit('cancel'));
        assert.equal(error, 'access_denied');

        await nodes.a.sekisho.removePhone('alice');
        time.advance(SECOND); // tokens of the second of the removal are refused
        const again = await givePassword(nodes.a, new Visitor(), 'alice');
        const code = await enterNumber(nodes.a, again.page, PHONES.alice);
        const { claims } = await arrive(nodes.a, again.request, await enterCode(nodes.a, code));
        assert.equal(claims!.acr, MFA);
      });
    }

    it('a right code clears the count (OTP-05)', async () => {
      nodes = await startTwoNodes(await startPlace());
      await bindPhone(nodes.a, new Visitor(), 'alice', PHONES.alice);
      assert.equal(await fourWrong(nodes, 0), 4);
      const { page, request } = await givePassword(nodes.a, new Visitor(), 'alice');
      await arrive(nodes.a, request, await enterCode(nodes.a, page));
      assert.equal(await fourWrong(nodes, 1), 4);
    });

    it('a stranger without the password cannot touch the count (THR-01, THR-02, lesson 8)', async () => {
      nodes = await startTwoNodes(await startPlace());
      await bindPhone(nodes.a, new Visitor(), 'alice', PHONES.alice);
      const stranger = new Visitor();
      const login = await stranger.open((await nodes.a.request()).url);
      const uid = new URL(login.url).pathname.split('/').at(-1)!;
      nodes.outcomes.length = 0;
      for (let at = 0; at < 50; at += 1) {
        await login.post(`${nodes.a.address}/sekisho/${uid}/code`, { code: '000000', csrf: 'x'.repeat(43) });
      }
      assert.equal(nodes.outcomes.length, 0);
      const { page, request } = await givePassword(nodes.a, new Visitor(), 'alice');
      assert.ok((await arrive(nodes.a, request, await enterCode(nodes.a, page))).claims);
    });

    it('a removed number takes its live code with it (BND-08)', async () => {
      nodes = await startTwoNodes(await startPlace());
      await bindPhone(nodes.a, new Visitor(), 'alice', PHONES.alice);
      const { page } = await givePassword(nodes.a, new Visitor(), 'alice');
      await nodes.b.sekisho.removePhone('alice');
      assert.equal((await enterCode(nodes.a, page)).next, undefined);
    });
  },
);

/** Four wrong codes in a sign-in of its own, with a resend in the middle; answers the failures so far. */
async function fourWrong(nodes: TwoNodes, round: number): Promise<number> {
  const visitor = new Visitor({
    'x-forwarded-for': `203.0.113.${round}`,
    'user-agent': `Browser ${round}`,
  });
  let { page } = await givePassword(nodes.a, visitor, 'alice');
  const right = nodes.a.inbox.lastCode();
  for (const [at, code] of wrongCodes(right, 4).entries()) {
    if (at === 2) page = await page.submit('send', { channel: round % 2 === 0 ? 'sms' : 'voice' });
    page = await typeAt(nodes, page, code, at);
    if (!page.form('code')) break;
  }
  const last = nodes.outcomes.at(-1);
  return last !== undefined && 'failures' in last ? last.failures : -1;
}

/** Types a code, every other time at the second node. */
function typeAt(nodes: TwoNodes, page: Page, code: string, at: number): Promise<Page> {
  const { action, fields } = page.form('code')!;
  const node = at % 2 === 0 ? nodes.a.address : nodes.b.address;
  return page.post(`${node}${new URL(action).pathname}`, { ...fields, code });
}
