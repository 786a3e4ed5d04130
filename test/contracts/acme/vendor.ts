import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signHmac } from '../../../src/gateways/wire/schemes/hmac.ts';
import type { FakeVendor, TakenMessage } from '../../../src/testing/index.ts';
import { acmeSignature } from './gateway.ts';

/** Numbers and what happens to their messages. */
const number = (fate: number) => `+8190123456${String(fate).padStart(2, '0')}`;
const REFUSED: Readonly<Record<string, string>> = { [number(1)]: 'no_number', [number(2)]: 'opted_out' };
const FAILED: Readonly<Record<string, string>> = { [number(4)]: 'no_phone', [number(5)]: 'filtered' };
const ENDS: Readonly<Record<string, string>> = { [number(13)]: 'busy', [number(14)]: 'no-answer' };
const NUMBERS: FakeVendor['numbers'] = {
  taken: number(0),
  refused: [
    { to: number(1), class: 'number' },
    { to: number(2), class: 'opt-out' },
    { to: number(3), class: 'throttled', retryAfter: true },
  ],
  undelivered: [
    { to: number(4), class: 'unreachable' },
    { to: number(5), class: 'blocked' },
  ],
  lost: [number(6), number(7)],
  ...{ slow: number(8), down: number(9), early: number(10), unsigned: number(11), wronglySigned: number(12) },
  ...{ busy: number(13), noAnswer: number(14), machine: number(15), hungUp: number(16) },
};

/** What a request asks for. */
interface Order {
  to: string;
  from: string;
  text?: string;
  call?: { say: string; end: string; ask: string };
  ref: string;
  hook?: string;
  until: number;
}
type Kept = TakenMessage & { id: string; order: Order; told: boolean; heard: string[] };

/** @param console Address for messages from phones. */
export async function startAcmeVendor({ secret, console }: { secret: string; console: string }) {
  const kept: Kept[] = [];
  const server = createServer((req, res) => void answer(req, res, kept, tell));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const post = (url: string, body: object, to: string) => signedPost(url, JSON.stringify(body), to, secret);
  async function tell(one: Kept, ...states: string[]): Promise<void> {
    for (const state of states) {
      const reason = FAILED[one.to];
      const told = { id: one.id, ref: one.order.ref, state, ...(reason ? { reason } : {}) };
      if (one.order.hook) await post(one.order.hook, told, one.to);
    }
  }
  async function text(one: Kept): Promise<void> {
    one.arrived = !FAILED[one.to];
    await tell(one, 'sent', one.arrived ? 'delivered' : 'undelivered');
  }
  async function call(one: Kept, { say, end, ask }: NonNullable<Order['call']>): Promise<void> {
    if (ENDS[one.to]) return tell(one, ENDS[one.to]!);
    const machine = one.to === NUMBERS.machine;
    one.heard.push(say);
    await tell(one, 'ringing', machine ? 'machine' : 'answered');
    one.arrived = !machine && one.to !== NUMBERS.hungUp;
    const rest = one.arrived ? await (await post(ask, { id: one.id, key: '1' }, one.to)).text() : end;
    one.heard.push(rest);
    await tell(one, one.arrived ? 'heard' : 'completed');
  }
  const vendor: FakeVendor = {
    ...{ numbers: NUMBERS, signs: 'content', findsById: true },
    senders: { sms: '+815011112222', voice: '+815011112222' },
    messages: () => [...kept],
    async settle() {
      for (const one of kept.filter(({ told }) => !told)) {
        one.told = true;
        await (one.order.call ? call(one, one.order.call) : text(one));
      }
    },
    inbound: async (from, text) => void (await post(console, { from, text }, from)),
  };
  return {
    vendor,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function signedPost(url: string, body: string, to: string, secret: string): Promise<Response> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const by = to === NUMBERS.wronglySigned ? 'another secret' : secret;
  const signature = signHmac(by, acmeSignature(by), { method: 'POST', url, body, timestamp });
  const signed = to === NUMBERS.unsigned ? {} : { 'acme-signature': signature, 'acme-time': timestamp };
  return fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...signed } });
}

type Reply = (status: number, body: object, headers?: Record<string, string>) => void;

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  kept: Kept[],
  tell: (one: Kept, ...states: string[]) => Promise<void>,
): Promise<void> {
  const reply: Reply = (status, body, headers = {}) =>
    void res.writeHead(status, headers).end(JSON.stringify(body));
  if (req.method === 'GET') return lookUp(new URL(req.url!, 'http://acme/'), kept, reply);
  let body = '';
  for await (const part of req) body += part;
  const order = JSON.parse(body) as Order;
  if (refuse(order, res, reply)) return;
  const one = kept.find(({ order: { ref } }) => ref === order.ref) ?? keep(kept, order);
  if (order.to === NUMBERS.lost![0]) return void req.socket.resetAndDestroy();
  if (order.to === NUMBERS.lost![1]) return void res.writeHead(202).end('{"id":');
  if (order.to === NUMBERS.slow) return;
  if (order.to === NUMBERS.early && !order.call) await tell(one, 'delivered');
  reply(202, { id: one.id });
}

function lookUp({ searchParams }: URL, kept: readonly Kept[], reply: Reply): void {
  const one = kept.find(({ order }) => order.ref === searchParams.get('ref'));
  if (!one) return void reply(404, {});
  const state = one.order.call ? 'heard' : FAILED[one.to] ? 'undelivered' : 'delivered';
  reply(200, { id: one.id, ref: one.order.ref, state, reason: FAILED[one.to] });
}

function refuse({ to }: Order, res: ServerResponse, reply: Reply): boolean {
  if (REFUSED[to]) reply(400, { error: REFUSED[to] });
  else if (to === number(3)) reply(429, {}, { 'Retry-After': '3' });
  else if (to === NUMBERS.down) res.writeHead(500).end('oops');
  return res.headersSent;
}

function keep(kept: Kept[], order: Order): Kept {
  const { to, from, text, call, until } = order;
  const one: Kept = {
    ...{ id: `acme-${kept.length}`, order, told: false, arrived: false, heard: [] },
    ...{ to, from, text: text ?? call?.say ?? '', channel: call ? 'voice' : 'sms', expiresAt: until },
  };
  kept.push(one);
  return one;
}
