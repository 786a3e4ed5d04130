import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  createStreams,
  type Sight,
  STREAM_LIMITS,
  type StreamLimits,
  type Streams,
} from '../../src/pages/streams.ts';
import { readEvents } from '../support/event-stream.ts';

const QUICK: StreamLimits = { ...STREAM_LIMITS, pace: 5, slow: 5 };
const sight = (state: string, own: Partial<Sight> = {}): Sight => ({
  news: { state },
  final: false,
  done: false,
  ...own,
});

describe('streams of news', () => {
  let server: Server;
  let streams: Streams;
  /** What is to be seen by now, and how often somebody looked. */
  let now: Sight | undefined | Error;
  let looks: number;

  async function serve(limits: Partial<StreamLimits> = {}) {
    streams = createStreams({ ...QUICK, ...limits });
    server = createServer((req, res) => {
      const look = async () => {
        looks += 1;
        if (now instanceof Error) throw now;
        return now;
      };
      if (streams.open(req, res, req.url!, now as Sight, look)) return;
      res.statusCode = 503;
      res.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const get = (owner = 'a') => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${owner}`);
  const open = async (owner?: string) => readEvents(await get(owner));

  beforeEach(() => {
    now = sight('sending');
    looks = 0;
  });
  afterEach(async () => {
    streams.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('tell what there is at once, and then only what changed', async () => {
    await serve();
    const stream = await open();
    assert.deepEqual(await stream.news(), { state: 'sending' });
    const seen = looks;
    while (looks < seen + 5) await new Promise((resolve) => setImmediate(resolve));
    now = sight('sent');
    assert.deepEqual(await stream.news(), { state: 'sent' }, 'five looks found nothing to tell');
  });

  it('say that no more is coming when all is well, or nothing is awaited any more', async () => {
    await serve();
    for (const last of [sight('delivered', { final: true, done: true }), undefined]) {
      now = sight('sent');
      const stream = await open();
      await stream.news();
      now = last;
      const rest = await stream.rest();
      assert.equal(rest.at(-1)!.event, 'end');
    }
  });

  it('wait a little after a failure for what follows it, and no longer', async () => {
    await serve({ linger: 150 });
    const stream = await open();
    await stream.news();
    now = sight('undelivered', { final: true });
    assert.deepEqual(await stream.news(), { state: 'undelivered' });
    now = sight('calling');
    assert.deepEqual(await stream.news(), { state: 'calling' });
    now = sight('busy', { final: true });
    assert.deepEqual(
      (await stream.rest()).map(({ event, data }) => `${event} ${data}`),
      ['message {"state":"busy"}', 'end {}'],
    );
  });

  it('are buffered and kept by nobody on the way', async () => {
    await serve();
    const { headers, status } = await get();
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/event-stream; charset=utf-8');
    assert.equal(headers.get('cache-control'), 'no-store, no-transform');
    assert.equal(headers.get('x-accel-buffering'), 'no');
  });

  it('show that they live when there is nothing to tell', async () => {
    await serve({ beat: 20 });
    const stream = await open();
    await stream.news();
    assert.equal((await stream.next())?.comment, 'still here');
    assert.equal((await stream.next())?.comment, 'still here');
  });

  it('are at most three for one page and so many for all, and a place is free when a browser goes', async () => {
    await serve({ perProcess: 4 });
    const mine = await Promise.all([open(), open(), open()]);
    assert.equal((await get()).status, 503, 'a fourth of one page');
    const other = await open('b');
    assert.equal((await get('c')).status, 503, 'a fifth of all');
    await mine[0]!.close();
    while ((await get('c')).status === 503) await new Promise((resolve) => setImmediate(resolve));
    await other.close();
  });

  it('look at the store no more often than they may, and not at all once nobody listens', async () => {
    await serve({ pace: 40 });
    const begun = performance.now();
    const stream = await open();
    while (looks < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.ok(performance.now() - begun >= 110, 'three looks take three pauses');
    await stream.close();
    await new Promise((resolve) => setTimeout(resolve, 60));
    const left = looks;
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.equal(looks, left);
  });

  it('end after a while without a last word, so that the browser comes again and is checked anew', async () => {
    await serve({ longest: 30 });
    const stream = await open();
    await stream.news();
    assert.deepEqual(await stream.rest(), []);
  });

  it('end when the store fails, and leave it to the page to find out', async () => {
    await serve();
    const stream = await open();
    await stream.news();
    now = new Error('no store');
    assert.deepEqual(await stream.rest(), []);
  });

  it('keep no server from closing, whether it knows of them or not', async () => {
    await serve();
    const stream = await open();
    await stream.news();
    server.close();
    assert.deepEqual(await stream.rest(), [], 'the stream sees that its server no longer listens');
    await serve();
    const other = await open();
    await other.news();
    streams.close();
    assert.deepEqual(await other.rest(), []);
    assert.equal((await get()).status, 503, 'and none is opened any more');
  });
});
