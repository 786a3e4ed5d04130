import type { IncomingMessage } from 'node:http';
import type { SimRequest } from './stand-in.ts';

const MOST_BYTES = 262_144;

/** What is wrong with a request to the simulator itself, with what to do about it. */
export class RequestProblem extends Error {
  readonly status: number;
  readonly fix: string;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, fix: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = 'RequestProblem';
    this.status = status;
    this.fix = fix;
    this.headers = headers;
  }
}

/**
 * The body of a request.
 *
 * @throws RequestProblem where it is larger than 256 KiB.
 */
export async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of req) {
      size += (chunk as Buffer).length;
      // Read to the end all the same: who is still sending does not see an answer.
      if (size <= MOST_BYTES) chunks.push(chunk as Buffer);
    }
  } catch {
    throw new RequestProblem(400, 'the request broke off', 'Send all of it');
  }
  if (size > MOST_BYTES) throw new RequestProblem(413, 'the body is larger than 256 KiB', 'Send less');
  return Buffer.concat(chunks);
}

/** A request as a stand-in sees it. */
export async function readRequest(req: IncomingMessage, url: URL, path: string): Promise<SimRequest> {
  const body = await readBody(req);
  const type = req.headers['content-type'] ?? '';
  return {
    method: req.method ?? 'GET',
    path,
    query: url.searchParams,
    headers: req.headers,
    body,
    form: new URLSearchParams(
      /^application\/x-www-form-urlencoded\b/i.test(type) ? body.toString('utf8') : '',
    ),
    json: /^application\/([\w.+-]+\+)?json\b/i.test(type) ? jsonIn(body) : undefined,
  };
}

/** The JSON in a body; undefined where there is none. */
export function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
