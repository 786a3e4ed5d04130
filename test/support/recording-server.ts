import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What was asked. */
export interface Recorded {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** `reset`: the connection breaks after the request came. `silence`: nothing comes. */
export type CannedAnswer =
  | { status: number; body: string; headers?: Record<string, string> }
  | 'reset'
  | 'silence';

/** An HTTP server that keeps what it is asked, and answers what it is told to. */
export interface TestServer {
  url: string;
  /** From now on. */
  answer(answer: CannedAnswer): void;
  /** Everything since the last time, the oldest first. */
  take(): Recorded[];
  close(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  let canned: CannedAnswer = { status: 200, body: '{}' };
  const recorded: Recorded[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const { method = '', url: path = '', headers } = req;
      recorded.push({ method, path, headers, body: Buffer.concat(chunks).toString('utf8') });
      if (canned === 'reset') req.socket.resetAndDestroy();
      else if (canned !== 'silence') res.writeHead(canned.status, canned.headers).end(canned.body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer(answer) {
      canned = answer;
    },
    take: () => recorded.splice(0),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
