import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { freePorts } from '../../support/free-ports.ts';
import { client, closeAll, gist, http, post, tcp } from './servers.ts';

afterEach(closeAll);

describe('the way out to a vendor', () => {
  it('sends method, path, query, headers and body, and brings back status, headers and body', async () => {
    const url = await http(async (req, res) => {
      let body = '';
      for await (const part of req) body += part;
      res.writeHead(201, {
        'Content-Type': 'application/json',
        'Retry-After': '7',
        'Set-Cookie': ['a=1', 'b=2'],
      });
      res.end(JSON.stringify([req.method, req.url, req.headers['x-key'], body]));
    });
    const call = post(`${url}/a/b?c=%2B`, { headers: { 'X-Key': 'k' } });
    const done = await client().call(call);
    assert.ok(done.sent === 'answered');
    assert.deepEqual(done.answer.json(), ['POST', '/a/b?c=%2B', 'k', 'to=1&text=hello']);
    assert.equal(done.answer.headers['retry-after'], '7');
    assert.equal(done.answer.headers['set-cookie'], 'a=1');
  });

  it('gives no JSON where there is none', async () => {
    const url = await http((_req, res) => res.end('{"half":'));
    const done = await client().call({ method: 'GET', url });
    assert.ok(done.sent === 'answered');
    assert.equal(done.answer.json(), undefined);
    assert.equal(done.answer.text, '{"half":');
  });

  it('follows no redirect (GWY-01, attack 19)', async () => {
    let reached = 0;
    const inside = await http((_req, res) => {
      reached += 1;
      res.end();
    });
    for (const status of [301, 302, 303, 307, 308]) {
      const url = await http((_req, res) =>
        res.writeHead(status, { Location: `${inside}/latest/meta-data/` }).end(),
      );
      assert.equal(gist(await client().call(post(url))), status);
    }
    assert.equal(reached, 0);
  });

  it('waits for the final answer after an early hint', async () => {
    const { url } = await tcp((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    assert.equal(gist(await client().call(post(url))), 200);
  });
});

describe('a call without a whole answer says what the vendor can have seen (GWY-02, lesson 22)', () => {
  it('nothing, where nobody listens', async () => {
    const url = `http://127.0.0.1:${await freePorts()}`;
    assert.deepEqual(gist(await client().call(post(url))), ['never', 'ECONNREFUSED']);
  });

  it('nothing, where the name does not exist', async () => {
    const done = await client().call(post('http://no-such-host.invalid/'));
    assert.equal(done.sent, 'never');
  });

  it('nothing, where the address or a header makes no request', async () => {
    for (const url of ['', 'no address', 'http://', 'file:///etc/passwd', 'ftp://127.0.0.1/']) {
      assert.equal((await client().call(post(url))).sent, 'never', url);
    }
    const split = post('http://127.0.0.1:1/', { headers: { 'x-id': 'a\r\nX-Evil: 1' } });
    assert.equal((await client().call(split)).sent, 'never');
  });

  it('nothing, where the time was up before', async () => {
    const { url, seen } = await tcp(() => {});
    const done = await client().call(post(url, { signal: AbortSignal.abort() }));
    assert.deepEqual([gist(done), seen.length], [['never', 'aborted'], 0]);
  });

  it('perhaps all, where the connection is reset after the request', async () => {
    const { url, seen } = await tcp((socket) => socket.resetAndDestroy());
    assert.equal((await client().call(post(url))).sent, 'maybe');
    assert.equal(seen.length, 1, 'written once');
  });

  it('perhaps all, where the connection ends without an answer', async () => {
    const { url, seen } = await tcp((socket) => socket.end());
    assert.equal((await client().call(post(url))).sent, 'maybe');
    assert.equal(seen.length, 1, 'written once');
  });

  it('perhaps all, where half of an answer comes', async () => {
    const halves = [
      'HTTP/1.1 200 OK\r\nContent-Le',
      'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"id":',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n',
      'not http at all\r\n\r\n',
    ];
    for (const half of halves) {
      const { url, seen } = await tcp((socket) => socket.end(half));
      assert.equal((await client().call(post(url))).sent, 'maybe', half);
      assert.equal(seen.length, 1, 'written once');
    }
  });

  it('perhaps all, where no answer comes in time', async () => {
    const { url } = await tcp(() => {});
    const begin = performance.now();
    assert.deepEqual(gist(await client({ totalTimeout: 150 }).call(post(url))), ['maybe', 'timeout']);
    assert.ok(performance.now() - begin < 1500);
  });

  it('perhaps all, where the answer never ends, and the time counts for it too', async () => {
    const { url } = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const timer = setInterval(() => socket.write('1\r\nx\r\n'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    const begin = performance.now();
    assert.deepEqual(gist(await client({ totalTimeout: 200 }).call(post(url))), ['maybe', 'timeout']);
    assert.ok(performance.now() - begin < 1500);
  });

  it('perhaps all, where the answer is larger than 256 KiB, and the rest is not read', async () => {
    for (const [size, expected] of [
      [262_144, 200],
      [262_145, ['maybe', 'answer_too_large']],
    ] as const) {
      const url = await http((_req, res) => res.end('x'.repeat(size)));
      assert.deepEqual(gist(await client().call(post(url))), expected);
    }
  });

  it('perhaps all, where the caller gives up while it waits', async () => {
    const abort = new AbortController();
    const { url } = await tcp(() => abort.abort());
    assert.deepEqual(gist(await client().call(post(url, { signal: abort.signal }))), ['maybe', 'aborted']);
  });

  it('calls the time of the caller a timeout as well', async () => {
    const { url } = await tcp(() => {});
    const done = await client().call(post(url, { signal: AbortSignal.timeout(50) }));
    assert.deepEqual(gist(done), ['maybe', 'timeout']);
  });
});
