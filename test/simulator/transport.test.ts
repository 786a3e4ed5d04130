import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { outcomeOf } from '../../src/gateways/wire/outcome.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { benchFor } from './bench.ts';
import { createTestVendor } from './test-vendor.ts';

const bench = benchFor();
const outcome = async (digits: string) =>
  outcomeOf(await bench.send(digits), (answer) => {
    const { id } = answer.json() as { id: string };
    return { outcome: 'accepted', vendorId: id };
  });

describe('faults of the transport, as the HTTP client of the gateways sees them', () => {
  it('takes the message, delivers it, and resets the connection: ambiguous (GWY-02, lesson 22)', async () => {
    assert.deepEqual(await bench.send('9908'), { sent: 'maybe', code: 'ECONNRESET' });
    await bench.simulator.advance(2000);
    assert.equal(bench.simulator.messages()[0]!.state, 'delivered');
    assert.deepEqual(bench.catcher.states(), ['accepted', 'sent', 'delivered']);
  });

  it('answers HTTP 500 and takes nothing', async () => {
    const sent = await bench.send('9909');
    assert.ok(sent.sent === 'answered' && sent.answer.status === 500);
    await bench.simulator.advance(60_000);
    assert.deepEqual([bench.simulator.messages(), bench.catcher.caught], [[], []]);
  });

  it('breaks JSON off in the middle, and delivers: ambiguous (GWY-02)', async () => {
    const sent = await bench.send('9910');
    assert.ok(sent.sent === 'answered' && sent.answer.status === 200);
    assert.match(sent.answer.text, /^\{"id/);
    assert.equal(sent.answer.json(), undefined);
    assert.equal((await outcome('9910')).outcome, 'ambiguous');
    await bench.simulator.advance(2000);
    assert.deepEqual(
      bench.simulator.messages().map(({ state }) => state),
      ['delivered', 'delivered'],
    );
  });

  it('breaks the connection where half of a text might make sense', async () => {
    const vendor = createTestVendor();
    const plain = { ...vendor, vendor: 'plain' };
    plain.answer = async (request, network) => {
      const { status } = await vendor.answer(request, network);
      return { status, body: '0: Accepted for delivery' };
    };
    const simulator = await startSimulator({ vendors: [plain], virtualTime: true });
    const sent = await bench.client.call({
      method: 'POST',
      url: `${simulator.vendorUrl('plain')}/send`,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ to: '+819012349910', text: '482913' }),
    });
    assert.equal(sent.sent, 'maybe');
    assert.equal(simulator.messages().length, 1);
    await simulator.close();
  });

  it('answers after 30 seconds, and delivers long before', async () => {
    const slow = bench.send('9911');
    await untilTaken();
    await bench.simulator.advance(29_999);
    assert.deepEqual(bench.catcher.states(), ['accepted', 'sent', 'delivered']);
    await bench.simulator.advance(1);
    const sent = await slow;
    assert.ok(sent.sent === 'answered' && sent.answer.status === 200);
  });

  it('ends what waits for a slow answer when it is cleared', async () => {
    const slow = bench.send('9911');
    await untilTaken();
    bench.simulator.clear();
    const sent = await slow;
    assert.ok(
      sent.sent === 'maybe' && sent.code !== 'TimeoutError' && sent.code !== 'timeout',
      JSON.stringify(sent),
    );
  });

  it('posts the receipt before it answers', async () => {
    const sent = await bench.send('9912');
    assert.ok(sent.sent === 'answered' && sent.answer.status === 200);
    assert.deepEqual(bench.catcher.states(), ['accepted', 'sent', 'delivered']);
  });
});

describe('requests that make no sense', () => {
  it('answers with what is wrong and what to do', async () => {
    const call = async (path: string, init?: RequestInit) => {
      const answer = await fetch(bench.simulator.url + path, init);
      return { status: answer.status, ...((await answer.json()) as { error: string; fix: string }) };
    };
    const unknown = await call('/nobody/send');
    assert.equal(unknown.status, 404);
    assert.match(`${unknown.error} ${unknown.fix}`, /there is no vendor "nobody" Use one of test/);
    const large = await call('/test/send', { method: 'POST', body: 'x'.repeat(2_000_000) });
    assert.deepEqual([large.status, large.fix], [413, 'Send less']);
  });

  it('serves no name that was made to point here (attack 12)', async () => {
    const status = async (host: string) => {
      const asked = get(bench.simulator.url, { headers: { host } });
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      answer.resume();
      return answer.statusCode;
    };
    assert.equal(await status('login.example'), 403);
    assert.equal(await status('localhost.login.example:4010'), 403);
    for (const host of ['localhost:4010', '127.0.0.1', '[::1]:80'])
      assert.equal(await status(host), 200, host);
  });

  it('serves no page of another site (attack 12)', async () => {
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
      for (const path of ['/_sim/messages', '/test/send']) {
        assert.equal((await fetch(bench.simulator.url + path, { headers })).status, 403, path);
      }
    }
  });

  it('shrugs off a request that breaks off, and goes on', async () => {
    const { port } = new URL(bench.simulator.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST /test/send HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"to":');
    await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
    const sent = await bench.send('1234');
    assert.equal(sent.sent, 'answered');
    await bench.simulator.settle();
  });

  it('says that a stand-in failed, to the sender and to the test', async () => {
    const broken = { ...createTestVendor(), answer: () => assert.fail('a mistake') };
    const simulator = await startSimulator({ vendors: [broken], virtualTime: true });
    const answer = await fetch(`${simulator.vendorUrl('test')}/send`);
    assert.equal(answer.status, 500);
    assert.match(await answer.text(), /the stand-in failed: a mistake/);
    await assert.rejects(simulator.settle(), /a mistake/);
    await simulator.close();
  });
});

/** The request has no answer to wait for, so what it does is waited for. */
async function untilTaken(): Promise<void> {
  for (let round = 0; bench.simulator.messages().length === 0; round += 1) {
    assert.ok(round < 400, 'the message is taken');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
