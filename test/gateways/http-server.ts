import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  OutboundMessage,
  RawWebhook,
  SentMessage,
  Webhook,
  WebhookAuth,
} from '../../src/ports/gateway.ts';

/** What a gateway sent. */
export interface Received {
  method: string;
  url: URL;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** A vendor that answers what it is told to, and keeps what it got. */
export interface Server {
  url: string;
  received: Received[];
  reply: { status: number; headers?: Record<string, string>; body?: string };
  close(): Promise<void>;
}

export async function startServer(): Promise<Server> {
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const { method = '', headers } = req;
    const body = Buffer.concat(chunks).toString('utf8');
    state.received.push({ method, url: new URL(req.url ?? '/', state.url), headers, body });
    const { status, headers: more = {}, body: text = '' } = state.reply;
    res.writeHead(status, more).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const state: Server = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    reply: { status: 202 },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return state;
}

export const NOW = Date.UTC(2026, 10, 25, 3, 0, 0);
export const ID = 'abcdefghijklmnopqrst-_';

/** A message that can be sent. */
export const message = (own: Partial<OutboundMessage> = {}): OutboundMessage => ({
  ...{ id: ID, to: '+819012345678', channel: 'sms', locale: 'ja-JP' },
  text: '482913 is your code\n\n@login.example #482913',
  expiresAt: NOW + 300_000,
  ...own,
});

/** The same message, as a poll is asked about it. */
export const sent = (own: Partial<SentMessage> = {}): SentMessage => ({
  ...{ id: ID, to: '+819012345678', channel: 'sms', sentAt: NOW },
  ...own,
});

export const context = () => ({ now: NOW, signal: AbortSignal.timeout(4000) });

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** What a vendor calls. */
export const request = (body: string, own: Partial<RawWebhook> = {}): RawWebhook => ({
  ...{ method: 'POST', url: new URL('https://op.example/hooks/h/t'), headers: {}, receivedAt: NOW },
  body: new TextEncoder().encode(body),
  ...own,
});

/** How a webhook is taken, at the time when it came. */
export const check = async (webhook: Webhook, raw: RawWebhook): Promise<WebhookAuth['result']> =>
  (await webhook.authenticate(raw, { now: raw.receivedAt, signal: AbortSignal.timeout(1000) })).result;
