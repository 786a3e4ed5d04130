import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What stands in front of the nodes: it keeps connections, asks `/ready` every 200 ms, and moves on to the next node where a
 * connection is refused. A request that a node did not answer is a 502, as with any proxy that must not send it twice.
 */
export interface Balancer {
  url: string;
  port: number;
  /** Requests that a node took and did not answer. */
  unanswered: number;
  close(): Promise<void>;
}

const READY_INTERVAL_MS = 200;
/** As proxies do, it waits so long for an answer. */
const ANSWER_MS = 20_000;

export async function startBalancer(ports: () => readonly number[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const unready = new Set<number>();
  let turn = 0;
  const server = createServer({ keepAliveTimeout: 65_000 }, (req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => void pass(req, res, Buffer.concat(chunks)));
  });
  const pass = async (req: IncomingMessage, res: ServerResponse, body: Buffer) => {
    turn += 1;
    const all = ports();
    const inTurn = all.map((_, at) => all[(turn + at) % all.length]!);
    const order = [
      ...inTurn.filter((port) => !unready.has(port)),
      ...inTurn.filter((port) => unready.has(port)),
    ];
    for (const port of order) {
      const outcome = await forward(agent, port, req, res, body);
      if (outcome === 'answered') return;
      if (outcome === 'lost') {
        balancer.unanswered += 1;
        break;
      }
    }
    if (res.headersSent) return res.destroy(); // half an answer must not keep anybody waiting for the rest
    res.writeHead(502, { 'content-type': 'text/plain' });
    res.end('no node answered\n');
  };
  const looking = setInterval(() => {
    for (const port of ports())
      void isReady(port).then((ready) => (ready ? unready.delete(port) : unready.add(port)));
  }, READY_INTERVAL_MS);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const balancer: Balancer = {
    ...{ port, url: `http://localhost:${port}`, unanswered: 0 },
    async close() {
      clearInterval(looking);
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return balancer;
}

function forward(
  agent: Agent,
  port: number,
  req: IncomingMessage,
  res: ServerResponse,
  body: Buffer,
): Promise<'answered' | 'refused' | 'lost'> {
  const { method, url: path, headers } = req;
  return new Promise((resolve) => {
    const asked = request({ agent, host: '127.0.0.1', port, method, path, headers }, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
      answer.once('error', () => resolve('lost'));
      answer.once('end', () => resolve('answered'));
    });
    asked.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'lost'),
    );
    asked.setTimeout(ANSWER_MS, () => asked.destroy(new Error('no answer')));
    asked.end(body);
  });
}

const isReady = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(2000) }).then(
    (response) => response.ok,
    () => false,
  );
