import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Page, Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { arrive, bindPhone, givePassword, PHONES } from '../support/host.ts';
import { compared, startTwoNodes, type TwoNodes, wrongCodes } from './setting.ts';

onEveryStore('attack 1: parallel guessing over two nodes', ({ startPlace }) => {
  let nodes: TwoNodes;
  before(async () => {
    nodes = await startTwoNodes(await startPlace());
    await bindPhone(nodes.a, new Visitor(), 'alice', PHONES.alice);
  });
  after(() => nodes.close());

  /** Sends every code at once, every other one to the second node. */
  async function guess(page: Page, codes: string[]): Promise<Page[]> {
    const { action, fields } = page.form('code')!;
    return Promise.all(
      codes.map((code, at) => {
        const url = at % 2 === 0 ? action : action.replace(nodes.a.address, nodes.b.address);
        return page.post(url, { ...fields, code });
      }),
    );
  }

  it('compares five of 200 wrong codes, and the right one comes too late (OTP-12, OTP-13, lesson 3)', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { page } = await givePassword(nodes.a, new Visitor(), 'alice');
      const right = nodes.a.inbox.lastCode();
      nodes.outcomes.length = 0;
      nodes.a.events.length = 0;
      nodes.b.events.length = 0;
      const answers = await guess(page, wrongCodes(right, 200));
      assert.equal(compared(nodes.outcomes), 5);
      assert.ok(answers.every((answer) => answer.next === undefined));
      const [late] = await guess(page, [right]);
      assert.equal(late!.next, undefined);
      assert.equal(compared(nodes.outcomes), 5);
      const locks = [...nodes.a.events, ...nodes.b.events].filter(
        ({ type }) => type === 'challenge.exhausted',
      );
      assert.equal(locks.length, 1, 'one lock event');
      const [lock] = locks;
      assert.equal(lock?.type === 'challenge.exhausted' && lock.failures, 5 * (round + 1));
    }
  });

  it('has at most one winner when the right code is among the guesses', async () => {
    await bindPhone(nodes.a, new Visitor(), 'bob', PHONES.bob);
    for (let round = 0; round < 4; round += 1) {
      const { page, request } = await givePassword(nodes.a, new Visitor(), 'bob');
      const right = nodes.a.inbox.lastCode();
      const codes = wrongCodes(right, 60);
      codes.splice(round * 2, 0, right);
      nodes.outcomes.length = 0;
      const answers = await guess(page, codes);
      const wins = nodes.outcomes.filter(({ result }) => result === 'verified').length;
      assert.ok(wins <= 1, `${wins} wins`);
      assert.ok(compared(nodes.outcomes) <= 5);
      const through = answers.filter((answer) => answer.next !== undefined);
      if (wins === 1) assert.equal((await arrive(nodes.a, request, through[0]!)).claims!.sub, 'bob');
      else assert.equal(through.length, 0);
    }
  });
});
