import { once } from 'node:events';
import { createServer, type RequestListener, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { LOCAL_CERTIFICATE, LOCAL_KEY } from './tls.ts';

/** Any host name leads to this computer, so that a test has several sites; see `launchBrowser`. */
export const EVERY_NAME_HERE = '--host-resolver-rules=MAP * 127.0.0.1';

/** Sites of several names at one port over TLS and at another one without. */
export interface Sites {
  /** The origin of a name such as `login.example.test`. */
  https(name: string): string;
  http(name: string): string;
  /** Answers for a name, over both. */
  answer(name: string, listener: RequestListener): void;
  close(): void;
}

export async function startSites(): Promise<Sites> {
  const listeners = new Map<string, RequestListener>();
  const listen: RequestListener = (req, res) => {
    const listener = listeners.get(new URL(`http://${req.headers.host}`).hostname);
    if (listener) listener(req, res);
    else res.writeHead(404).end();
  };
  const servers = [
    createTlsServer({ key: LOCAL_KEY, cert: LOCAL_CERTIFICATE }, listen),
    createServer(listen),
  ] as const;
  const [tls = 0, plain = 0] = await Promise.all(
    servers.map(async (server) => {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return (server.address() as AddressInfo).port;
    }),
  );
  return {
    https: (name) => `https://${name}:${tls}`,
    http: (name) => `http://${name}:${plain}`,
    answer: (name, listener) => void listeners.set(name, listener),
    close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

/** What stands in front of a server and speaks TLS for it. */
export function forwardTo(address: string): RequestListener {
  const { hostname, port } = new URL(address);
  return (req, res) => {
    const headers = { ...req.headers, 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' };
    const onwards = request({ hostname, port, path: req.url, method: req.method, headers }, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    onwards.on('error', () => res.destroy());
    req.pipe(onwards);
  };
}
