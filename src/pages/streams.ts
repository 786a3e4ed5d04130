import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a stream finds when it looks; undefined: there is nothing to wait for any more. */
export interface Sight {
  news: object;
  /** Nothing further is expected, but it may still be followed by something: look on for a little while. */
  final: boolean;
  /** All is well, and nothing follows. */
  done: boolean;
}
export type Look = () => Promise<Sight | undefined>;

/** Pages that wait for news. */
export interface Streams {
  /**
   * Takes the response over as server-sent events: what `look` finds first, and then whatever changes.
   *
   * @param owner Whose page it is; only so many pages of one owner may wait at a time.
   * @returns false where there are too many already, and nothing was written.
   */
  open(req: IncomingMessage, res: ServerResponse, owner: string, first: Sight, look: Look): boolean;
  /** Ends every stream, and takes no more. */
  close(): void;
}

/** Milliseconds, and how many at a time. */
export const STREAM_LIMITS = {
  /** Between two looks at the store; `slow` when the first half minute is over. */
  pace: 2000,
  slow: 5000,
  hurry: 40_000,
  /** Shorter than what proxies wait for a silent connection. */
  beat: 15_000,
  /** A browser that still waits then comes again, and is checked anew. */
  longest: 300_000,
  /** A failure may be followed by another message within moments. */
  linger: 15_000,
  perOwner: 3,
  perProcess: 500,
};
export type StreamLimits = typeof STREAM_LIMITS;

/**
 * Streams of news, few for one person and bounded for the process; each looks at the store at most once in `pace`, and
 * writes only what changed. A stream ends when its news do, with its connection, after `longest`, and as soon as the
 * server it came through no longer listens, so that nobody who shuts down has to know of it.
 */
export function createStreams(limits: StreamLimits = STREAM_LIMITS): Streams {
  const open = new Map<Stream, string>();
  let closed = false;
  const isFull = (owner: string) =>
    open.size >= limits.perProcess ||
    [...open.values()].filter((one) => one === owner).length >= limits.perOwner;
  return {
    open(req, res, owner, first, look) {
      if (closed || isFull(owner)) return false;
      const stream = startStream({ req, res, look, limits, over: () => open.delete(stream) });
      open.set(stream, owner);
      stream.show(first);
      return true;
    },
    close() {
      closed = true;
      for (const stream of open.keys()) stream.end();
    },
  };
}

interface Stream {
  show(sight: Sight | undefined): void;
  end(): void;
}

interface Start {
  req: IncomingMessage;
  res: ServerResponse;
  look: Look;
  limits: StreamLimits;
  over(): void;
}

function startStream({ req, res, look, limits, over }: Start): Stream {
  const begun = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let [told, finalSince, wroteAt] = ['', Number.POSITIVE_INFINITY, begun];
  const write = (text: string) => {
    wroteAt = performance.now();
    res.write(text);
  };
  const end = () => {
    clearTimeout(timer);
    over();
    res.end();
  };
  const next = (now: number) => {
    if (now - begun > limits.longest || isClosing(req)) return end();
    if (now - wroteAt > limits.beat) write(': still here\n\n');
    timer = setTimeout(step, now - begun < limits.hurry ? limits.pace : limits.slow).unref();
  };
  const show = (sight: Sight | undefined) => {
    const now = performance.now();
    const text = sight ? JSON.stringify(sight.news) : told;
    if (text !== told) write(`data: ${text}\n\n`);
    told = text;
    finalSince = sight?.final ? Math.min(finalSince, now) : Number.POSITIVE_INFINITY;
    if (sight && !sight.done && now - finalSince < limits.linger) return next(now);
    write('event: end\ndata: {}\n\n');
    end();
  };
  // A failing store ends the stream; the browser comes again, and finds out what the page finds out.
  const step = () => look().then((sight) => res.writableEnded || show(sight), end);
  res.on('close', end);
  head(res);
  return { show, end };
}

function head(res: ServerResponse): void {
  res.statusCode = 200; // Koa begins every answer with 404
  res.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  res.setHeader('Cache-Control', 'no-store, no-transform'); // compressing middleware would hold it back
  res.setHeader('X-Accel-Buffering', 'no');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.write('retry: 4000\n\n');
}

/** Whether the server of this request was told to close; a stream would keep it waiting. */
function isClosing({ socket }: IncomingMessage): boolean {
  const { server } = socket as { server?: { listening?: boolean } };
  return server?.listening === false;
}
