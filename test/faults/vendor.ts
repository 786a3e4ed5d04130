import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** One message as the vendor got it. */
export interface Message {
  to: string;
  /** Our reference: the same again where a send was tried once more. */
  id: string;
  code: string;
  at: number;
}

/** A vendor of SMS over HTTP that keeps every message it was asked to send. */
export interface Vendor {
  messages: Message[];
  /** Most requests that were open at the same time. */
  mostAtOnce(): number;
  /** How it answers; at once and with 200 unless it is told otherwise. */
  behave(answer: (res: ServerResponse, message: Message) => void): void;
  /** The newest code that was sent to this number, at or after this time; undefined where none comes in time. */
  codeFor(phone: string, since: number, patience?: number): Promise<string | undefined>;
  /** The gateway of a configuration that sends here. */
  gateway(name?: string): Record<string, unknown>;
  close(): Promise<void>;
}

const accept = (res: ServerResponse): void => void res.end('{}');

export async function startVendor(): Promise<Vendor> {
  const messages: Message[] = [];
  let [open, most] = [0, 0];
  let answer: (res: ServerResponse, message: Message) => void = accept;
  const server = createServer(async (req, res) => {
    open += 1;
    most = Math.max(most, open);
    res.once('close', () => {
      open -= 1;
    });
    let body = '';
    for await (const chunk of req.setEncoding('utf8')) body += chunk;
    const { to, id, text } = JSON.parse(body) as { to: string; id: string; text: string };
    const message = { to, id, code: /\d{6}/.exec(text)![0], at: Date.now() };
    messages.push(message);
    answer(res, message);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const newest = (phone: string, since: number) =>
    messages.findLast(({ to, at }) => to === phone && at >= since)?.code;
  return {
    messages,
    mostAtOnce: () => most,
    behave(how) {
      answer = how;
    },
    async codeFor(phone, since, patience = 3000) {
      for (let waited = 0; waited < patience; waited += 50) {
        const code = newest(phone, since);
        if (code !== undefined) return code;
        await pause(50);
      }
      return undefined;
    },
    gateway: (name) => gatewayTo(port, name),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const gatewayTo = (port: number, name = 'vendor') => ({
  ...{ type: 'http', name, baseUrl: `http://127.0.0.1:${port}`, insecure: true },
  send: {
    ...{ url: '/messages', success: { status: '2xx' } },
    fields: { to: '{{to}}', id: '{{id}}', text: '{{text}}' },
  },
});
