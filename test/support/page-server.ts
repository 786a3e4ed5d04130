import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { loadAssets } from '../../src/pages/assets.ts';
import { protect } from '../../src/pages/headers.ts';
import { createRenderer } from '../../src/pages/render.ts';
import { BRAND, EXAMPLES, pageModel } from './pages.ts';

/** The examples as real pages: `<address>/<name>?ui_locales=ja`. A post to one answers with its `-wrong` state. */
export interface PageServer {
  address: string;
  /** Bodies that were posted, by the last part of the path. */
  posts: { form: string; body: string }[];
  /** Fields that pages get besides. */
  extra: Record<string, unknown>;
  close(): void;
}

export async function servePages(): Promise<PageServer> {
  const renderer = createRenderer();
  const assets = loadAssets('/sekisho', BRAND);
  const posts: PageServer['posts'] = [];
  const state: PageServer = { address: '', posts, extra: {}, close: () => undefined };

  const show = (res: ServerResponse, name: string, lang: string) => {
    const example = EXAMPLES[name];
    if (!example) return void res.writeHead(404).end();
    const nonce = randomBytes(16).toString('base64');
    const at = { here: `/${name.replace('-wrong', '')}`, query: `?ui_locales=${lang}`, next: '/stay' };
    const model = pageModel(lang, {
      ...at,
      ...example.own,
      ...state.extra,
      nonce,
      css: assets.css,
      js: assets.js,
    });
    protect(res, { nonce, https: false });
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.end(renderer.render(example.page, model as never));
  };

  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    const url = new URL(req.url ?? '/', 'http://pages');
    const file = assets.find(url.pathname);
    if (file) return file.send(req, res);
    if (url.pathname === '/stay') return void res.writeHead(204).end();
    const [, name = '', form = ''] = url.pathname.split('/');
    if (req.method === 'POST') posts.push({ form, body: await text(req) });
    const wrong = req.method === 'POST' && `${name}-wrong` in EXAMPLES;
    show(res, wrong ? `${name}-wrong` : name, url.searchParams.get('ui_locales') ?? 'ja');
  };

  const server = createServer((req, res) => void answer(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  state.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  state.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return state;
}
