import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigurationError } from '../errors.ts';

/** How long requests under way may take after the server was told to stop (OPS-04). */
const LAST_MINUTE = 10_000;

/** The listening socket, taken before anything else is opened. */
export interface Door {
  /** The port it got. */
  port: number;
  /** Until this is called every request is answered with 503. */
  open(listener: RequestListener): void;
  /** Takes no more requests, lets those under way finish for at most 10 seconds, and cuts off the rest. */
  close(): Promise<void>;
}

/** @throws ConfigurationError when the port cannot be had. */
export async function takeDoor(host: string, port: number): Promise<Door> {
  const answering = new Set<ServerResponse>();
  let closing = false;
  let listener: RequestListener = comeBack;
  const server = createServer(TIMES, (req, res) => {
    answering.add(res);
    res.once('close', () => answering.delete(res));
    if (closing) res.shouldKeepAlive = false;
    listener(req, res);
  });
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    open(opened) {
      listener = opened;
    },
    async close() {
      closing = true;
      for (const res of answering) hurry(res);
      await shut(server);
    },
  };
}

/** Milliseconds. Proxies keep connections for 60 seconds, so ours live longer: the proxy is the one to close them. */
const TIMES = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5000,
};

const comeBack: RequestListener = (_req, res) => {
  res.writeHead(503, { 'Retry-After': '1', 'Cache-Control': 'no-store', 'Content-Type': 'text/plain' });
  res.end('Starting\n');
};

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Record<string, [field: string, reason: string, fix: string]> = {
    EADDRINUSE: ['port', `${port} is in use by another process`, 'Stop that process, or choose another port'],
    EACCES: ['port', `${port} may not be used by this user`, 'Choose a port above 1023'],
    EADDRNOTAVAIL: [
      'host',
      `${host} is no address of this computer`,
      'Use 127.0.0.1, or 0.0.0.0 for all addresses',
    ],
    ENOTFOUND: [
      'host',
      `${host} is no address of this computer`,
      'Use 127.0.0.1, or 0.0.0.0 for all addresses',
    ],
  };
  const [field, reason, fix] = reasons[error.code ?? ''] ?? [
    'port',
    `cannot be used (${error.code})`,
    'Choose another one',
  ];
  return new ConfigurationError([{ field, reason, fix }]);
}

/** An answer under way is the last on its connection; one that streams news would go on for ever. */
function hurry(res: ServerResponse): void {
  if (!res.headersSent) res.shouldKeepAlive = false;
  else if (String(res.getHeader('Content-Type')).startsWith('text/event-stream')) res.end();
}

async function shut(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const end = setTimeout(() => server.closeAllConnections(), LAST_MINUTE);
  await closed;
  clearInterval(idle);
  clearTimeout(end);
}
