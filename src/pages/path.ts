import type { IncomingMessage } from 'node:http';

/** Path and query as they were asked for, also where a host took a prefix off `req.url`. */
export function addressOf(req: IncomingMessage): string {
  return (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/';
}

/** The language a person chose by a link, or a relying party asked for; BCP 47 tags. */
export function uiLocalesOf(req: IncomingMessage): string | undefined {
  return new URLSearchParams(addressOf(req).split('?')[1]).get('ui_locales') ?? undefined;
}

/** The whole path. */
export function pathOf(req: IncomingMessage): string {
  return addressOf(req).split('?')[0]!;
}
