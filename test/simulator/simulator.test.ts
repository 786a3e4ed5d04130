import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { createSimClock } from '../../src/simulator/clock.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { SimInbound } from '../../src/simulator/stand-in.ts';
import { createTestVendor } from './test-vendor.ts';

const vendors = [createTestVendor()];

describe('starting the simulator', () => {
  it('refuses production', async () => {
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = 'production';
    try {
      await assert.rejects(startSimulator({ vendors }), /refuses to run in production/);
    } finally {
      if (before === undefined) delete process.env['NODE_ENV'];
      else process.env['NODE_ENV'] = before;
    }
  });

  it('listens on this machine only, unless told otherwise', async () => {
    const simulator = await startSimulator({ vendors });
    assert.match(simulator.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal(simulator.vendorUrl('test'), `${simulator.url}/test`);
    await simulator.close();
  });

  it('says which port is taken, and which address or vendor makes no sense', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await assert.rejects(startSimulator({ vendors, port }), new RegExp(`${port} is in use`));
    other.close();
    await assert.rejects(startSimulator({ vendors, host: '192.0.2.1' }), /cannot be listened on/);
    const webhooks = (value: Record<string, string>) => startSimulator({ vendors, webhooks: value });
    await assert.rejects(webhooks({ nobody: 'http://127.0.0.1/' }), /webhooks\.nobody: is no vendor here/);
    await assert.rejects(webhooks({ test: '/hooks' }), /webhooks\.test: is no http address/);
    await assert.rejects(webhooks({ test: 'file:///x' }), /webhooks\.test: is no http address/);
  });
});

describe('a line for a protocol of its own', () => {
  const message = (digits: string) => ({
    ...({
      vendorId: `m-${digits}`,
      channel: 'sms',
      to: `+81901234${digits}`,
      from: 'TEST',
      text: 'x',
    } as const),
  });

  it('takes messages, and tells changes once the answer is out', async () => {
    const simulator = await startSimulator({ vendors: [], virtualTime: true });
    const line = simulator.line('smpp');
    const told: string[] = [];
    const off = line.onChange(({ vendorId }, { state }) => void told.push(`${vendorId} ${state}`));
    const submitted = line.submit(message('1234'), []);
    assert.ok(submitted.taken);
    await simulator.advance(10_000);
    assert.deepEqual(told, [], 'the answer is not out');
    await line.begin(submitted.message);
    await line.begin(submitted.message);
    await simulator.settle();
    assert.deepEqual(told, ['m-1234 accepted', 'm-1234 sent', 'm-1234 delivered']);
    assert.equal(line.find({ vendorId: 'm-1234' })!.state, 'delivered');
    off();
    const late = line.submit(message('1234'), []);
    assert.ok(late.taken);
    await line.begin(late.message);
    await simulator.advance(10_000);
    assert.equal(told.length, 3);
    await simulator.close();
  });

  it('tells early, twice, never and refuses, as the number says', async () => {
    const simulator = await startSimulator({ vendors: [], virtualTime: true });
    const line = simulator.line('smpp');
    const told: string[] = [];
    line.onChange((_, { state }) => void told.push(state));
    assert.throws(() => line.submit(message('9909'), []), { name: 'VendorFault' });
    assert.deepEqual(line.submit(message('9907'), ['throttled']), { taken: false, refusal: 'throttled' });
    for (const [digits, states] of [
      ['9912', ['accepted', 'sent', 'delivered']],
      ['9918', []],
    ] as const) {
      const submitted = line.submit(message(digits), []);
      assert.ok(submitted.taken);
      await line.begin(submitted.message);
      assert.deepEqual(told.splice(0), states);
    }
    await simulator.close();
  });

  it('brings what a person writes', async () => {
    const simulator = await startSimulator({ vendors: [], virtualTime: true });
    const texts: SimInbound[] = [];
    simulator.line('smpp').onInbound((text) => void texts.push(text));
    const stop = { from: '+819012345678', to: 'TEST', text: 'STOP' };
    await simulator.reply('smpp', stop);
    assert.deepEqual(texts, [stop]);
    await assert.rejects(simulator.reply('other', stop), /vendor: is none of this simulator/);
    await simulator.close();
  });
});

describe('the clock of the simulator', () => {
  it('runs by itself, and jumps ahead when told to', async () => {
    const clock = createSimClock({ virtual: false });
    const ran: number[] = [];
    const waited = new Promise<void>((resolve) => clock.at(clock.now() + 5, () => resolve(void ran.push(1))));
    clock.at(clock.now() + 3_600_000, () => void ran.push(3));
    clock.at(clock.now() + 1_800_000, () => void ran.push(2));
    const holding = setTimeout(() => {}, 5000);
    await waited;
    clearTimeout(holding);
    assert.deepEqual(ran, [1]);
    const before = clock.now();
    await clock.advance(3_600_000);
    assert.deepEqual(ran, [1, 2, 3]);
    assert.ok(clock.now() - before >= 3_600_000);
  });

  it('stands still otherwise, runs in order of time, and with it what is made due meanwhile', async () => {
    const clock = createSimClock({ virtual: true });
    const start = clock.now();
    const ran: [string, number][] = [];
    const note = (name: string) => void ran.push([name, clock.now() - start]);
    clock.at(start + 20, () => note('second'));
    clock.at(start + 10, () => {
      note('first');
      clock.at(clock.now() + 5, () => note('between'));
    });
    clock.at(start + 20, () => note('third'));
    await Promise.all([clock.advance(15), clock.advance(5)]);
    assert.deepEqual(ran, [
      ['first', 10],
      ['between', 15],
      ['second', 20],
      ['third', 20],
    ]);
    assert.equal(clock.now(), start + 20);
  });

  it('tells what failed, and goes on', async () => {
    const clock = createSimClock({ virtual: true });
    clock.at(clock.now() + 1, () => assert.fail('a mistake'));
    await assert.rejects(clock.advance(1), /a mistake/);
    await clock.advance(1);
    const told: unknown[] = [];
    const other = createSimClock({ virtual: true, onError: (error) => void told.push(error) });
    other.at(other.now(), () => assert.fail('a mistake'));
    await other.settle();
    assert.equal(told.length, 1);
  });
});
