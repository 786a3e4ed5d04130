import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  enterNumber,
  FREE_SENDS,
  givePassword,
  type Host,
  MFA,
  PHONES,
  REDIRECT_URI,
  startHost,
} from '../support/host.ts';
import { MINUTE, stopTime } from '../support/time.ts';

const time = stopTime();

onEveryStore('a page for the code that a stolen session keeps for later (BND-01, BND-08)', ({ open }) => {
  let host: Host;
  before(async () => {
    host = await startHost({ store: await open(), options: { sends: FREE_SENDS } });
  });
  after(() => host.close());

  /** The page for the second factor of a session; it was not opened. */
  async function keepPage(thief: Visitor, extra: Record<string, string>): Promise<string> {
    const request = await host.request(extra);
    const answer = await thief.once(request.url);
    const page = new URL(answer.headers.get('location')!, request.url).href;
    assert.match(page, /\/sekisho\//);
    return page;
  }

  async function assertBindsNothing(thief: Visitor, kept: string, account: string): Promise<void> {
    const page = await thief.open(kept, { stopAt: REDIRECT_URI });
    if (page.form('number')) await enterCode(host, await enterNumber(host, page, PHONES.mallory));
    assert.equal((await host.sekisho.describeAccount(account)).phone, null);
    assert.equal(page.status, 404, page.text());
  }

  it('binds no number of the thief once support took the lost one off', async () => {
    const thief = new Visitor();
    await bindPhone(host, thief, 'alice', PHONES.alice);
    time.advance(30 * MINUTE);
    const kept = await keepPage(thief, { client_id: 'strict' });
    time.advance(MINUTE);
    await host.sekisho.removePhone('alice');
    time.advance(MINUTE);
    await assertBindsNothing(thief, kept, 'alice');
  });

  it('binds no number of the thief once the account was signed out everywhere', async () => {
    const thief = new Visitor();
    const { page, request } = await givePassword(host, thief, 'bob', { client_id: 'plain' });
    await arrive(host, request, page);
    const kept = await keepPage(thief, { acr_values: MFA });
    time.advance(MINUTE);
    await host.sekisho.endSessions('bob');
    time.advance(MINUTE);
    await assertBindsNothing(thief, kept, 'bob');
  });

  it('binds the number of the owner, where that is what it was opened for', async () => {
    const owner = new Visitor();
    const { page, request } = await givePassword(host, owner, 'carol', { client_id: 'plain' });
    await arrive(host, request, page);
    const kept = await keepPage(owner, { acr_values: MFA });
    time.advance(MINUTE);
    await enterCode(host, await enterNumber(host, await owner.open(kept), PHONES.bob));
    assert.notEqual((await host.sekisho.describeAccount('carol')).phone, null);
  });
});
