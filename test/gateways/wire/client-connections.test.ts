import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { client, closeAll, gist, post, tcp } from './servers.ts';

afterEach(closeAll);

describe('connections of the way out', () => {
  it('are used again; one that breaks then is not tried on another, because a message may have left (lesson 22)', async () => {
    const { url, seen } = await tcp((socket) => {
      if (seen.length === 1)
        socket.write('HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n');
      else socket.resetAndDestroy();
    });
    const one = client();
    assert.equal(gist(await one.call(post(url))), 200);
    assert.equal((await one.call(post(url))).sent, 'maybe');
    assert.equal(seen.length, 2);
  });

  it('that the vendor closed while they were idle are not used', async () => {
    const { url, seen } = await tcp((socket) => {
      socket.end('HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n');
      socket.on('close', () => gone());
    });
    let gone = () => {};
    const closed = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const one = client();
    assert.equal(gist(await one.call(post(url))), 200);
    await closed;
    assert.equal(gist(await one.call(post(url))), 200);
    assert.equal(seen.length, 2);
  });

  it('a call that waits for one and runs out of time was never sent, not even afterwards', async () => {
    const held: Socket[] = [];
    const { url, seen } = await tcp((socket) => void held.push(socket));
    const one = client({ connections: 2 });
    const busy = Array.from({ length: 2 }, () => one.call(post(url)));
    while (held.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const waiting = one.call(post(url, { body: 'late', signal: AbortSignal.timeout(50) }));
    assert.deepEqual(gist(await waiting), ['never', 'timeout']);
    for (const socket of held) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    for (const done of await Promise.all(busy)) assert.equal(gist(done), 200);
    await one.close();
    assert.ok(!seen.some((text) => text.includes('late')));
  });

  it('are enough for as many calls as may be under way: none waits here, with its time running (fault H.5)', async () => {
    const held: Socket[] = [];
    const { url } = await tcp((socket) => void held.push(socket));
    const one = client();
    const calls = Array.from({ length: 300 }, () => one.call(post(url)));
    while (held.length < 300) await new Promise((resolve) => setImmediate(resolve));
    for (const socket of held) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    for (const done of await Promise.all(calls)) assert.equal(gist(done), 200);
  });

  it('end with the client, which can be closed twice and then sends nothing', async () => {
    const { url, seen } = await tcp((socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    const one = client();
    await one.call(post(url));
    await Promise.all([one.close(), one.close()]);
    assert.equal((await one.call(post(url))).sent, 'never');
    assert.equal(seen.length, 1);
  });
});
