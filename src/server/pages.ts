import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type Options, serviceName } from '../options.ts';
import { loadAssets } from '../pages/assets.ts';
import { protect } from '../pages/headers.ts';
import { OUR_VIEWS } from '../pages/render.ts';
import { RETRY_AFTER_SECONDS } from '../pages/respond.ts';
import { compileTemplates, type Templates } from '../pages/templates.ts';
import { loadTexts, type Texts } from '../texts.ts';

export type ServerPageName = 'login' | 'consent' | 'onwards' | 'error' | 'logout' | 'signed-out';

/** What went wrong with an entry, in the language of the page. */
export interface EntryError {
  text: string;
  /** Name of the input it belongs to; null for one that is about none. */
  field: string | null;
}

/** What a page is about; whatever else its view uses comes along. */
export interface About {
  locale: string;
  /** Name of the relying party; untrusted text. */
  client?: string;
  /** Address of the page, for its forms and its language links; without it there are no such links. */
  here?: string;
  /** Whether the person chose the language; then links and forms keep it. */
  chosen?: boolean;
  csrf?: string;
  error?: EntryError | null;
  [more: string]: unknown;
}

/** The pages of the server around the second factor: password, consent, sign-out, errors. Same views, same headers. */
export interface ServerPages {
  readonly https: boolean;
  /** The page as HTML; sets the headers that belong to it. */
  print(res: ServerResponse, name: ServerPageName, about: About): string;
  /** Answers with the page. */
  send(res: ServerResponse, name: ServerPageName, about: About, status?: number): void;
  say: Texts['say'];
  /** The languages there are pages in. */
  locales: Texts['locales'];
  /** The language of a request: `ui_locales` before Accept-Language. */
  localeOf(req: IncomingMessage, uiLocales: string | undefined): string;
}

/** Views were tried out by the renderer of the second factor, so these are made when the first page is shown. */
export function createServerPages({ brand, issuer, views, mountPath, texts: own }: Options): ServerPages {
  const https = issuer.startsWith('https:');
  const texts = loadTexts(join(OUR_VIEWS, 'locales'), own);
  let made: { templates: Templates; css: string; js: string } | undefined;
  const make = () => {
    const { css, js } = loadAssets(mountPath, brand, views);
    return { templates: compileTemplates(OUR_VIEWS, views), css, js };
  };
  const brandIn = (locale: string) => ({ ...brand, name: serviceName(brand, locale) });
  const print: ServerPages['print'] = (res, name, about) => {
    made ??= make();
    const { templates, css, js } = made;
    const nonce = randomBytes(16).toString('base64');
    protect(res, { nonce, https });
    return templates.find(`server/${name}`)(
      model(texts, about, { brand: brandIn(about.locale), nonce, css, js }),
    );
  };
  return {
    https,
    print,
    send(res, name, about, status = 200) {
      const html = print(res, name, about);
      res.statusCode = status;
      if (status === 503) res.setHeader('Retry-After', RETRY_AFTER_SECONDS);
      res.setHeader('Content-Type', 'text/html; charset=utf-8');
      res.setHeader('Content-Length', Buffer.byteLength(html));
      res.end(html);
    },
    say: texts.say,
    locales: texts.locales,
    localeOf: (req, uiLocales) => texts.negotiate(uiLocales, req.headers['accept-language']),
  };
}

/** The names that the shared partials rely on; see `PageBase` in pages/model.ts. */
function model(texts: Texts, about: About, fixed: object): object {
  const { locale, here = '', chosen = false, ...rest } = about;
  const t = (key: string, values?: Record<string, string | number>) => texts.say(locale, key, values);
  return Object.assign(
    Object.create(null),
    { client: '', csrf: '', error: null, alternative: null, onward: undefined },
    rest,
    fixed,
    {
      lang: locale,
      t,
      explain: (error: EntryError) => error.text,
      here,
      query: chosen ? `?ui_locales=${encodeURIComponent(locale)}` : '',
      languages:
        here === ''
          ? []
          : texts.locales.map((tag) => ({
              tag,
              label: texts.say(tag, 'language.name'),
              href: `${here}?ui_locales=${tag}`,
              current: tag === locale,
            })),
    },
  );
}
