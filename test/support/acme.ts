import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { FakeVendor, TakenMessage } from '../../src/testing/index.ts';

/** A stand-in of the vendor that the README writes a gateway for. */
export interface Acme extends FakeVendor {
  url: string;
  stop(): Promise<void>;
}

const [TAKEN, TOO_FAST, LANDLINE, SWITCHED_OFF, LOST, DOWN, SLOW, UNSIGNED, WRONGLY_SIGNED] = [
  ...['+819000000001', '+819000000002', '+819000000003', '+819000000004', '+819000000005'],
  ...['+819000000006', '+819000000007', '+819000000008', '+819000000009'],
] as [string, string, string, string, string, string, string, string, string];

const REFUSED: Readonly<Record<string, number>> = { [TOO_FAST]: 429, [LANDLINE]: 422, [DOWN]: 500 };
const SECRET = 'secret-of-nobody';

interface Order {
  from: string;
  to: string;
  text: string;
  callback?: string;
}

/** Takes a message as JSON, and posts what became of it, signed, to the address that the message names. */
export async function startAcmeStandIn(): Promise<Acme> {
  const messages: (TakenMessage & { arrived: boolean })[] = [];
  const reports: (() => Promise<void>)[] = [];
  const server = createServer(async (req, res) => {
    const { from, to, text, callback } = (await json(req)) as Order;
    if (to in REFUSED) return void res.writeHead(REFUSED[to]!).end();
    const message = { channel: 'sms' as const, from, to, text, arrived: false };
    messages.push(message);
    reports.push(async () => {
      message.arrived = to !== SWITCHED_OFF;
      if (callback) await report(callback, String(req.headers['idempotency-key']), to);
    });
    answer(to, req, res);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    signs: 'content',
    numbers: {
      taken: TAKEN,
      refused: [
        { to: TOO_FAST, class: 'throttled' },
        { to: LANDLINE, class: 'permanent' },
      ],
      undelivered: [{ to: SWITCHED_OFF, class: 'unreachable' }],
      ...{ lost: [LOST], slow: SLOW, down: DOWN, unsigned: UNSIGNED, wronglySigned: WRONGLY_SIGNED },
    },
    messages: () => messages,
    async settle() {
      for (const tell of reports.splice(0)) await tell();
    },
    async stop() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(to: string, req: IncomingMessage, res: ServerResponse): void {
  if (to === LOST) req.socket.destroy();
  else if (to !== SLOW) res.writeHead(202).end();
}

async function report(callback: string, reference: string, to: string): Promise<void> {
  const body = JSON.stringify({ reference, status: to === SWITCHED_OFF ? 'switched_off' : 'arrived' });
  const signature = createHmac('sha256', to === WRONGLY_SIGNED ? 'another' : SECRET)
    .update(body)
    .digest('hex');
  await fetch(callback, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(to === UNSIGNED ? {} : { 'x-acme-signature': signature }),
    },
    body,
  });
}
