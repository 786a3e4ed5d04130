import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type Assets, loadAssets } from '../../src/pages/assets.ts';
import { createRenderer } from '../../src/pages/render.ts';
import { BRAND, EXAMPLES, exampleModel } from '../support/pages.ts';

const KIB = 1024;

describe('stylesheet and script', () => {
  const assets: Assets = loadAssets('/sekisho', BRAND);
  let server: Server;
  before(async () => {
    server = createServer((req, res) => {
      const file = assets.find(req.url ?? '');
      if (file) return file.send(req, res);
      res.statusCode = 404;
      res.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => server.close());

  /** A request with exactly these headers; `fetch` would add its own. */
  const get = async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const { port } = server.address() as AddressInfo;
    const req = request({ port, path, headers, method, host: '127.0.0.1' }).end();
    const [res] = await once(req, 'response');
    const body = Buffer.concat(await res.toArray());
    return { status: res.statusCode as number, headers: res.headers as Record<string, string>, body };
  };

  it('have addresses that change with their content', () => {
    assert.match(assets.css, /^\/sekisho\/assets\/style\.[0-9a-f]{12}\.css$/);
    assert.match(assets.js, /^\/sekisho\/assets\/script\.[0-9a-f]{12}\.js$/);
    assert.equal(loadAssets('/sekisho', BRAND).css, assets.css);
    assert.notEqual(loadAssets('/sekisho', { ...BRAND, colour: '#7a1f3d' }).css, assets.css);
  });

  it('are found at their address and nowhere else', () => {
    for (const path of [
      '/sekisho/assets/',
      '/assets/style.css',
      '/sekisho/assets/../script.js',
      `${assets.css}/`,
      '__proto__',
    ]) {
      assert.equal(assets.find(path), undefined, path);
    }
  });

  it('carry the colours of the brand, with a text colour that can be read on them', () => {
    const css = (colours: { colour: string; colourDark: string }) =>
      loadAssets('/x', colours).find(loadAssets('/x', colours).css)!.body.toString();
    assert.match(
      css({ colour: '#7a1f3d', colourDark: '#ffd24a' }),
      /--brand-light:#7a1f3d;--on-brand-light:#fff;--brand-dark:#ffd24a;--on-brand-dark:#000/,
    );
  });

  it('go out compressed, for ever, to browsers that take that', async () => {
    const css = assets.find(assets.css)!;
    const cases: [string, string | undefined, (body: Buffer) => Buffer][] = [
      ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
      ['gzip, deflate', 'gzip', gunzipSync],
      ['gzip;q=1.0, br;q=0', 'gzip', gunzipSync],
      ['br;q=0.5', 'br', brotliDecompressSync],
      ['identity', undefined, (body) => body],
    ];
    for (const [accepted, encoding, decode] of cases) {
      const { status, headers, body } = await get(assets.css, { 'accept-encoding': accepted });
      assert.equal(status, 200);
      assert.equal(headers['content-encoding'], encoding, accepted);
      assert.equal(headers['content-length'], String(body.length));
      assert.equal(headers['vary'], 'Accept-Encoding');
      assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.ok(decode(body).equals(css.body), accepted);
    }
    assert.equal((await get(assets.css)).headers['content-type'], 'text/css; charset=utf-8');
    assert.equal((await get(assets.js)).headers['content-type'], 'text/javascript; charset=utf-8');
  });

  it('are not sent again to a browser that has them, and not at all for HEAD', async () => {
    const known = await get(assets.js, { 'if-none-match': assets.find(assets.js)!.etag });
    assert.deepEqual([known.status, known.body.length], [304, 0]);
    assert.equal((await get(assets.js, {}, 'HEAD')).body.length, 0);
  });

  it('can be replaced by the host, file by file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sekisho-assets-'));
    try {
      writeFileSync(join(folder, 'controls.css'), 'button { color: red; }');
      const own = loadAssets('/sekisho', BRAND, folder);
      const css = own.find(own.css)!.body.toString();
      assert.match(css, /button \{ color: red; \}/);
      assert.match(css, /--ground/);
      assert.equal(own.js, assets.js);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('load nothing from anywhere', () => {
    for (const path of [assets.css, assets.js]) {
      assert.doesNotMatch(assets.find(path)!.body.toString(), /https?:|url\(|@import|@font-face/);
    }
  });

  it('weigh little: every page stays under 12 KiB with them, 20 KiB is the limit', (t) => {
    const { render } = createRenderer();
    const [css, js] = [assets.find(assets.css)!, assets.find(assets.js)!];
    t.diagnostic(
      `css ${css.brotli.length} (gzip ${css.gzip.length}), js ${js.brotli.length} (gzip ${js.gzip.length}) bytes`,
    );
    for (const [name, { page }] of Object.entries(EXAMPLES)) {
      const sizes = ['ja', 'en'].map((lang) =>
        Buffer.byteLength(render(page, exampleModel(name, lang) as never)),
      );
      const html = Math.max(...sizes);
      const total = html + css.brotli.length + js.brotli.length;
      t.diagnostic(`${name}: html ja ${sizes[0]}, en ${sizes[1]}, page ${total} bytes`);
      assert.ok(total <= 12 * KIB, `${name} weighs ${total} bytes`);
      assert.ok(html + css.gzip.length + js.gzip.length <= 20 * KIB);
    }
  });
});
