import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ErrorCode, SekishoError } from '../errors.ts';
import type { AssetFile } from './assets.ts';
import { assertOurForm } from './forgery.ts';
import { type Form, readForm } from './form.ts';
import { FIELDS, HANDLERS, type Next, shownNumber } from './handlers.ts';
import { basePage, codePage, numberPage, pageError, problemPage, signUpPage } from './present.ts';
import { type PagesParts, STATUS, show, showProblem } from './respond.ts';
import { openVisit, type Visit } from './visit.ts';

/** Mounts on Express, and on anything that speaks `(req, res, next)`: Koa, Fastify, Nest, plain `http`. */
export type Router = (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void) => void;

/** The pages of Sekisho. Requests for other paths go on to `next`. */
export function createRouter(pages: PagesParts): Router {
  const mount = `${pages.parts.core.options.mountPath}/`;
  return (req, res, next) => {
    const path = pathOf(req);
    if (!path.startsWith(mount)) return next ? next() : void respondNotFound(pages, req, res);
    void serve(pages, req, res, path.slice(mount.length));
  };
}

/** The whole path, also where a host took a prefix off `req.url`. */
function pathOf(req: IncomingMessage): string {
  const original = (req as { originalUrl?: string }).originalUrl ?? req.url ?? '/';
  return original.split('?')[0]!;
}

async function serve(
  pages: PagesParts,
  req: IncomingMessage,
  res: ServerResponse,
  rest: string,
): Promise<void> {
  const [uid = '', action, ...more] = rest.split('/');
  const asset = req.method === 'GET' && uid === 'assets' ? pages.assets.find(pathOf(req)) : undefined;
  if (asset) return sendAsset(req, res, asset);
  let visit: Visit | undefined;
  try {
    if (!/^[\w-]{10,64}$/.test(uid) || more.length > 0) throw new SekishoError('not_found', 'No such page');
    if (req.method === 'POST' && action !== undefined) {
      await post(pages, req, res, uid, action, (opened) => {
        visit = opened;
      });
    } else if ((req.method === 'GET' || req.method === 'HEAD') && action === undefined) {
      visit = await openVisit(pages.parts, req, res, uid);
      await showStep(pages, visit);
    } else throw new SekishoError('not_found', 'No such page');
  } catch (error) {
    await showProblem(pages, req, res, visit, error);
  }
}

async function post(
  pages: PagesParts,
  req: IncomingMessage,
  res: ServerResponse,
  uid: string,
  action: string,
  opened: (visit: Visit) => void,
): Promise<void> {
  const { parts } = pages;
  const { ring, options } = parts.core;
  const handler = HANDLERS[action];
  if (!handler) throw new SekishoError('not_found', 'No such form');
  const form = await readForm(req, res, options.bodyTimeout);
  assertOurForm(ring, uid, options.issuer, req, form['csrf'] ?? '');
  const visit = await openVisit(parts, req, res, uid);
  opened(visit);
  if (hasResult(visit)) return showDone(pages, visit, visit.interaction.returnTo, true);
  try {
    await follow(pages, visit, await handler(parts, visit, form));
  } catch (error) {
    if (!(error instanceof SekishoError) || !SHOWN_IN_FORM.has(error.code)) throw error;
    await showAgain(pages, visit, action, form, error);
  }
}

const hasResult = ({ interaction }: Visit): boolean => interaction.result !== undefined;

function follow(pages: PagesParts, visit: Visit, next: Next): Promise<void> {
  if (next.to === 'provider') return showDone(pages, visit, next.url, next.verified);
  const locale = visit.url.searchParams.get('ui_locales');
  const query = [next.query, locale === null ? undefined : `ui_locales=${encodeURIComponent(visit.locale)}`]
    .filter(Boolean)
    .join('&');
  visit.res.statusCode = 303;
  visit.res.setHeader(
    'Location',
    `${pages.parts.core.options.mountPath}/${visit.uid}${query && `?${query}`}`,
  );
  visit.res.setHeader('Cache-Control', 'no-store');
  visit.res.end();
  return Promise.resolve();
}

/** Shows the step the flow is at. Sends nothing, verifies nothing (WEB-10). */
async function showStep(pages: PagesParts, visit: Visit): Promise<void> {
  const { parts, assets } = pages;
  const { flow, locale } = visit;
  if (hasResult(visit))
    return showDone(pages, visit, visit.interaction.returnTo, !visit.interaction.result?.['error']);
  if (flow.ended === 'locked' || flow.ended === 'disabled') {
    const code = flow.ended === 'locked' ? 'code_exhausted' : 'authenticator_disabled';
    return show(pages, visit.res, 'problem', await problemPage(parts, assets, locale, visit, code), 403);
  }
  if (flow.ended === 'finished') throw new SekishoError('interaction_done', 'This sign-in is over');
  if (flow.purpose === 'signup' && flow.applicant === null) {
    const typed = { login: '', name: '' };
    return show(pages, visit.res, 'signup', await signUpPage(parts, assets, visit, null, typed));
  }
  const editing = flow.authenticatorId === null && visit.url.searchParams.get('edit') === 'number';
  if (flow.to === null || editing) {
    const page = await numberPage(parts, assets, visit, null, shownNumber(parts, visit, undefined));
    return show(pages, visit.res, 'number', page);
  }
  return show(pages, visit.res, 'code', await codePage(parts, assets, visit, null));
}

/** What is said above the form it belongs to; everything else is a page of its own. */
const SHOWN_IN_FORM: ReadonlySet<ErrorCode> = new Set([
  'code_malformed',
  'code_wrong',
  'code_expired',
  'attempt_too_early',
  'number_invalid',
  'number_not_allowed',
  'number_taken',
  'notice_required',
  'send_too_early',
  'send_limit',
  'login_taken',
  'login_invalid',
  'password_weak',
]);

/** Errors that belong to one input, whichever form they came from; the others to that of their form (A11-05). */
const OWN_FIELDS: Partial<Record<ErrorCode, string>> = {
  password_weak: 'password',
  login_taken: 'login',
  number_taken: 'phone',
};

async function showAgain(pages: PagesParts, visit: Visit, action: string, form: Form, error: SekishoError) {
  const { parts, assets } = pages;
  const status = STATUS[error.code] ?? 400;
  const said = pageError(parts, error, OWN_FIELDS[error.code] ?? FIELDS[action] ?? null);
  const { res } = visit;
  if (action === 'signup' || error.code === 'login_taken') {
    const typed = { login: form['login'] ?? '', name: form['name'] ?? '' };
    return show(pages, res, 'signup', await signUpPage(parts, assets, visit, said, typed), status);
  }
  const atNumber =
    visit.flow.authenticatorId === null && (action === 'number' || error.code === 'number_taken');
  if (atNumber) {
    const value = shownNumber(parts, visit, form['phone']);
    return show(pages, res, 'number', await numberPage(parts, assets, visit, said, value), status);
  }
  if (visit.flow.to === null) throw error;
  return show(pages, res, 'code', await codePage(parts, assets, visit, said), status);
}

async function showDone(pages: PagesParts, visit: Visit, next: string, verified: boolean): Promise<void> {
  const base = await basePage(pages.parts, pages.assets, visit.locale, visit);
  show(pages, visit.res, 'done', { ...base, next, verified });
}

const respondNotFound = (pages: PagesParts, req: IncomingMessage, res: ServerResponse) =>
  showProblem(pages, req, res, undefined, new SekishoError('not_found', 'No such page'));

function sendAsset(req: IncomingMessage, res: ServerResponse, asset: AssetFile): void {
  asset.send(req, res);
}
