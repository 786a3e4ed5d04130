import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { benchFor } from './bench.ts';
import { createTestVendor } from './test-vendor.ts';

const bench = benchFor();
const told = () => bench.simulator.callbacks().map(({ status, problem }) => problem ?? status);

describe('webhooks of the simulator', () => {
  it('are recorded with what the receiver answered', async () => {
    await bench.send('1234');
    await bench.simulator.settle();
    const [first] = bench.simulator.callbacks();
    assert.equal(first!.vendor, 'test');
    assert.equal(first!.url, `${bench.catcher.url}/hook`);
    assert.deepEqual([first!.status, first!.body], [200, bench.catcher.caught[0]!.body]);
  });

  it('come again when the receiver fails, three times at most, the same to the byte', async () => {
    bench.catcher.answers.push(...Array(20).fill(503));
    await bench.send('9917');
    await bench.simulator.settle();
    assert.deepEqual(told(), [503]);
    await bench.simulator.advance(4999);
    assert.deepEqual(told(), [503, 503], 'sent is told in between');
    await bench.simulator.advance(1);
    assert.equal(told().length, 3);
    await bench.simulator.advance(59_999);
    assert.equal(told().length, 4);
    await bench.simulator.advance(600_000);
    const accepted = bench.catcher.caught.filter(({ json }) => json['state'] === 'accepted');
    const sent = bench.catcher.caught.filter(({ json }) => json['state'] === 'sent');
    assert.equal(new Set(accepted.map(({ body }) => body)).size, 1);
    assert.deepEqual([accepted.length, sent.length, bench.catcher.caught.length], [3, 3, 6]);
  });

  it('do not come again when the receiver refuses them', async () => {
    bench.catcher.answers.push(403, 404, 302);
    await bench.send('1234');
    await bench.simulator.advance(3_600_000);
    assert.deepEqual(told(), [403, 404, 302]);
  });

  it('name what is wrong where nobody listens', async () => {
    await bench.send('1234', { callback: 'http://127.0.0.1:1/hook' });
    await bench.simulator.settle();
    assert.deepEqual(told(), ['ECONNREFUSED']);
  });

  it('go to this machine only, whatever a request names (attack 12)', async () => {
    const targets = [
      'http://169.254.169.254/latest/meta-data',
      'http://10.0.0.1/',
      'http://192.168.1.1:8080/',
      'http://example.com/',
      'http://127.0.0.1.example.com/',
      'http://localhost.example.com/',
      'http://0.0.0.0:1/',
      'http://[::ffff:10.0.0.1]/',
      'http://user:secret@127.0.0.1:1/',
      'file:///etc/passwd',
      'gopher://127.0.0.1:1/',
      'no address',
    ];
    for (const callback of targets) await bench.send('9917', { callback });
    await bench.simulator.advance(100_000);
    assert.deepEqual(new Set(told()), new Set(['refused target']));
    assert.equal(told().length, 2 * targets.length, 'and never again');
    bench.simulator.clear();
    await bench.send('1234', { channel: 'voice', answerUrl: 'http://10.0.0.1/' });
    await bench.simulator.advance(60_000);
    assert.deepEqual(bench.simulator.messages()[0]!.heard, ['482913', '(502)']);
  });

  it('go where the settings allow it, and to every name of this machine', async () => {
    // Names that resolve nowhere (RFC 6761): the attempt is what shows.
    const simulator = await startSimulator({
      vendors: [createTestVendor()],
      allowTargets: ['One.invalid'],
      webhooks: { test: 'http://two.invalid/hook' },
      virtualTime: true,
    });
    const port = new URL(bench.catcher.url).port;
    for (const callback of [
      'http://one.invalid/',
      'http://two.invalid/',
      'http://three.invalid/',
      `http://localhost:${port}/`,
      'http://[::1]:1/',
    ]) {
      await fetch(`${simulator.vendorUrl('test')}/send`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ to: '+819012345678', text: 'x', callback }),
      });
      await simulator.settle();
    }
    const results = simulator.callbacks().map(({ status, problem }) => problem ?? status);
    assert.deepEqual(results.slice(2, 4), ['refused target', 200]);
    for (const place of [0, 1, 4]) assert.notEqual(results[place], 'refused target', String(place));
    await simulator.close();
  });

  it('do not go to this machine where others reach the simulator, unless that is allowed (attack 12)', async () => {
    const told = async (settings: object, callback: string) => {
      const vendors = [createTestVendor()];
      const simulator = await startSimulator({ vendors, host: '0.0.0.0', virtualTime: true, ...settings });
      const { port } = new URL(simulator.url);
      await fetch(`http://127.0.0.1:${port}/test/send`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ to: '+819012345678', text: 'x', callback }),
      });
      await simulator.settle();
      const [made] = simulator.callbacks();
      await simulator.close();
      return made?.problem ?? made?.status;
    };
    const { url } = bench.catcher;
    for (const callback of [
      url,
      url.replace('127.0.0.1', 'localhost'),
      'http://127.8.8.8/',
      'http://[::1]:1/',
    ])
      assert.equal(await told({}, callback), 'refused target', callback);
    assert.equal(await told({ allowTargets: ['127.0.0.1'] }, url), 200);
    assert.equal(await told({ webhooks: { test: url } }, url), 200);
  });

  it('use the address of the vendor where the message names none', async () => {
    const webhook = `${bench.catcher.url}/all`;
    const settings = { vendors: [createTestVendor()], webhooks: { test: webhook }, virtualTime: true };
    const simulator = await startSimulator(settings);
    await fetch(`${simulator.vendorUrl('test')}/send`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ to: '+819012345678', text: 'x' }),
    });
    await simulator.settle();
    await simulator.reply('test', { from: '+819012345678', to: 'TEST', text: 'STOP' });
    const [receipt, stop] = bench.catcher.caught;
    assert.deepEqual([receipt!.path, stop!.path, stop!.signature], ['/all', '/all', 'right']);
    assert.deepEqual(stop!.json, { from: '+819012345678', to: 'TEST', text: 'STOP' });
    await simulator.close();
  });

  it('stop when it is cleared', async () => {
    let answer = (_: number) => {};
    bench.catcher.answers.push(
      new Promise<number>((resolve) => {
        answer = resolve;
      }),
    );
    await bench.send('1234');
    await bench.catcher.next();
    bench.simulator.clear();
    answer(500);
    await bench.simulator.settle();
    await bench.simulator.advance(3_600_000);
    assert.equal(bench.catcher.caught.length, 1);
    assert.deepEqual([bench.simulator.callbacks(), bench.simulator.messages()], [[], []]);
  });
});
