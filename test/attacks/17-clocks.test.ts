import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { followStore, type Machine } from '../../src/sekisho/store-clock.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { onEveryStore } from '../support/every-store.ts';
import { arrive, bindPhone, enterCode, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { FREE_SENDS } from './setting.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A machine whose clock was set wrong. */
const machineAhead = (by: number): Machine => ({
  wall: () => Date.now() + by,
  elapsed: () => performance.now(),
});

onEveryStore('attack 17: two nodes whose clocks are 20 minutes apart (fault A.4)', ({ startPlace }) => {
  let a: Host;
  let b: Host;
  before(async () => {
    const place = await startPlace();
    const node = async (by: number, more: object = {}) => {
      const store = await place.open();
      const clock = await followStore(store, machineAhead(by));
      return startHost({ store, options: { clock, sends: FREE_SENDS }, ...more });
    };
    a = await node(0);
    b = await node(20 * MINUTE, { inbox: a.inbox, issuer: a.issuer });
    await bindPhone(a, new Visitor(), 'alice', PHONES.alice);
  });
  after(async () => {
    await a.close();
    await b.close();
  });

  it('agree what time it is, because the store says it (OPS-03)', async () => {
    const { page, request } = await givePassword(a, new Visitor(), 'alice');
    const { action, fields } = page.form('code')!;
    const code = a.inbox.lastCode();
    const done = await page.post(action.replace(a.address, b.address), { ...fields, code });
    assert.ok(done.next !== undefined || done.status === 200, 'the code of the one is right at the other');
    const { error } = await arrive(a, request, await page.visitor.open(page.url));
    assert.equal(error, undefined);
  });

  it('issue no token where the clock of the machine is wrong, and say so (OPS-03)', async () => {
    const { url } = await a.request();
    const refused = await fetch(url.replace(a.address, b.address), { redirect: 'manual' });
    assert.equal(refused.status, 503);
    const token = await fetch(`${b.address}/token`, { method: 'POST' });
    assert.equal(token.status, 503);
    assert.equal((await fetch(`${b.address}/jwks`)).status, 200, 'what issues nothing goes on');
    assert.equal((await b.sekisho.health()).clock, 'refusing');
    assert.equal((await a.sekisho.health()).clock, 'ok');
    const told = b.events.filter(({ type }) => type === 'clock.drift');
    assert.deepEqual(
      told.map((event) => 'seconds' in event && Math.round(event.seconds / 60)),
      [20],
      'once, and by how much',
    );
  });
});

describe('attack 17: a clock that is set while the server runs', () => {
  let machine: { ahead: number; passed: number };
  let store: Store;
  let host: Host;
  const wall = () => Date.UTC(2026, 10, 1) + machine.ahead + machine.passed;
  before(async () => {
    machine = { ahead: 0, passed: 0 };
    store = await openSqliteStore({ file: ':memory:', clock: { now: wall } });
    const clock = await followStore(store, { wall, elapsed: () => machine.passed });
    // The provider goes by the clock of this process, which is not what this is about.
    host = await startHost({ store, options: { clock: { now: clock.now }, sends: FREE_SENDS } });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
  });
  after(() => host.close());
  const pass = (milliseconds: number) => {
    machine.passed += milliseconds;
  };
  /** The first request after it may be refused; then the time is read anew. */
  const settle = async () => {
    pass(2000);
    await host.sekisho.hasPhone('alice');
    await store.ping();
    await host.sekisho.hasPhone('alice');
  };

  it('back an hour: a code from before is dead at once, and stays dead when its time comes again', async () => {
    const { page } = await givePassword(host, new Visitor(), 'alice');
    pass(4 * MINUTE);
    machine.ahead -= HOUR;
    await settle();
    assert.equal((await enterCode(host, page)).next, undefined);
    pass(56 * MINUTE + 10_000);
    await settle();
    assert.equal((await enterCode(host, page)).next, undefined, 'not 3,600 s later either');
    const { request, page: again } = await givePassword(host, new Visitor(), 'alice');
    assert.equal((await arrive(host, request, await enterCode(host, again))).error, undefined);
  });

  it('thirty days ahead for a moment: nobody waits for weeks', async () => {
    machine.ahead += 720 * HOUR;
    await settle();
    await givePassword(host, new Visitor(), 'alice');
    machine.ahead -= 720 * HOUR;
    await settle();
    const before = host.inbox.messages.length;
    const { request, page } = await givePassword(host, new Visitor(), 'alice');
    assert.equal(host.inbox.messages.length, before + 1, 'a code is sent');
    assert.equal((await arrive(host, request, await enterCode(host, page))).error, undefined);
  });
});
