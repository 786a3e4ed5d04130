import type { IncomingMessage } from 'node:http';

/** Path and query as they were asked for, also where a host took a prefix off `req.url`. */
export function addressOf(req: IncomingMessage): string {
  return (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/';
}

/** The whole path. */
export function pathOf(req: IncomingMessage): string {
  return addressOf(req).split('?')[0]!;
}
