import type { ServerResponse } from 'node:http';
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Core } from '../domain/core.ts';
import { digest } from '../domain/keys.ts';
import { type Sealed, seal, unseal } from '../domain/seal.ts';
import { type Json, key } from '../ports/store.ts';
import { browserOf, isBrowser, isSameBrowser } from './browser-binding.ts';

/**
 * How long the answer to a finished interaction is given again: about as long as the code in it lives. A page moves there by
 * itself and offers a link to the same place, and an application on a telephone may only be opened by a press (fault C.2).
 */
const REPEAT_MS = 120_000;

/** What the provider answered, as far as a browser needs it. */
interface Answer {
  status: number;
  headers: Record<string, string>;
  cookies: string[];
  body: string;
}

type Kept = { browser: string; answer: Sealed };

const REPEATED_HEADERS = ['location', 'content-type', 'content-security-policy', 'referrer-policy'];
const answerKey = (uid: string) => key(digest(`answer ${uid}`), 'oidc-answer');
const sealContext = (uid: string) => `answer ${digest(uid)}`;

/**
 * Makes the address where an interaction goes on answer the same again, to the same browser, for two minutes: the library
 * answers there once. The answer holds a code and a session, so it is sealed in the store.
 *
 * @param gone Writes the page for an interaction that is over, where it was one of ours.
 */
export function repeatAnswers(
  core: Core,
  { routes }: Configuration,
  secure: boolean,
  gone: (ctx: KoaContextWithOIDC, uid: string) => Promise<void>,
): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  const prefixes = [routes?.authorization ?? '/auth', routes?.code_verification ?? '/device'];
  return async (ctx, next) => {
    const uid = resumedIn(ctx, prefixes);
    if (uid === undefined) return next();
    const known = await readAnswer(core, ctx, uid, secure);
    if (known) return repeat(ctx, known);
    const before = cookiesOf(ctx.res);
    await next();
    if (isFinished(ctx, secure))
      await keepAnswer(core, uid, browserOf(ctx.oidc.entities.Interaction!)!, answerOf(ctx, before));
    else if (ctx.status === 400 && !ctx.oidc?.entities.Interaction) await gone(ctx, uid);
  };
}

/** The interaction a request goes on with, for an application or for a device. */
function resumedIn({ method, path }: KoaContextWithOIDC, prefixes: readonly string[]): string | undefined {
  const prefix = prefixes.find((one) => path.startsWith(`${one}/`));
  const uid = method === 'GET' && prefix !== undefined ? path.slice(prefix.length + 1) : '';
  return /^[\w-]{10,64}$/.test(uid) ? uid : undefined;
}

/** Without params the library did not finish: it asks first whether the session of another person may end. */
function isFinished({ oidc, req, status }: KoaContextWithOIDC, secure: boolean): boolean {
  const interaction = oidc?.entities.Interaction;
  return (
    interaction !== undefined &&
    oidc.params !== undefined &&
    status < 500 &&
    isSameBrowser(req, interaction, secure)
  );
}

async function readAnswer(
  core: Core,
  ctx: KoaContextWithOIDC,
  uid: string,
  secure: boolean,
): Promise<Answer | undefined> {
  const kept = (await core.store.get(answerKey(uid), core.clock.now())) as Kept | undefined;
  if (!kept || !isBrowser(ctx.req, kept.browser, secure)) return undefined;
  return JSON.parse(unseal(core.ring, kept.answer, sealContext(uid))) as Answer;
}

async function keepAnswer(core: Core, uid: string, browser: string, answer: Answer): Promise<void> {
  const now = core.clock.now();
  const sealed = seal(core.ring, JSON.stringify(answer), sealContext(uid));
  const kept: Kept = { browser, answer: sealed };
  await core.store.put(answerKey(uid), kept as unknown as Json, now + REPEAT_MS, now);
}

function answerOf(ctx: KoaContextWithOIDC, before: readonly string[]): Answer {
  const headers = REPEATED_HEADERS.flatMap((name) => {
    const value = ctx.response.get(name) as string;
    return value === '' ? [] : [[name, value]];
  });
  return {
    status: ctx.status,
    headers: Object.fromEntries(headers),
    cookies: cookiesOf(ctx.res).filter((cookie) => !before.includes(cookie)),
    body: typeof ctx.body === 'string' ? ctx.body : '',
  };
}

function repeat(ctx: KoaContextWithOIDC, { status, headers, cookies, body }: Answer): void {
  ctx.body = body;
  ctx.status = status;
  ctx.set(headers);
  ctx.set('Cache-Control', 'no-store');
  ctx.res.setHeader('Set-Cookie', [...cookiesOf(ctx.res), ...cookies]);
}

function cookiesOf(res: ServerResponse): string[] {
  const cookies = res.getHeader('Set-Cookie');
  return Array.isArray(cookies) ? cookies : cookies === undefined ? [] : [String(cookies)];
}
