import type { ServerResponse } from 'node:http';

/** Open pages that want to hear about news. */
export interface Listeners {
  /** Takes the response over as a stream of events; false when there are too many already. */
  add(res: ServerResponse): boolean;
  tell(event: 'message' | 'clear'): void;
  /** Ends every stream. */
  close(): void;
}

const MOST = 20;
/** Shorter than what proxies wait for a silent connection. */
const BEAT = 25_000;

/** Server-sent events to at most 20 pages. An event only says that there is news; the page then looks at itself again. */
export function createListeners(): Listeners {
  const open = new Set<ServerResponse>();
  let beat: NodeJS.Timeout | undefined;
  const write = (text: string) => {
    for (const res of open) res.write(text);
  };
  const drop = (res: ServerResponse) => {
    open.delete(res);
    if (open.size === 0) clearInterval(beat);
  };
  return {
    add(res) {
      if (open.size >= MOST) return false;
      if (open.size === 0) beat = setInterval(write, BEAT, ': still here\n\n').unref();
      open.add(res);
      res.on('close', () => drop(res));
      res.writeHead(200, {
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no',
      });
      res.write('retry: 2000\n\n');
      return true;
    },
    tell: (event) => write(`event: ${event}\ndata: {}\n\n`),
    close() {
      for (const res of open) {
        drop(res);
        res.end();
      }
    },
  };
}
