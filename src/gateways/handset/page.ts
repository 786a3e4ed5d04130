import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ejs from 'ejs';
import { loadTexts } from '../../texts.ts';
import type { HandsetMessage } from '../handset.ts';
import type { Listeners } from './listeners.ts';

const VIEWS = fileURLToPath(new URL('../../../views', import.meta.url));
/** A call rings this long: 45 seconds. */
const RINGS = 45_000;

const TYPES: Record<string, string> = {
  'style.css': 'text/css; charset=utf-8',
  'handset.css': 'text/css; charset=utf-8',
  'handset-calls.css': 'text/css; charset=utf-8',
  'handset.js': 'text/javascript; charset=utf-8',
};

/** What the page shows of a message. */
export type ShownMessage = Pick<
  HandsetMessage,
  'id' | 'to' | 'channel' | 'text' | 'locale' | 'at' | 'code'
> & {
  /** A line above the text; where there is no text, all there is. */
  note?: string;
};

/**
 * Answers GET and HEAD: the page, its stylesheet and script, the stream of events, or the messages as JSON.
 *
 * @param messages The newest first; asked with the language of the page.
 * @param rings Milliseconds that a call rings; 0 where somebody answered already.
 */
export function createHandsetPage(
  messages: (lang: string) => readonly ShownMessage[],
  listeners: Listeners,
  rings = RINGS,
): (req: IncomingMessage, res: ServerResponse) => void {
  const texts = loadTexts(join(VIEWS, 'locales'));
  const file = join(VIEWS, 'handset.ejs');
  const print = ejs.compile(readFileSync(file, 'utf8'), { filename: file, strict: true, localsName: 'page' });

  const langOf = (req: IncomingMessage, query: URLSearchParams) =>
    texts.negotiate(query.get('ui_locales') ?? undefined, req.headers['accept-language']);
  const show = (req: IncomingMessage, res: ServerResponse, query: URLSearchParams) => {
    const lang = langOf(req, query);
    const nonce = randomBytes(16).toString('base64');
    const now = Date.now();
    protect(res, nonce);
    answer(
      req,
      res,
      'text/html; charset=utf-8',
      print({
        lang,
        nonce,
        t: (key: string) => texts.say(lang, key),
        languages: texts.locales.map((tag) => ({
          tag,
          label: texts.say(tag, 'language.name'),
          current: tag === lang,
        })),
        time: (at: number) => new Intl.DateTimeFormat(lang, { timeStyle: 'short' }).format(at),
        messages: messages(lang).map((message) => ({
          ...message,
          rings: rings === 0 ? 0 : Math.max(0, message.at + rings - now),
        })),
      }),
    );
  };

  return (req, res) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') {
      res.writeHead(405, { Allow: 'GET, HEAD' });
      return void res.end();
    }
    const query = new URL(req.url ?? '/', 'http://handset').searchParams;
    const accept = String(req.headers.accept ?? '');
    const asset = query.get('file');
    if (asset !== null) return sendFile(req, res, asset);
    if (accept.startsWith('text/event-stream')) return listen(res, listeners);
    if (accept.startsWith('application/json'))
      return answer(req, res, 'application/json', JSON.stringify(messages(langOf(req, query))));
    show(req, res, query);
  };
}

function listen(res: ServerResponse, listeners: Listeners): void {
  if (listeners.add(res)) return;
  res.writeHead(503, { 'Retry-After': '10' });
  res.end();
}

function sendFile(req: IncomingMessage, res: ServerResponse, name: string): void {
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (type === undefined) {
    res.statusCode = 404;
    return void res.end();
  }
  answer(req, res, type, readFileSync(join(VIEWS, name), 'utf8'));
}

/** Like the pages of the product: nothing from elsewhere, no inline script, not to be framed, not to be kept. */
function protect(res: ServerResponse, nonce: string): void {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    "style-src 'self'",
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  res.setHeader('Content-Security-Policy', policy.join('; '));
  res.setHeader('Referrer-Policy', 'no-referrer');
}

function answer(req: IncomingMessage, res: ServerResponse, type: string, text: string): void {
  res.setHeader('Content-Type', type);
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Vary', 'Accept, Accept-Language');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  res.setHeader('Content-Length', Buffer.byteLength(text));
  res.statusCode = 200; // Koa begins every answer with 404
  res.end(req.method === 'HEAD' ? undefined : text);
}
