import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { type Page, Visitor } from '../support/browser-client.ts';
import { CLIENT_SECRET, PASSWORD, REDIRECT_URI, requestAt } from '../support/test-server.ts';
import { count, type Ledger } from './ledger.ts';
import type { Person, Site } from './site.ts';

/** RFC 7636, appendix B: what `requestAt` holds the challenge of. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const RETRY_MS = 250;
/** How long somebody goes on trying to get in. */
const GIVE_UP_MS = 60_000;
/** How long somebody waits for a message before asking for another one. */
const MESSAGE_PATIENCE_MS = 6000;

/** A person in front of a browser, in one sign-in. */
export interface SignIn {
  site: Site;
  ledger: Ledger;
  person: Person;
  visitor: Visitor;
  /** What is shown; undefined where the browser shows an error of the network. */
  page: Page | undefined;
  /** What a reload asks for: the last page that was no answer to a form. */
  reload: string;
  /** When it began: codes from before are of other sign-ins. */
  began: number;
  /** The form with the last code, for a test that sends it again. */
  codeForm: { action: string; fields: Record<string, string> } | undefined;
  /** Codes that a page did not take. */
  refused: Set<string>;
}

let visitors = 0;

/** Opens the request of the application, as a new browser at an address of its own. */
export async function beginSignIn(site: Site, ledger: Ledger, person: Person): Promise<SignIn> {
  visitors += 1;
  const address = `198.51.${Math.floor(visitors / 250) % 250}.${(visitors % 250) + 1}`;
  const signIn: SignIn = {
    ...{ site, ledger, person, page: undefined, reload: requestAt(site.issuer), began: Date.now() },
    ...{ visitor: new Visitor({ accept: 'text/html', 'x-forwarded-for': address }), codeForm: undefined },
    refused: new Set(),
  };
  await open(signIn, signIn.reload);
  return signIn;
}

const open = (signIn: SignIn, url: string): Promise<void> =>
  show(signIn, () => signIn.visitor.open(url, { stopAt: REDIRECT_URI }), true);

function press(signIn: SignIn, name: string, fields: Record<string, string>): Promise<void> {
  if (name !== 'code') count(signIn.ledger.presses, signIn.person.phone);
  return show(signIn, () => signIn.page!.submit(name, fields, REDIRECT_URI), false);
}

async function show(signIn: SignIn, act: () => Promise<Page>, canReload: boolean): Promise<void> {
  const { seen } = signIn.ledger;
  try {
    const page = await act();
    count(seen, hasArrived({ page }) ? 'arrived' : String(page.status));
    const isPage = !/\/(login|number|code|send|change)$/.test(new URL(page.url).pathname);
    if (isPage && (page.status < 400 || (canReload && page.status >= 500))) signIn.reload = page.url;
    signIn.page = page;
  } catch (error) {
    const { cause, name } = error as { cause?: { code?: string }; name: string };
    count(seen, cause?.code ?? name);
    signIn.page = undefined;
  }
}

const hasArrived = ({ page }: Pick<SignIn, 'page'>): boolean => page?.url.startsWith(REDIRECT_URI) ?? false;

/** What a person does with what is shown. */
async function step(signIn: SignIn): Promise<void> {
  const { page, person, ledger } = signIn;
  if (!page || page.status >= 500 || page.status === 429) {
    await pause(RETRY_MS);
    return open(signIn, signIn.reload);
  }
  if (page.next) return open(signIn, page.next);
  if (page.form('login')) return press(signIn, 'login', { login: person.login, password: PASSWORD });
  if (page.form('code')) return enterCode(signIn, page);
  if (page.form('number')) {
    if (ledger.bound.has(person.login)) ledger.unbound.add(person.login);
    return press(signIn, 'number', { phone: person.phone });
  }
  if (page.form('send')) return press(signIn, 'send', { channel: 'sms' });
  return beginAgain(signIn);
}

/** The page has ended, or leads no further: the application is where one begins again. */
function beginAgain(signIn: SignIn): Promise<void> {
  signIn.ledger.restarted += 1;
  return open(signIn, requestAt(signIn.site.issuer));
}

async function enterCode(signIn: SignIn, page: Page): Promise<void> {
  const { site, person, ledger, refused } = signIn;
  const code = await site.vendor.codeFor(person.phone, signIn.began, MESSAGE_PATIENCE_MS);
  if (code === undefined || refused.has(code)) {
    return page.form('send') ? press(signIn, 'send', { channel: 'sms' }) : beginAgain(signIn);
  }
  const { action, fields } = page.form('code')!;
  signIn.codeForm = { action, fields: { ...fields, code } };
  await press(signIn, 'code', { code });
  const { status = 0 } = signIn.page ?? {};
  if (status >= 400 && status < 500) refused.add(code);
  if (signIn.page?.next) ledger.bound.set(person.login, person.phone);
}

/** Goes on until the page waits for the code, and leaves it open. */
export async function untilCodePage(signIn: SignIn): Promise<SignIn> {
  const until = Date.now() + GIVE_UP_MS;
  while (!signIn.page?.form('code') && !hasArrived(signIn) && Date.now() < until) await step(signIn);
  return signIn;
}

/** Goes on until the application has the tokens, or patience ends. Answers whether it came to that. */
export async function finishSignIn(signIn: SignIn): Promise<boolean> {
  const { ledger } = signIn;
  const until = Date.now() + GIVE_UP_MS;
  while (Date.now() < until) {
    if (!hasArrived(signIn)) await step(signIn);
    else if (await redeem(signIn)) {
      ledger.arrived += 1;
      return true;
    } else await beginAgain(signIn);
  }
  const { page } = signIn;
  ledger.gaveUp.push(`${signIn.person.login} at ${page?.status} ${page?.url}: ${page?.text().slice(0, 120)}`);
  return false;
}

/** The application exchanges its code, and tries again where it is told that this may help. */
async function redeem({ site, ledger, person, page }: SignIn): Promise<boolean> {
  const code = new URL(page!.url).searchParams.get('code');
  const body = new URLSearchParams({
    ...{ grant_type: 'authorization_code', client_id: 'own', client_secret: CLIENT_SECRET },
    ...{ redirect_uri: REDIRECT_URI, code: code ?? '', code_verifier: VERIFIER },
  });
  for (let round = 0; code !== null && round < 20; round += 1) {
    const response = await fetch(`${site.issuer}/token`, { method: 'POST', body }).catch(() => undefined);
    count(ledger.seen, `token ${response?.status ?? 'lost'}`);
    if (response?.ok) return isOf(person, ((await response.json()) as { id_token: string }).id_token);
    if (response && response.status < 500) return false;
    await pause(RETRY_MS);
  }
  return false;
}

function isOf({ login }: Person, token: string): boolean {
  const { sub, amr } = decodeJwt(token) as { sub?: string; amr?: string[] };
  if (sub !== `id-${login}` || !amr?.includes('mfa'))
    throw new Error(`${login} got a token of ${sub}, ${amr}`);
  return true;
}

/** People who sign in one after the other, half of them for the first time, until they are told to stop. */
export interface Load {
  /** Everybody finishes what he began. */
  stop(): Promise<SignIn[]>;
}

const PEOPLE = 8;
const REST_MS = 100;

export function startLoad(site: Site, ledger: Ledger): Load {
  let stopped = false;
  const done: SignIn[] = [];
  const live = async () => {
    const known: Person[] = [];
    for (let turn = 0; !stopped; turn += 1) {
      const person = turn % 2 === 0 ? site.nextAccount() : known[turn % known.length]!;
      const signIn = await beginSignIn(site, ledger, person);
      if (await finishSignIn(signIn)) done.push(signIn);
      if (turn % 2 === 0) known.push(person);
      await pause(REST_MS);
    }
  };
  const all = Promise.all(Array.from({ length: PEOPLE }, live));
  return {
    async stop() {
      stopped = true;
      await all;
      return done;
    },
  };
}
