import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { Visitor } from '../support/browser-client.ts';
import { bindPhone, FREE_SENDS, givePassword, type Host, PHONES, startHost } from '../support/host.ts';
import { createVendor, type Vendor } from '../support/vendor.ts';

const SMS = { channels: ['sms'] as const };

describe('a gateway with a rate', () => {
  const hosts: Host[] = [];
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.close();
  });

  async function start(gateways: Vendor[], rates: Record<string, number>, more: object = {}) {
    const host = await startHost({
      inbox: gateways[0]!,
      options: { gateway: undefined, gateways, sends: FREE_SENDS, rates },
      ...more,
    });
    hosts.push(host);
    return host;
  }
  const started = (gateway: Vendor) => {
    const times: number[] = [];
    gateway.behave(async () => {
      times.push(Date.now());
      return { outcome: 'accepted' };
    });
    return times;
  };
  const most = (times: readonly number[]) =>
    Math.max(
      ...times.map((from) => times.filter((at) => Math.floor(at / 1000) === Math.floor(from / 1000)).length),
    );

  it('gets no more than that in any second from all processes together, and everybody in the end', async () => {
    const store = await openSqliteStore({ file: ':memory:' });
    const kept = { ...store, close: async () => {} };
    const gateway = createVendor('a', SMS);
    const one = await start([gateway], {}, { store: kept });
    for (const account of ['alice', 'bob']) await bindPhone(one, new Visitor(), account, PHONES.alice);
    const two = await start([gateway], { a: 2 }, { store: kept, issuer: one.issuer });
    const three = await start([gateway], { a: 2 }, { store: kept, issuer: one.issuer });
    gateway.messages.length = 0;
    const times = started(gateway);
    const nodes = [two, three, two, three, two, three];
    await Promise.all(
      nodes.map(async (node) => {
        const visitor = new Visitor();
        const request = await one.request();
        const login = await visitor.open(request.url.replace(one.address, node.address));
        await login.submit('login', { account: 'alice', password: 'right' });
      }),
    );
    await Promise.all([two.sekisho.idle(), three.sekisho.idle()]);
    assert.equal(times.length, 6);
    assert.ok(most(times) <= 2, `${times}`);
  });

  it('is waited for before the code goes through one that is known to be broken', async () => {
    const all = [createVendor('a', SMS), createVendor('b', SMS)];
    const host = await start(all, { a: 1 });
    await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
    all[1]!.behave(async () => ({ outcome: 'rejected', class: 'auth' }));
    await Promise.all([1, 2, 3].map(() => givePassword(host, new Visitor(), 'alice')));
    await host.sekisho.idle();
    const ends = host.events.flatMap((event) =>
      event.type === 'delivery.finished' && event.gateway === 'a' ? [event.outcome] : [],
    );
    assert.equal(
      ends.filter((outcome) => outcome === 'accepted').length,
      4,
      'each of the three, and the binding',
    );
  });

  it('is given to those who wait in their order, and who gets no turn is not called by itself (THR-03)', async () => {
    const all = [
      createVendor('a', SMS),
      createVendor('b', SMS),
      createVendor('c', { channels: ['voice'] }),
    ] as const;
    const people = Array.from({ length: 18 }, (_, at) => ({
      account: `user${at}`,
      phone: `+8190123500${at + 10}`,
    }));
    const store = await openSqliteStore({ file: ':memory:' });
    const kept = { ...store, close: async () => {} };
    const one = await start([...all], {}, { store: kept });
    for (const { account, phone } of people) await bindPhone(one, new Visitor(), account, phone);
    const host = await start([...all], { a: 1 }, { store: kept, issuer: one.issuer });
    for (const { messages } of all) messages.length = 0;
    all[1].behave(async () => ({ outcome: 'rejected', class: 'auth' }));
    for (const { account } of people) {
      const request = await one.request();
      const login = await new Visitor().open(request.url.replace(one.address, host.address));
      await login.submit('login', { account, password: 'right' });
    }
    await host.sekisho.idle();
    const order = all[0].messages.map(({ to }) => to);
    assert.deepEqual(order, order.toSorted(), 'nobody passes who came before');
    assert.ok(order.length >= 8 && order.length < people.length, `${order.length} got a turn`);
    assert.equal(all[2].messages.length, 0, 'the rest was busy, or broken, but it was not asked in vain');
  });
});
