import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, type IncomingMessage, type RequestListener, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { parseConfig } from '../../src/server/config.ts';
import { assertPortFree, type Door, openDoor } from '../../src/server/door.ts';
import { startServer } from '../../src/server/server.ts';
import { freePorts } from '../support/free-ports.ts';
import { writePlugin } from '../support/test-server.ts';

const HOST = '127.0.0.1';
const silent = { info() {}, warn() {}, error() {} };

/** Tries to connect once. */
const isOpen = async (port: number): Promise<boolean> => {
  const socket = connect(port, HOST);
  const open = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return open;
};

function get(port: number, agent: Agent | undefined, path = '/'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: HOST, port, path, ...(agent ? { agent } : {}) }, (res) => {
      res.resume();
      res.once('end', () => resolve(res)).once('error', reject);
    });
    asked.once('error', reject).end();
  });
}

describe('a port before there is an answer (fault H.4)', () => {
  it('refuses connections until the server is ready: nobody is sent away by a node that starts', async (test) => {
    const folder = await mkdtemp(join(tmpdir(), 'door-'));
    test.after(() => rm(folder, { recursive: true }));
    const sqlite = new URL('../../src/stores/sqlite.ts', import.meta.url).href;
    const code = `import { openSqliteStore } from ${JSON.stringify(sqlite)};
      export async function openSlow() {
        globalThis.opening();
        await globalThis.mayOpen;
        return openSqliteStore({ file: ':memory:' });
      }`;
    await writePlugin(
      folder,
      'slow',
      { stores: [{ name: 'slow', module: './part', export: 'openSlow' }] },
      code,
    );
    const [opening, mayOpen] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    Object.assign(globalThis, { opening: opening.resolve, mayOpen: mayOpen.promise });
    const port = await freePorts();
    const input = {
      ...{ issuer: `http://localhost:${port}`, port, gateway: { type: 'handset' }, countries: ['JP'] },
      ...{ plugins: ['./slow'], store: { type: 'slow' } },
    };
    const config = parseConfig(input, { folder, production: false });
    const starting = startServer(config, { log: silent });
    await opening.promise;
    for (let at = 0; at < 20; at += 1) assert.equal(await isOpen(port), false);
    mayOpen.resolve();
    const server = await starting;
    assert.equal((await get(port, undefined, '/ready')).statusCode, 200);
    await server.close();
  });

  it('is looked at first, so that one that is taken is told before anything is opened', async () => {
    const port = await freePorts();
    await assertPortFree(HOST, port);
    await assertPortFree(HOST, 0);
    const other = createServer().listen(port, '0.0.0.0');
    await once(other, 'listening');
    for (const host of [HOST, '0.0.0.0', 'localhost'])
      await assert.rejects(assertPortFree(host, port), /port: \d+ is in use by another process/);
    other.close();
  });
});

describe('the end of a server under load (fault H.6)', () => {
  async function open(test: TestContext, listener: RequestListener): Promise<Door> {
    const door = await openDoor(HOST, 0, listener);
    test.after(() => door.close());
    return door;
  }

  it('resets nobody while it drains: connections that are kept get one more answer, and it is their last', async (test) => {
    const door = await open(test, (_req, res) => void setTimeout(() => res.end('x'), 2));
    const agent = new Agent({ keepAlive: true });
    let [stopping, movedOn] = [false, false];
    const counts = { answered: 0, lastOfConnection: 0 };
    const failures: unknown[] = [];
    const ask = async () => {
      const { headers } = await get(door.port, agent);
      counts.answered += 1;
      if (stopping && headers.connection === 'close') counts.lastOfConnection += 1;
    };
    const client = async (every: number) => {
      for (; !movedOn; await pause(every)) await ask().catch((error) => failures.push(error));
    };
    const clients = Promise.all(Array.from({ length: 8 }, (_, at) => client(at * 5)));
    while (counts.answered < 100) await pause(5);
    stopping = true;
    const closed = door.close(300);
    await pause(200); // until a balancer that asks /ready has noticed
    movedOn = true;
    await Promise.all([clients, closed]);
    assert.deepEqual(failures, []);
    assert.ok(counts.lastOfConnection >= 8, `${counts.lastOfConnection}`);
    agent.destroy();
  });

  it('ends what streams, closes what is idle, and waits for what is under way', async (test) => {
    const finish = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const door = await open(test, (req, res) => {
      if (req.url === '/stream') {
        res.setHeader('content-type', 'text/event-stream');
        res.write('data: 1\n\n');
        return;
      }
      begun.resolve();
      void finish.promise.then(() => res.end('done'));
    });
    const agent = new Agent({ keepAlive: true });
    const idle = connect(door.port, HOST).resume();
    await once(idle, 'connect');
    const ended = once(idle, 'close');
    const stream = get(door.port, agent, '/stream');
    const slow = get(door.port, agent, '/slow');
    await begun.promise;
    let closed = false;
    const closing = door.close(20).then(() => {
      closed = true;
    });
    assert.equal((await stream).statusCode, 200);
    await ended;
    assert.equal(closed, false);
    finish.resolve();
    assert.equal((await slow).headers.connection, 'close');
    await closing;
    assert.equal(await isOpen(door.port), false);
    agent.destroy();
  });
});
