import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  CallScript,
  Gateway,
  GatewayEvent,
  RawWebhook,
  Webhook,
  WebhookAuth,
  WebhookReply,
  WebhookResult,
} from '../../ports/gateway.ts';
import type { Reception } from './handle.ts';

/** What the vendor told, and what the gateway made of it. */
export interface Told {
  request: RawWebhook;
  auth: WebhookAuth;
  /** Empty where the request was refused. */
  events: readonly GatewayEvent[];
  /** The message that the address named. */
  about?: string;
}

/** An answer that the gateway gave to the vendor who asked what to say. */
export interface Answered {
  request: RawWebhook;
  about: string;
  pressed: boolean;
}

/** Takes in webhooks as the core does: secret in the address, signature, then the reader. */
export interface OpenReception extends Reception {
  messageUrl(id: string): string;
  answerUrl(id: string, script: CallScript): string;
  /** From now on, requests are for this gateway, and the time is that of its vendor. */
  serve(gateway: Gateway, now: () => number): void;
  told: Told[];
  answered: Answered[];
  /** What a gateway threw while it was told something. */
  faults: unknown[];
  close(): Promise<void>;
}

export async function openReception(): Promise<OpenReception> {
  const token = randomBytes(24).toString('base64url');
  const state: State = { scripts: new Map(), told: [], answered: [], faults: [] };
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', origin);
    replyTo(state, req, url, token)
      .catch((error): WebhookReply => {
        state.faults.push(error);
        return { status: 500 };
      })
      .then(({ status, type, body = '' }) => {
        res.writeHead(status, { ...(type ? { 'content-type': type } : {}) });
        res.end(body);
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/${token}`,
    messageUrl: (id) => `${origin}/${token}/${id}`,
    answerUrl(id, script) {
      state.scripts.set(id, script);
      return `${origin}/${token}/${id}/answer?s=sealed`;
    },
    serve(gateway, now) {
      Object.assign(state, { gateway, now });
    },
    ...state,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface State extends Pick<OpenReception, 'told' | 'answered' | 'faults'> {
  gateway?: Gateway;
  now?: () => number;
  scripts: Map<string, CallScript>;
}

async function replyTo(state: State, req: IncomingMessage, url: URL, token: string): Promise<WebhookReply> {
  const webhook = state.gateway?.webhook;
  const [, given, about, question] = /^\/([^/]+)(?:\/([\w-]+)(\/answer)?)?$/.exec(url.pathname) ?? [];
  if (given !== token || !webhook) return { status: 404 };
  const request = await rawOf(req, url, state.now?.() ?? Date.now());
  const auth = await webhook.authenticate(request, {
    now: request.receivedAt,
    signal: AbortSignal.timeout(8000),
  });
  if (question) return auth.result === 'refused' ? { status: 403 } : say(state, webhook, request, about!);
  const { events, reply } = auth.result === 'refused' ? REFUSED : await webhook.parse(request);
  state.told.push({ request, auth, events, ...(about ? { about } : {}) });
  return reply ?? { status: 200 };
}
const REFUSED: WebhookResult = { events: [], reply: { status: 403 } };

async function say(
  { scripts, answered }: State,
  webhook: Webhook,
  request: RawWebhook,
  about: string,
): Promise<WebhookReply> {
  const script = scripts.get(about);
  if (!script || !webhook.answer) return { status: 404 };
  const { pressed, reply } = await webhook.answer(request, script);
  answered.push({ request, about, pressed });
  return reply;
}

async function rawOf(req: IncomingMessage, url: URL, receivedAt: number): Promise<RawWebhook> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(
    Object.entries(req.headersDistinct).map(([name, values]) => [
      name,
      values?.length === 1 ? values[0] : values,
    ]),
  );
  return { method: req.method ?? 'GET', url, headers, body: Buffer.concat(chunks), receivedAt };
}
