import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Brand } from '../options.ts';
import { OUR_VIEWS } from './render.ts';

/** The stylesheet and the script, in memory; compressed when first asked for. */
export interface Assets {
  /** Addresses; they change with the content, so browsers may keep a file for ever. */
  css: string;
  js: string;
  /** The file at this path, or undefined. */
  find(path: string): AssetFile | undefined;
}

export interface AssetFile {
  body: Buffer;
  gzip: Buffer;
  brotli: Buffer;
  type: string;
  etag: string;
  /** Answers a GET or HEAD in the best encoding the browser takes; 304 where it has the file. */
  send(req: IncomingMessage, res: ServerResponse): void;
}

type BrandColours = Pick<Brand, 'colour' | 'colourDark'>;
const STYLES = ['style.css', 'controls.css', 'delivery.css'];

/**
 * Reads stylesheet and script once, and puts the colours of the brand in.
 *
 * @param mountPath Where the pages live, such as `/sekisho`; the files are at `<mountPath>/assets/…`.
 * @param views Folder whose `style.css`, `controls.css`, `delivery.css` and `script.js` replace ours, one by one.
 */
export function loadAssets(mountPath: string, brand: BrandColours, views?: string): Assets {
  const read = (name: string) => readFileSync(fileOf(name, views), 'utf8');
  const css = assetFile('text/css; charset=utf-8', `${STYLES.map(read).map(tidy).join('')}${colours(brand)}`);
  const js = assetFile('text/javascript; charset=utf-8', read('script.js'));
  const paths = {
    css: `${mountPath}/assets/style.${fingerprint(css)}.css`,
    js: `${mountPath}/assets/script.${fingerprint(js)}.js`,
  };
  const files = new Map([
    [paths.css, css],
    [paths.js, js],
  ]);
  return { ...paths, find: (path) => files.get(path) };
}

function fileOf(name: string, views: string | undefined): string {
  const theirs = views === undefined ? undefined : join(views, name);
  return theirs !== undefined && existsSync(theirs) ? theirs : join(OUR_VIEWS, name);
}

/** Comments and indentation are for people who read the file. */
const tidy = (css: string): string => css.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\n\s*/g, '\n');

/** The options let nothing through but `#` and six hexadecimal digits. */
function colours({ colour, colourDark }: BrandColours): string {
  const set = (mode: string, value: string) => `--brand-${mode}:${value};--on-brand-${mode}:${inkOn(value)}`;
  return `:root{${set('light', colour)};${set('dark', colourDark)}}\n`;
}

/** Black or white, whichever stands out more from a colour (WCAG 2.2, relative luminance). */
function inkOn(colour: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? '#fff' : '#000';
}

const fingerprint = ({ etag }: AssetFile): string => etag.replace(/\W/g, '').slice(0, 12);

function assetFile(type: string, text: string): AssetFile {
  const body = Buffer.from(text);
  const gzip = once(() => gzipSync(body, { level: 9 }));
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  const brotli = once(() => brotliCompressSync(body, { params }));
  const file: AssetFile = {
    ...{ body, type, etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"` },
    get gzip() {
      return gzip();
    },
    get brotli() {
      return brotli();
    },
    send: (req, res) => send(file, req, res),
  };
  return file;
}

/** Made when somebody wants it first: compressing is the longest part of a start, and most processes need one encoding. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function send(file: Omit<AssetFile, 'send'>, req: IncomingMessage, res: ServerResponse): void {
  res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
  res.setHeader('ETag', file.etag);
  res.setHeader('Vary', 'Accept-Encoding');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  if (req.headers['if-none-match'] === file.etag) {
    res.statusCode = 304;
    return void res.end();
  }
  res.statusCode = 200; // Koa begins every answer with 404
  const { encoding, bytes } = encode(file, String(req.headers['accept-encoding'] ?? ''));
  if (encoding) res.setHeader('Content-Encoding', encoding);
  res.setHeader('Content-Type', file.type);
  res.setHeader('Content-Length', bytes.length);
  res.end(req.method === 'HEAD' ? undefined : bytes);
}

function encode(file: Omit<AssetFile, 'send'>, accepted: string) {
  const takes = (name: string) =>
    new RegExp(`(^|,)\\s*${name}\\s*(;\\s*q=(1|0?\\.\\d*[1-9]).*?)?(,|$)`).test(accepted);
  if (takes('br')) return { encoding: 'br', bytes: file.brotli };
  return takes('gzip') ? { encoding: 'gzip', bytes: file.gzip } : { encoding: undefined, bytes: file.body };
}
