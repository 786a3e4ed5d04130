import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SimClock } from './clock.ts';
import type { Life } from './life.ts';
import { type Book, VendorFault } from './network.ts';
import { readRequest } from './request.ts';
import type { SimReply, SimRequest, StandIn } from './stand-in.ts';

/** Milliseconds until a slow vendor answers. */
const SLOW = 30_000;

export interface TransportParts {
  clock: SimClock;
  book: Book;
  life: Life;
}

/**
 * Lets a stand-in answer a request, with the faults of the transport that the fate of the message wants around it.
 *
 * @param url The whole address; `path` is its part below the vendor.
 */
export async function answerAsVendor(
  { clock, book, life }: TransportParts,
  standIn: StandIn,
  { req, res, url, path }: { req: IncomingMessage; res: ServerResponse; url: URL; path: string },
): Promise<void> {
  const request = await readRequest(req, url, path);
  const visit = book.visit(standIn.vendor);
  const reply = await replyOf(standIn, request, visit.network);
  const begin = async () => {
    for (const taken of visit.taken) await life.begin(taken);
  };
  switch (visit.fate) {
    case 'error':
      return send(res, {
        status: 500,
        body: 'Internal Server Error',
        headers: { 'Content-Type': 'text/plain' },
      });
    case 'reset':
      await begin();
      return void req.socket.resetAndDestroy();
    case 'broken':
      await begin();
      return breakOff(req, res, reply);
    case 'slow':
      await begin();
      return clock.at(
        clock.now() + SLOW,
        () => send(res, reply),
        () => req.socket.destroy(),
      );
    case 'early-receipt':
      await begin();
      return send(res, reply);
    default:
      await send(res, reply);
      return begin();
  }
}

async function replyOf(
  standIn: StandIn,
  request: SimRequest,
  network: Parameters<StandIn['answer']>[1],
): Promise<SimReply> {
  try {
    return await standIn.answer(request, network);
  } catch (error) {
    if (error instanceof VendorFault) return { status: 500, body: '' };
    throw error;
  }
}

/** Resolves when the answer is out, or the other side has gone. */
async function send(res: ServerResponse, { status, headers, body }: SimReply): Promise<void> {
  if (res.destroyed) return;
  res.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  res.end(body);
  if (!res.writableFinished) await Promise.race([once(res, 'finish'), once(res, 'close')]);
}

/**
 * The first half. JSON and XML that end in the middle are broken in themselves, so the length is honest; the first half of
 * other text may make sense, so there the connection breaks as well.
 */
async function breakOff(req: IncomingMessage, res: ServerResponse, reply: SimReply): Promise<void> {
  const body = Buffer.from(reply.body);
  const half = body.subarray(0, Math.floor(body.length / 2));
  if (/^\s*[{[<]/.test(half.toString('utf8'))) return send(res, { ...reply, body: half.toString('utf8') });
  res.writeHead(reply.status, { ...reply.headers, 'Content-Length': Math.max(body.length, 1) });
  res.write(half);
  await new Promise((resolve) => setImmediate(resolve));
  req.socket.destroy();
}
