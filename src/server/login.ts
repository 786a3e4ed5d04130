import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { flowName } from '../domain/flow.ts';
import { holderOf } from '../domain/limits.ts';
import { SekishoError } from '../errors.ts';
import type { AddressReader } from '../oidc/address-reader.ts';
import { limitAddress } from '../oidc/request.ts';
import { refusalResult } from '../oidc/result.ts';
import type { Log, Options } from '../options.ts';
import type { Form } from '../pages/form.ts';
import type { Account, Accounts } from '../ports/accounts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Sekisho } from '../sekisho.ts';
import { truncate } from '../truncate.ts';
import { grantConsent, showConsent } from './login/consent.ts';
import type { LoginCookie } from './login/known-browser.ts';
import { leaveByPage } from './login/leave.ts';
import {
  keepLanguage,
  type LoginVisit,
  openLoginVisit,
  readOurForm,
  type VisitParts,
} from './login/visit.ts';
import type { EntryError } from './pages.ts';
import type { PasswordThrottle, PasswordTry } from './throttle.ts';

export interface LoginParts extends VisitParts {
  options: Options;
  sekisho: Sekisho;
  accounts: Accounts;
  throttle: PasswordThrottle;
  addressOf: AddressReader;
  cookie: LoginCookie;
  clock: Clock;
  log: Log;
  /** What there is to try, shown on the password page of the demo and nowhere else. */
  demo?: { accounts: readonly { login: string; password: string }[]; handset: string };
}

const PROMPTS = ['login', 'consent'];
type Action = (parts: LoginParts, visit: LoginVisit, form: Form) => Promise<void>;
const ACTIONS: Readonly<Record<string, { prompts: readonly string[]; act: Action }>> = {
  login: { prompts: ['login'], act: giveLogin },
  consent: {
    prompts: ['consent'],
    act: (parts, visit) => onwards(parts, visit, () => grantConsent(parts, visit)),
  },
  cancel: { prompts: PROMPTS, act: cancel },
};

/** Password page and consent page, at `/interaction/:uid`. */
export function createLogin(parts: LoginParts): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.get(`${parts.path}/:uid`, (req, res, next) => void show(parts, req, res).catch(next));
  router.get(`${parts.path}/:uid/:action`, (req, res, next) => backToPage(parts, req, res, next));
  router.post(`${parts.path}/:uid/:action`, (req, res, next) => post(parts, req, res, next));
  return router;
}

async function show(parts: LoginParts, req: Request<{ uid: string }>, res: Response): Promise<void> {
  const visit = await openLoginVisit(parts, req, res, req.params.uid, PROMPTS);
  if (visit.interaction.prompt.name === 'consent') return showConsent(parts, visit);
  showLogin(parts, visit, loginHintOf(visit));
}

/** The address of a form, opened by itself, as by a browser that brings its tabs back: the sign-in goes on at its page. */
function backToPage(
  { path }: LoginParts,
  { params: { uid, action } }: Request<{ uid: string; action: string }>,
  res: Response,
  next: NextFunction,
): void {
  if (Object.hasOwn(ACTIONS, action)) res.redirect(303, `${path}/${encodeURIComponent(uid)}`);
  else next();
}

const MAX_LOGIN_LENGTH = 254;
function loginHintOf({ interaction: { params } }: LoginVisit): string {
  const hint = params['login_hint'];
  return typeof hint === 'string' ? truncate(hint, MAX_LOGIN_LENGTH) : '';
}

function post(
  parts: LoginParts,
  req: Request<{ uid: string; action: string }>,
  res: Response,
  next: NextFunction,
): void {
  const { uid, action } = req.params;
  const known = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!known) {
    next();
    return;
  }
  const { prompts, act } = known;
  const run = async () => {
    const form = await readOurForm(parts, req, res, uid, parts.options.bodyTimeout);
    const visit = await openLoginVisit(parts, req, res, uid, prompts);
    await keepLanguage(visit);
    await act(parts, visit, form);
  };
  run().catch(next);
}

function showLogin(
  parts: LoginParts,
  visit: LoginVisit,
  login: string,
  error?: EntryError,
  status = 200,
): void {
  parts.pages.send(
    visit.res,
    'login',
    { ...visit.about, login, error: error ?? null, demo: parts.demo },
    status,
  );
}

/** Looks at the password, and leaves the rest to the gate. */
async function giveLogin(parts: LoginParts, visit: LoginVisit, form: Form): Promise<void> {
  const { pages, accounts, log, clock } = parts;
  const { login = '', password = '' } = form;
  const { locale, interaction, req } = visit;
  const about = { flow: flowName(interaction.uid), client: String(interaction.params['client_id']) };
  const address = limitAddress(parts.addressOf(req));
  const attempt = await parts.throttle(login, address, parts.cookie.read(req));
  if (!attempt.granted) {
    log.warn(about, 'password.throttled');
    const minutes = Math.max(1, Math.ceil((attempt.retryAt - clock.now()) / 60_000));
    const text = pages.say(locale, 'server.login.throttled', { minutes });
    return showLogin(parts, visit, login, { text, field: null }, 429);
  }
  const refuse = (code: 'busy' | 'login_wrong', status: number) => {
    const text = pages.say(locale, `error.${code}`);
    showLogin(parts, visit, login, { text, field: code === 'busy' ? null : 'login' }, status);
  };
  // Whoever changes the password from now on and ends all sessions ends this sign-in too, however long the hash waits.
  const ts = clock.now() / 1000;
  const look = () => accounts.authenticate(login, password, holderOf(address));
  const account = await authenticateOnce(parts, visit, attempt, look);
  if (account === 'busy') {
    log.warn(about, 'password.busy');
    return refuse('busy', 503);
  }
  if (!account) {
    log.info(about, 'password.refused');
    return refuse('login_wrong', 400);
  }
  log.info({ ...about, account: account.accountId }, 'password.accepted');
  await onwards(parts, visit, async () => ({ login: { accountId: account.accountId, ts } }));
}

/** Who has this password. Only a wrong one keeps its try: what a failure of ours ended says nothing (fault H.2). */
async function authenticateOnce(
  { cookie }: LoginParts,
  { req, res }: LoginVisit,
  attempt: Extract<PasswordTry, { granted: true }>,
  authenticate: () => Promise<Account | undefined>,
): Promise<Account | 'busy' | undefined> {
  try {
    const account = await authenticate();
    if (account) await attempt.right(account.accountId, cookie.renew(req, res));
    return account;
  } catch (error) {
    await attempt.failed();
    if (error instanceof SekishoError && error.code === 'busy') return 'busy';
    throw error;
  }
}

/** The person gives up: the relying party gets an error, never silence. */
function cancel(parts: LoginParts, visit: LoginVisit): Promise<void> {
  return onwards(parts, visit, async () => refusalResult(false));
}

/** Hands the result to the gate, and sees to how the browser gets on from there. */
async function onwards(
  { sekisho, pages }: LoginParts,
  visit: LoginVisit,
  result: () => Promise<Parameters<Sekisho['gate']>[2]>,
): Promise<void> {
  const { req, res, interaction, about } = visit;
  const done = await result();
  leaveByPage(res, interaction.returnTo, (next) => {
    const { here: _, ...rest } = about;
    pages.send(res, 'onwards', { ...rest, next });
  });
  await sekisho.gate(req, res, done);
}
