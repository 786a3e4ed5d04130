import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { loadAssets } from '../../src/pages/assets.ts';
import { protect } from '../../src/pages/headers.ts';
import type { Progress } from '../../src/pages/progress.ts';
import { createRenderer } from '../../src/pages/render.ts';
import { createServerPages } from '../../src/server/pages.ts';
import { BRAND, EXAMPLES, exampleModel, newsIn } from './pages.ts';
import { SERVER_EXAMPLES } from './server-examples.ts';

/** The examples as real pages: `<address>/<name>?ui_locales=ja`. A post to one answers with its `-wrong` state. */
export interface PageServer {
  address: string;
  /** Bodies that were posted, by the last part of the path. */
  posts: { form: string; body: string }[];
  /** Fields that pages get besides. */
  extra: Record<string, unknown>;
  /** How the message gets on, as a page that waits hears it; null: nothing is awaited. */
  news: Partial<Progress> | null;
  /** What may be sent, as the news say it. */
  offer: string;
  /** Answer streams with an error, so that pages have to ask. */
  refuseStreams: boolean;
  /** Tells every waiting page. */
  tell(progress: Partial<Progress>): void;
  close(): void;
}

type Site = PageServer & { listening: Map<ServerResponse, string> };

export async function servePages(): Promise<PageServer> {
  const site = createSite();
  const answer = createAnswer(site);
  const server = createServer((req, res) => void answer(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  site.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  site.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return site;
}

function createSite(): Site {
  const site: Site = {
    ...{
      address: '',
      posts: [],
      extra: {},
      news: null,
      offer: '1 sms voice',
      refuseStreams: false,
      listening: new Map(),
    },
    tell(progress) {
      site.news = progress;
      for (const [res, lang] of site.listening) res.write(eventOf(site, lang, progress));
    },
    close: () => undefined,
  };
  return site;
}

function createAnswer(site: Site) {
  const renderer = createRenderer();
  const assets = loadAssets('/sekisho', BRAND);
  const serverPages = createServerPages({
    ...{ brand: BRAND, issuer: 'http://pages', mountPath: '/sekisho', texts: {} },
  } as Parameters<typeof createServerPages>[0]);
  const showServer = (res: ServerResponse, name: string, locale: string) => {
    const { page, wrong, own } = SERVER_EXAMPLES[name]!;
    const text = wrong && serverPages.say(locale, wrong.text, { minutes: 15 });
    const error = wrong && text !== undefined ? { text, field: wrong.field } : null;
    serverPages.send(res, page, {
      locale,
      here: `/${name}`,
      csrf: 'token',
      client: 'みらい証券オンライン',
      error,
      ...own,
    });
  };
  const show = (res: ServerResponse, name: string, lang: string) => {
    if (name in SERVER_EXAMPLES) return showServer(res, name, lang);
    const example = EXAMPLES[name];
    if (!example) return void res.writeHead(404).end();
    const nonce = randomBytes(16).toString('base64');
    const at = { here: `/${name.replace('-wrong', '')}`, query: `?ui_locales=${lang}`, next: '/stay' };
    const news = site.news ? { delivery: { ...newsIn(lang, site.news), offer: site.offer } } : {};
    const { css, js } = assets;
    const model = exampleModel(name, lang, { ...at, ...news, ...site.extra, nonce, css, js });
    protect(res, { nonce, https: false });
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.end(renderer.render(example.page, model as never));
  };
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const url = new URL(req.url ?? '/', 'http://pages');
    const lang = url.searchParams.get('ui_locales') || 'ja';
    const file = assets.find(url.pathname);
    if (file) return file.send(req, res);
    if (url.pathname === '/stay') return void res.writeHead(204).end();
    const [, name = '', form = ''] = url.pathname.split('/');
    if (form === 'events') return answerEvents(site, req, res, lang);
    if (req.method !== 'POST') return show(res, name, lang);
    site.posts.push({ form, body: await text(req) });
    show(res, `${name}-wrong` in EXAMPLES ? `${name}-wrong` : name, lang);
  };
}

const eventOf = ({ offer }: Site, lang: string, progress: Partial<Progress>): string =>
  `data: ${JSON.stringify({ ...newsIn(lang, progress), offer })}\n\n`;

function answerEvents(site: Site, req: IncomingMessage, res: ServerResponse, lang: string): void {
  if (site.news === null) return void res.writeHead(204).end();
  if (req.headers.accept !== 'text/event-stream')
    return void res.writeHead(200).end(JSON.stringify(newsIn(lang, site.news)));
  if (site.refuseStreams) return void res.writeHead(503).end();
  site.listening.set(res, lang);
  res.on('close', () => site.listening.delete(res));
  res.writeHead(200, { 'Content-Type': 'text/event-stream' });
  res.write(eventOf(site, lang, site.news));
}
