import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { type Found, readInput } from '../errors/issues.ts';
import { ConfigurationError } from '../errors.ts';
import { jsonIn, RequestProblem, readBody } from './request.ts';
import type { MessageFilter, Parts, Simulator } from './simulator.ts';

/** One request to `/_sim/…`. */
export interface ApiRequest {
  parts: Parts;
  simulator: Simulator;
  req: IncomingMessage;
  res: ServerResponse;
  url: URL;
  /** Below `/_sim`. */
  path: string;
}

type Action = (request: ApiRequest) => unknown;

const E164 = z.string().regex(/^\+[1-9]\d{6,14}$/, { error: 'must be a number such as +819012345678' });
const inbound = z.strictObject({
  vendor: z.string().min(1),
  from: E164,
  to: z.string().min(1),
  text: z.string().min(1).max(1600),
});
const DAYS_30 = 30 * 86_400_000;
const advance = z.strictObject({ milliseconds: z.number().min(0).max(DAYS_30) });

const ACTIONS: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  '/messages': {
    GET: ({ simulator, url }) => ({ messages: simulator.messages(filterOf(url.searchParams)) }),
    DELETE: ({ simulator }) => simulator.clear(),
  },
  '/callbacks': { GET: ({ simulator }) => ({ callbacks: simulator.callbacks() }) },
  '/vendors': {
    GET: ({ parts, simulator }) => ({
      vendors: [...parts.standIns.values()].map(({ vendor, credentials }) => ({
        vendor,
        url: simulator.vendorUrl(vendor),
        credentials,
        webhook: parts.settings.webhooks?.[vendor] ?? null,
      })),
    }),
  },
  '/reply': {
    async POST({ simulator, req }) {
      const { vendor, ...text } = await readJson(req, inbound);
      await simulator.reply(vendor, text);
    },
  },
  '/advance': {
    async POST({ simulator, req }) {
      const { milliseconds } = await readJson(req, advance);
      await simulator.advance(milliseconds);
      return { now: simulator.now() };
    },
  },
};

/** @throws RequestProblem */
export async function answerApi(request: ApiRequest): Promise<void> {
  const { req, res, path } = request;
  const methods = Object.hasOwn(ACTIONS, path) ? ACTIONS[path]! : undefined;
  if (!methods) {
    const paths = Object.keys(ACTIONS).map((name) => `/_sim${name}`);
    throw new RequestProblem(404, `there is no /_sim${path.slice(0, 40)}`, `Use one of ${paths.join(', ')}`);
  }
  const method = req.method ?? '';
  if (!Object.hasOwn(methods, method)) {
    const allow = Object.keys(methods).join(', ');
    throw new RequestProblem(405, `/_sim${path} does not take ${method}`, `Use ${allow}`, { Allow: allow });
  }
  const answer = await methods[method]!(request);
  if (answer === undefined) return sendJson(res, 204);
  sendJson(res, 200, answer);
}

/** @param value Absent: no body. */
export function sendJson(
  res: ServerResponse,
  status: number,
  value?: unknown,
  headers: Record<string, string> = {},
): void {
  const body = value === undefined ? '' : JSON.stringify(value);
  res.writeHead(status, {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(value === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
    ...headers,
  });
  res.end(body);
}

function filterOf(query: URLSearchParams): MessageFilter {
  const known = ['to', 'vendor', 'channel'];
  for (const name of query.keys()) {
    if (!known.includes(name)) {
      throw new RequestProblem(400, `there is no filter ${JSON.stringify(name)}`, `Use ${known.join(', ')}`);
    }
  }
  const channel = query.get('channel') ?? undefined;
  if (channel !== undefined && channel !== 'sms' && channel !== 'voice') {
    throw new RequestProblem(400, 'channel is neither sms nor voice', 'Use sms or voice');
  }
  // A + that was not encoded arrives as a space.
  const to = query.get('to')?.replace(/^ /, '+');
  const vendor = query.get('vendor') ?? undefined;
  return { ...(to && { to }), ...(vendor && { vendor }), ...(channel && { channel }) };
}

async function readJson<T>(req: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  if (!/^application\/json\b/i.test(req.headers['content-type'] ?? '')) {
    throw new RequestProblem(415, 'the body is not declared as JSON', 'Send Content-Type: application/json');
  }
  const input = jsonIn(await readBody(req));
  if (input === undefined) throw new RequestProblem(400, 'the body is no JSON', 'Send a JSON object');
  const { data, found } = readInput(schema, input);
  if (!found) return data;
  const [{ path, reason }] = found as [Found];
  throw new RequestProblem(400, `${path.join('.') || 'the body'}: ${reason}`, 'See docs/simulator.md');
}

/** What a caller did wrong, as the API says it. */
export function asProblem(error: unknown): unknown {
  if (!(error instanceof ConfigurationError)) return error;
  const { field, reason, fix } = error.problems[0]!;
  return new RequestProblem(400, `${field} ${reason}`, fix);
}
