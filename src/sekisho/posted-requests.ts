import type { IncomingMessage } from 'node:http';
import type { Configuration, KoaContextWithOIDC, default as Provider } from 'oidc-provider';
import type { Core } from '../domain/core.ts';
import { SekishoError } from '../errors.ts';
import { readRaw } from '../pages/raw-body.ts';

/** Bytes of a form. It becomes the query of an address, and proxies take lines of 8 KiB. */
const MAX_FORM_BYTES = 7168;
const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(;|$)/i;

/**
 * Takes `POST` where relying parties may send a request as a form (OpenID Connect Core 3.1.2.1, RP-Initiated Logout 2), and
 * leads to `GET` with the same parameters (fault G.6). The library's own way demands session cookies with SameSite=None; this
 * one leaves them as they are, because browsers send Lax cookies with the GET. It is open to every site and changes nothing.
 */
export function takePostedRequests(provider: Provider, core: Core, host: Configuration): void {
  if (host.enableHttpPostMethods) return;
  const endpoints = new Map([
    [host.routes?.authorization ?? '/auth', 'authorization'],
    [host.routes?.end_session ?? '/session/end', 'end_session'],
  ]);
  provider.use(async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
    const endpoint = ctx.method === 'POST' ? endpoints.get(ctx.path) : undefined;
    if (endpoint === undefined) return next();
    const form = await formOf(ctx, core.options.bodyTimeout).catch((error: unknown) => {
      if (!(error instanceof SekishoError)) throw error;
      core.emit({ type: 'protocol.refused', endpoint, error: error.code });
      // Without parameters the library shows its page for a request that cannot be read.
      return '';
    });
    ctx.status = 303;
    // Relative, so that it holds below any mount point.
    ctx.set('Location', `?${form}`);
    ctx.set('Cache-Control', 'no-store');
    ctx.body = '';
  });
}

async function formOf({ req, res }: KoaContextWithOIDC, timeout: number): Promise<string> {
  if (!FORM_TYPE.test(req.headers['content-type'] ?? ''))
    throw new SekishoError('request_malformed', 'A request is sent as a form');
  const parsed = (req as IncomingMessage & { body?: unknown }).body;
  const text = parsed === undefined ? await readRaw(req, res, MAX_FORM_BYTES, timeout) : fieldsOf(parsed);
  const form = new URLSearchParams(Buffer.from(text).toString()).toString();
  if (form.length > MAX_FORM_BYTES) throw new SekishoError('request_too_large', 'A request is too large');
  return form;
}

/** What a body parser of the host made of it. One that makes objects of names in brackets reads what no request has. */
function fieldsOf(body: unknown): string {
  const pairs = Object.entries(body ?? {}).flatMap(([name, value]) =>
    [value].flat().map((one: unknown): [string, string] => {
      if (typeof one !== 'string') throw new SekishoError('request_malformed', 'A parameter is no text');
      return [name, one];
    }),
  );
  return new URLSearchParams(pairs).toString();
}
