import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createHttpClient, type HttpCall, type Transported } from '../../../src/gateways/wire/client.ts';

const closing: (() => unknown)[] = [];
/** Closes the servers and clients of a test. */
export async function closeAll(): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

async function started(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers nothing by itself; `onRequest` runs when the first bytes of a request are there. */
export async function tcp(
  onRequest: (socket: Socket, text: string) => void,
): Promise<{ url: string; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (text: string) => {
      seen.push(text);
      onRequest(socket, text);
    });
  });
  return { url: await started(server), seen };
}
/** A server that speaks HTTP. */
export const http = (listener: RequestListener) => started(createHttpServer(listener));

/** A client that may talk to this machine, and gives up after two seconds. */
export function client(settings: Parameters<typeof createHttpClient>[0] = {}) {
  const made = createHttpClient({ insecure: true, totalTimeout: 2000, ...settings });
  closing.push(() => made.close());
  return made;
}
export const post = (url: string, more: Partial<HttpCall> = {}): HttpCall => ({
  ...{ method: 'POST', url, body: 'to=1&text=hello' },
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  ...more,
});
/** The status, or why there is none. */
export const gist = (transported: Transported) =>
  transported.sent === 'answered' ? transported.answer.status : [transported.sent, transported.code];
