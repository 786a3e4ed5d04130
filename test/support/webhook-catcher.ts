import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Gateway, GatewayEvent, RawWebhook } from '../../src/ports/gateway.ts';

/** Takes in what a vendor tells about single messages: address with a secret, signature, reader. */
export interface Catcher {
  urlOf(id: string): string;
  /** What was told about a message, the oldest first. */
  eventsOf(id: string): readonly GatewayEvent[];
  /** Everything that was called. */
  addresses(): readonly string[];
  close(): Promise<void>;
}

/** @param gateway Has a webhook. */
export async function startCatcher(gateway: Gateway): Promise<Catcher> {
  const token = randomBytes(24).toString('base64url');
  const told: { id: string; events: readonly GatewayEvent[] }[] = [];
  const addresses: string[] = [];
  const take = async (req: IncomingMessage): Promise<number> => {
    const url = new URL(req.url ?? '/', origin);
    addresses.push(url.href);
    const [, given, id] = url.pathname.split('/');
    if (given !== token || !id) return 404;
    const request = await rawOf(req, url);
    const context = { now: request.receivedAt, signal: AbortSignal.timeout(8000) };
    const auth = await gateway.webhook!.authenticate(request, context);
    if (auth.result === 'refused') return 403;
    const { events, reply } = await gateway.webhook!.parse(request);
    told.push({ id, events });
    return reply?.status ?? 200;
  };
  const server = createServer((req, res) => {
    take(req).then(
      (status) => res.writeHead(status).end(),
      () => res.writeHead(500).end(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    urlOf: (id) => `${origin}/${token}/${id}`,
    eventsOf: (id) => told.filter((one) => one.id === id).flatMap(({ events }) => events),
    addresses: () => addresses,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function rawOf(req: IncomingMessage, url: URL): Promise<RawWebhook> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return {
    ...{ method: req.method ?? 'GET', url, headers: { ...req.headers } },
    ...{ body: Buffer.concat(chunks), receivedAt: Date.now() },
  };
}
