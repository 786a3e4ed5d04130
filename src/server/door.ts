import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, Server as NetServer, type Socket } from 'node:net';
import { setTimeout as pause, setImmediate } from 'node:timers/promises';
import { ConfigurationError } from '../errors.ts';

/** How long requests under way may take once nothing new is taken (OPS-04). */
const FINISH_MS = 10_000;
/** A request may be on its way over a connection that was opened at the last moment. */
const LAST_REQUESTS_MS = 250;
/** A listener that does not answer by then is none that a test would find. */
const PROBE_MS = 1000;

/** The listening socket. */
export interface Door {
  /** The port it got. */
  port: number;
  /**
   * Takes no more requests, lets those under way finish for at most 10 seconds, and cuts off the rest.
   *
   * @param drain Milliseconds in which requests are still taken, each as the last one of its connection, so that whoever
   *   stands in front moves on without losing one (fault H.6).
   */
  close(drain?: number): Promise<void>;
}

/**
 * Looks whether somebody listens there, before anything else is opened. It does not listen itself: a connection that is
 * taken before there is an answer is a request that is lost (fault H.4).
 *
 * @throws ConfigurationError
 */
export async function assertPortFree(host: string, port: number): Promise<void> {
  if (port === 0) return;
  const target = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host;
  const taken = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: target, port, timeout: PROBE_MS });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
  if (taken) throw explain({ code: 'EADDRINUSE' }, host, port);
}

/** Listens, and answers. @throws ConfigurationError when the port cannot be had. */
export async function openDoor(host: string, port: number, listener: RequestListener): Promise<Door> {
  const answering = new Set<ServerResponse>();
  /** Connections without a request so far, such as browsers open in advance. */
  const unused = new Set<Socket>();
  let closing = false;
  const server = createServer(TIMES, (req, res) => {
    unused.delete(req.socket);
    answering.add(res);
    res.once('close', () => answering.delete(res));
    if (closing) res.shouldKeepAlive = false;
    listener(req, res);
  });
  server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  await listen(server, host, port);
  const hurryAll = () => {
    for (const res of answering) hurry(res);
  };
  return {
    port: (server.address() as AddressInfo).port,
    async close(drain = 0) {
      closing = true;
      hurryAll();
      if (drain > 0) await pause(drain);
      hurryAll();
      await shut(server, unused, drain > 0);
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

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
    server.listen(port, host, resolve);
  });
}

function explain(error: { code?: string }, host: string, port: number): Error {
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

async function shut(server: Server, unused: ReadonlySet<Socket>, drained: boolean): Promise<void> {
  // Right after the loop has accepted whatever was waiting: what waits when it closes is reset.
  await setImmediate();
  // Not the method of HTTP: it also closes connections over which a request may just be on its way.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  if (drained) await Promise.race([closed, pause(LAST_REQUESTS_MS)]);
  const closeIdle = () => {
    server.closeIdleConnections();
    for (const socket of unused) socket.destroy();
  };
  closeIdle();
  const idle = setInterval(closeIdle, 50);
  const end = setTimeout(() => server.closeAllConnections(), FINISH_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(end);
  server.close(); // ends its timer that looks after slow requests
}
