import { createHmac } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  Network,
  ReportHow,
  SimCallback,
  SimMessage,
  SimRequest,
  StandIn,
} from '../../src/simulator/stand-in.ts';

const SECRET = 'publicly-known';

/** A vendor that does not exist: JSON in, JSON out, HMAC over the body; refuses throttled and opted-out at once. */
export function createTestVendor(): StandIn {
  let count = 0;
  return {
    vendor: 'test',
    credentials: { secret: SECRET },
    answer(request, network) {
      if (request.path.startsWith('/status/')) return status(request, network);
      count += 1;
      return send(request, network, `v-${count}`);
    },
    report: (message, change, how) =>
      signed(message.callbackUrl ?? how.webhook, how, {
        id: message.vendorId,
        state: change.state,
        reason: change.reason,
        at: change.at,
      }),
    inbound: (text, how) => signed(how.webhook, how, { ...text }),
    async converse(message, pressed, ask) {
      const url = message.extra?.['answerUrl'];
      if (!pressed || !url) return [message.text];
      const { status, body } = await ask({ method: 'POST', url, headers: {}, body: 'pressed=1' });
      return [message.text, status === 200 ? body : `(${status})`];
    },
  };
}

function send({ json }: SimRequest, network: Network, vendorId: string) {
  const { to, text, channel, callback, reference, answerUrl } = json as Record<string, string>;
  const submitted = network.submit(
    {
      ...{
        vendorId,
        to: to!,
        text: text!,
        channel: (channel ?? 'sms') as SimMessage['channel'],
        from: 'TEST',
      },
      ...(callback ? { callbackUrl: callback } : {}),
      ...(reference ? { reference } : {}),
      ...(answerUrl ? { extra: { answerUrl } } : {}),
    },
    ['throttled', 'opted-out'],
  );
  if (submitted.taken) return reply(200, { id: vendorId });
  return submitted.refusal === 'throttled'
    ? reply(429, { refusal: 'throttled' }, { 'Retry-After': '7' })
    : reply(422, { refusal: submitted.refusal });
}

function status({ path }: SimRequest, network: Network) {
  const message = network.find({ vendorId: path.slice('/status/'.length) });
  return message ? reply(200, { state: message.state, reason: message.reason }) : reply(404, {});
}

const reply = (status: number, value: object, headers: Record<string, string> = {}) => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(value),
});

function signed(url: string | undefined, { signature }: ReportHow, value: object): SimCallback | undefined {
  if (url === undefined) return undefined;
  const body = JSON.stringify(value);
  const mac = sign(body, signature === 'wrong' ? 'another' : SECRET);
  return { method: 'POST', url, headers: signature === 'none' ? {} : { 'x-signature': mac }, body };
}

const sign = (body: string, secret: string) => createHmac('sha256', secret).update(body).digest('hex');

export interface Caught {
  path: string;
  body: string;
  json: Record<string, unknown>;
  signature: 'right' | 'none' | 'wrong';
}

export interface Catcher {
  url: string;
  caught: Caught[];
  /** The states that were told, in order. */
  states(): unknown[];
  /** What it answers: a status, or a text; 200 unless said. */
  answers: (number | string | Promise<number>)[];
  /** Resolves when something has come, answered or not. */
  next(): Promise<void>;
  close(): Promise<void>;
}

/** Receives webhooks, and says which were rightly signed. */
export async function startCatcher(): Promise<Catcher> {
  const caught: Caught[] = [];
  const answers: (number | string | Promise<number>)[] = [];
  const arrivals = new EventEmitter();
  const server = createServer(async (req, res) => {
    const body = await bodyOf(req);
    const mac = req.headers['x-signature'];
    caught.push({
      path: req.url!,
      body,
      json: body.startsWith('{') ? JSON.parse(body) : {},
      signature: mac === undefined ? 'none' : mac === sign(body, SECRET) ? 'right' : 'wrong',
    });
    arrivals.emit('one');
    const answer = (await answers.shift()) ?? 200;
    res.writeHead(typeof answer === 'number' ? answer : 200);
    res.end(typeof answer === 'string' ? answer : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caught,
    answers,
    states: () => caught.map(({ json }) => json['state']),
    async next() {
      if (caught.length === 0) await once(arrivals, 'one');
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of req) body += chunk;
  return body;
}
