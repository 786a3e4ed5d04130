import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { loadFlow } from '../domain/flow.ts';
import { type ErrorCode, SekishoError } from '../errors.ts';
import type { Parts } from '../oidc/parts.ts';
import type { Assets } from './assets.ts';
import { protect } from './headers.ts';
import type { PageName, Pages } from './model.ts';
import { pathOf, uiLocalesOf } from './path.ts';
import { homeOf, problemPage } from './present.ts';
import type { Renderer } from './render.ts';
import type { Visit } from './visit.ts';

export interface PagesParts {
  parts: Parts;
  renderer: Renderer;
  assets: Assets;
}

/** HTTP status of an error; 400 for the others. */
export const STATUS: Partial<Record<ErrorCode, number>> = {
  not_found: 404,
  interaction_gone: 404,
  interaction_mismatch: 409,
  interaction_done: 409,
  request_forged: 403,
  number_not_allowed: 403,
  sms_stopped: 403,
  code_exhausted: 403,
  authenticator_disabled: 403,
  request_too_large: 413,
  request_timeout: 408,
  media_type: 415,
  attempt_too_early: 429,
  send_too_early: 429,
  send_limit: 429,
  codes_paused: 429,
  busy: 503,
  store_unavailable: 503,
  internal: 500,
};

/** The page for whatever went wrong; no detail of ours is told (WEB-14). */
export async function showProblem(
  pages: PagesParts,
  req: IncomingMessage,
  res: ServerResponse,
  visit: Visit | undefined,
  error: unknown,
): Promise<void> {
  const { parts, assets } = pages;
  const { core } = parts;
  const code = error instanceof SekishoError ? error.code : 'internal';
  core.emit({ type: 'request.refused', code });
  if (code === 'internal' || code === 'store_unavailable') core.fault('page', error);
  const locale = visit?.locale ?? core.texts.negotiate(uiLocalesOf(req), req.headers['accept-language']);
  if (code === 'request_timeout' || code === 'request_too_large') res.setHeader('Connection', 'close');
  try {
    const home =
      code === 'interaction_gone' && !visit ? await homeOf(parts, uidOf(parts, req)).catch(() => null) : null;
    const page = await problemPage(parts, assets, locale, visit, code, home);
    show(pages, res, 'problem', { ...page, ...wayBack(parts, req, visit, code) }, STATUS[code] ?? 400);
  } catch {
    res.statusCode = 500;
    res.end();
  }
}

/** The page for a store that fails while the provider answers by itself; sets its headers. */
export async function storeFailurePage(
  pages: PagesParts,
  req: IncomingMessage,
  res: ServerResponse,
  canRetry: boolean,
): Promise<string> {
  const { parts, assets, renderer } = pages;
  const { core } = parts;
  const locale = core.texts.negotiate(uiLocalesOf(req), req.headers['accept-language']);
  const page = await problemPage(parts, assets, locale, undefined, 'store_unavailable');
  core.emit({ type: 'request.refused', code: 'store_unavailable' });
  protect(res, { nonce: page.nonce, https: core.options.issuer.startsWith('https:') });
  // A link without an address is the page itself, loaded again; one to another language would lose the request.
  const rest = { ...page, languages: [] };
  return renderer.render('problem', canRetry ? { ...rest, way: 'retry' } : rest);
}

/** The page for an interaction of ours that the provider has ended, in place of the provider's; for others nothing. */
export async function answerGone(pages: PagesParts, ctx: KoaContextWithOIDC, uid: string): Promise<void> {
  const { parts, assets, renderer } = pages;
  const { core } = parts;
  if ((await loadFlow(core, uid)) === undefined) return;
  const locale = core.texts.negotiate(uiLocalesOf(ctx.req), ctx.req.headers['accept-language']);
  const home = await homeOf(parts, uid);
  const page = await problemPage(parts, assets, locale, undefined, 'interaction_gone', home);
  core.emit({ type: 'request.refused', code: 'interaction_gone' });
  ctx.status = STATUS.interaction_gone!;
  ctx.type = 'html';
  protect(ctx.res, { nonce: page.nonce, https: core.options.issuer.startsWith('https:') });
  ctx.body = renderer.render('problem', page);
}

/** Where our store failed before the visit was known, the same page may work in a moment: no dead end (fault H.9). */
function wayBack(
  parts: Parts,
  req: IncomingMessage,
  visit: Visit | undefined,
  code: ErrorCode,
): { here?: string; way?: 'retry' } {
  const uid = uidOf(parts, req);
  if (visit || code !== 'store_unavailable' || !/^[\w-]{10,64}$/.test(uid)) return {};
  return { here: `${parts.core.options.mountPath}/${uid}`, way: 'retry' };
}

const uidOf = ({ core }: Parts, req: IncomingMessage): string =>
  pathOf(req).slice(`${core.options.mountPath}/`.length).split('/')[0]!;

/** For whoever reads no page: how long what is too much, or fails, mostly lasts. */
export const RETRY_AFTER_SECONDS = '5';

/** Writes a page, with every header that protects it. */
export function show<N extends PageName>(
  { parts, renderer }: PagesParts,
  res: ServerResponse,
  name: N,
  model: Pages[N],
  status = 200,
): void {
  const html = renderer.render(name, model);
  res.statusCode = status;
  if (status === 503) res.setHeader('Retry-After', RETRY_AFTER_SECONDS);
  protect(res, { nonce: model.nonce, https: parts.core.options.issuer.startsWith('https:') });
  res.setHeader('Content-Type', 'text/html; charset=utf-8');
  res.setHeader('Content-Length', Buffer.byteLength(html));
  res.end(html);
}
