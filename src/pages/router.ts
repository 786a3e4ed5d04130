import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ErrorCode, SekishoError } from '../errors.ts';
import { leaveForAlternative } from '../oidc/leave.ts';
import type { AssetFile } from './assets.ts';
import { codePage } from './code-page.ts';
import { answerEvents } from './events.ts';
import { assertOurForm } from './forgery.ts';
import { type Form, readForm } from './form.ts';
import { FIELDS, HANDLERS, type Next, shownNumber } from './handlers.ts';
import { receiveHook } from './hooks.ts';
import { pathOf } from './path.ts';
import { basePage, numberPage, pageError, problemPage, signUpPage } from './present.ts';
import { type PagesParts, STATUS, show, showProblem } from './respond.ts';
import { saying, whatWasSaid } from './said.ts';
import { createStreams, STREAM_LIMITS, type Streams } from './streams.ts';
import { openVisit, type Visit } from './visit.ts';

/** Mounts on Express, and on anything that speaks `(req, res, next)`: Koa, Fastify, Nest, plain `http`. */
export interface Router {
  (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void): void;
  /** Ends what goes on beyond its request: pages that wait for news. */
  close(): void;
}

/** The pages of Sekisho. Requests for other paths go on to `next`. */
export function createRouter(pages: PagesParts): Router {
  const mount = `${pages.parts.core.options.mountPath}/`;
  const { eventStreams } = pages.parts.core.options;
  const streams = createStreams({ ...STREAM_LIMITS, perProcess: eventStreams });
  const served = { ...pages, streams };
  const route = (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void): void => {
    const path = pathOf(req);
    if (path.startsWith(mount)) void serve(served, req, res, path.slice(mount.length));
    else if (next) next();
    else void respondNotFound(pages, req, res);
  };
  return Object.assign(route, { close: streams.close });
}

type Served = PagesParts & { streams: Streams };

async function serve(pages: Served, req: IncomingMessage, res: ServerResponse, rest: string): Promise<void> {
  const [uid = '', action, ...more] = rest.split('/');
  if (uid === 'hooks') return receiveHook(pages.parts, req, res, rest);
  const asset = findAsset(pages, req, uid);
  if (asset) return asset.send(req, res);
  let visit: Visit | undefined;
  try {
    if (!/^[\w-]{10,64}$/.test(uid) || more.length > 0) throw new SekishoError('not_found', 'No such page');
    if (req.method === 'POST' && action !== undefined) {
      await post(pages, req, res, uid, action, (opened) => {
        visit = opened;
      });
    } else {
      const view = VIEWS[[req.method, ...rest.split('/').slice(1)].join('/')];
      if (!view) throw new SekishoError('not_found', 'No such page');
      visit = await openVisit(pages.parts, req, res, uid);
      await view(pages, visit);
    }
  } catch (error) {
    await showProblem(pages, req, res, visit, error);
  }
}

/** The address of a form, opened by itself: it does nothing (WEB-10), and the sign-in goes on at its page. */
async function backToPage({ parts }: Served, { res, uid }: Visit): Promise<void> {
  res.statusCode = 303;
  res.setHeader('Location', `${parts.core.options.mountPath}/${uid}`);
  res.setHeader('Cache-Control', 'no-store');
  res.end();
}

/** The way to the host's other factor: its page gets the interaction cookie, and nothing else happens here. */
async function toAlternative({ parts }: Served, { req, res, interaction }: Visit): Promise<void> {
  if (!leaveForAlternative(parts, req, res, interaction)) throw new SekishoError('not_found', 'No such page');
}

/** What can be looked at. None of it sends or verifies (WEB-10). */
const VIEWS: Readonly<Record<string, (pages: Served, visit: Visit) => Promise<void>>> = {
  GET: (pages, visit) => showOrLeave(pages, visit),
  HEAD: (pages, visit) => showOrLeave(pages, visit),
  'GET/alternative': toAlternative,
  'GET/events': ({ parts, streams }, visit) => answerEvents(parts, streams, visit),
  ...Object.fromEntries(Object.keys(HANDLERS).map((name) => [`GET/${name}`, backToPage])),
};

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
    await goOn(pages, visit, await handler(parts, visit, form));
  } catch (error) {
    if (!(error instanceof SekishoError) || !SHOWN_IN_FORM.has(error.code)) throw error;
    const query = action === 'code' ? saying(error, form) : undefined;
    if (query !== undefined) return goOn(pages, visit, { to: 'page', query });
    await showAgain(pages, visit, action, form, error);
  }
}

const hasResult = ({ interaction }: Visit): boolean => interaction.result !== undefined;

function goOn(pages: PagesParts, visit: Visit, next: Next): Promise<void> {
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

/** Whose only second factor is the host's goes there; there is nothing to do at our pages. */
async function showOrLeave(pages: PagesParts, visit: Visit): Promise<void> {
  const { flow, req, res, interaction } = visit;
  const waits = flow.elsewhere && flow.ended === null && !hasResult(visit);
  if (waits && leaveForAlternative(pages.parts, req, res, interaction)) return;
  await showStep(pages, visit);
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
  return showCode(pages, visit);
}

async function showCode(pages: PagesParts, visit: Visit): Promise<void> {
  const { parts, assets } = pages;
  const said = await whatWasSaid(parts, visit);
  const error = said ? pageError(parts, said, 'code', visit.flow) : null;
  const status = said ? (STATUS[said.code] ?? 400) : 200;
  show(pages, visit.res, 'code', await codePage(parts, assets, visit, error), status);
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
  'codes_paused',
  'sms_stopped',
  'login_taken',
  'names_used_up',
  'login_invalid',
  'login_reserved',
  'login_lookalike',
  'password_short',
  'password_long',
  'password_common',
  'password_personal',
  'busy',
]);

/** Errors that belong to one input, whichever form they came from; the others to that of their form (A11-05). */
const OWN_FIELDS: Partial<Record<ErrorCode, string | null>> = {
  password_short: 'password',
  password_long: 'password',
  password_common: 'password',
  password_personal: 'password',
  login_taken: 'login',
  names_used_up: 'login',
  number_taken: 'phone',
  busy: null,
};

const fieldOf = (code: ErrorCode, action: string): string | null =>
  Object.hasOwn(OWN_FIELDS, code) ? OWN_FIELDS[code]! : (FIELDS[action] ?? null);

async function showAgain(pages: PagesParts, visit: Visit, action: string, form: Form, error: SekishoError) {
  const { parts, assets } = pages;
  const status = STATUS[error.code] ?? 400;
  const said = pageError(parts, error, fieldOf(error.code, action), visit.flow);
  const { res } = visit;
  if (action === 'signup' || error.code === 'login_taken' || error.code === 'names_used_up') {
    // After the code it is what was typed before the number.
    const { login = '', name = '' } = { ...visit.flow.applicant, ...form };
    const typed = { login, name: name ?? '' };
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

const findAsset = ({ assets }: PagesParts, req: IncomingMessage, folder: string): AssetFile | undefined =>
  req.method === 'GET' && folder === 'assets' ? assets.find(pathOf(req)) : undefined;
