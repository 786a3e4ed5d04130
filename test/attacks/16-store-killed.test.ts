import assert from 'node:assert/strict';
import { afterEach, beforeEach, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '../../src/ports/store.ts';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore, type StorePlace } from '../support/every-store.ts';
import {
  arrive,
  bindPhone,
  enterCode,
  enterNumber,
  givePassword,
  type Host,
  MFA,
  PHONES,
  startHost,
} from '../support/host.ts';
import { FREE_SENDS, wrongCodes } from './setting.ts';

onEveryStore('attack 16: the store is killed in the middle', ({ startPlace }) => {
  let place: StorePlace;
  let host: Host;
  beforeEach(async () => {
    place = await startPlace();
    host = await startHost({ store: await place.open(), options: { sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    host.inbox.messages.length = 0;
  });
  afterEach(() => host.close());

  it('before the challenge is written: nothing is sent, and the page answers within 3 s (OPS-01)', async () => {
    const visitor = new Visitor();
    const login = await visitor.open((await host.request()).url);
    await place.crash();
    const began = performance.now();
    const page = await login.submit('login', { account: 'alice', password: 'right' });
    assert.ok(performance.now() - began < 3500);
    assert.equal(page.status, 500);
    assert.equal(host.inbox.messages.length, 0);
    await place.restart();
  });

  it('between send and verify: no token, a page with a way on, and all is well after the restart (OPS-01, OPS-02)', async () => {
    const { page, request } = await givePassword(host, new Visitor(), 'alice');
    const [wrong] = wrongCodes(host.inbox.lastCode(), 1);
    const before = await page.submit('code', { code: wrong! });
    await place.crash();
    const failed = await enterCode(host, before);
    assert.ok(failed.status >= 500, `answered ${failed.status}`);
    assert.equal(failed.next, undefined);
    await place.restart();
    const again = await retry(() => page.visitor.open(page.url));
    assert.ok(again.form('code'));
    const { claims } = await arrive(host, request, await enterCode(host, again));
    assert.equal(claims!.acr, MFA);
  });

  it('tries used before are used after (OPS-02)', async () => {
    const { page } = await givePassword(host, new Visitor(), 'alice');
    const codes = wrongCodes(host.inbox.lastCode(), 2);
    for (const code of codes) await page.submit('code', { code });
    await place.crash();
    await place.restart();
    const again = await retry(() => page.visitor.open(page.url));
    const third = await again.submit('code', { code: wrongCodes(host.inbox.lastCode(), 3)[2]! });
    assert.match(third.text(), /2/, 'two tries are left');
  });

  it('after FLUSHALL nothing verifies, and a password alone binds no other number', async () => {
    const { page } = await givePassword(host, new Visitor(), 'alice');
    await place.empty();
    assert.equal((await enterCode(host, page)).next, undefined);
    const thief = await givePassword(host, new Visitor(), 'alice');
    const sent = host.inbox.messages.length;
    const answer = await enterNumber(host, thief.page, PHONES.mallory);
    assert.equal(answer.status, 503);
    assert.equal(host.inbox.messages.length, sent, 'nothing is sent for what binds nothing');
    assert.equal(await host.sekisho.hasPhone('alice'), false);
  });

  it('a step of the store that fails after the count lets nobody through (OTP-13)', async () => {
    const { page } = await givePassword(host, new Visitor(), 'alice');
    const attempt = host.store.attempt.bind(host.store);
    host.store.attempt = (async (request: Parameters<Store['attempt']>[0]) => {
      await attempt(request);
      throw new Error('the connection broke after the script ran');
    }) as Store['attempt'];
    const failed = await enterCode(host, page);
    assert.ok(failed.status >= 500);
    assert.equal(failed.next, undefined);
    host.store.attempt = attempt;
    assert.equal((await enterCode(host, page)).next, undefined, 'the code is used up');
  });
});

/** Longer than it takes to connect again. */
const RECONNECT_MS = 10_000;

async function retry<T extends { status: number }>(work: () => Promise<T>): Promise<T> {
  const patience = performance.now() + RECONNECT_MS;
  for (;;) {
    const answer = await work();
    if (answer.status < 500 || performance.now() > patience) return answer;
    await pause(50);
  }
}
