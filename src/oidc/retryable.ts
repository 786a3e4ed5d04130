import { AsyncLocalStorage } from 'node:async_hooks';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { SekishoError } from '../errors.ts';
import type { Key } from '../ports/store.ts';

/** One request that the provider answers. */
interface ProviderRequest {
  ctx: KoaContextWithOIDC;
  /** What the provider deletes while a sign-in goes on, kept back until nothing can fail any more. */
  deletions: (() => Promise<unknown>)[];
  /** What takes back the steps that can be taken once only; none of them throws. */
  undoings: (() => Promise<void>)[];
  /** Sessions that it read, by their records, and which revision that was. */
  revisions: Map<Key, number>;
}
const RESUMING: ReadonlySet<string | undefined> = new Set(['resume', 'device_resume']);
const requests = new AsyncLocalStorage<ProviderRequest>();

/**
 * Deletes now; where the request resumes a sign-in, once its answer stands. The library removes the interaction and the
 * old session before it does the rest: a failure in between took a proved sign-in away for good (fault H.9).
 */
export async function deleteOnceAnswered(deletion: () => Promise<unknown>): Promise<void> {
  const request = requests.getStore();
  if (RESUMING.has(request?.ctx.oidc?.route)) request!.deletions.push(deletion);
  else await deletion();
}

/** Has a step taken back where a failure of ours ends the request that took it: whoever made it may try again. */
export function undoneIfWeFail(undoing: () => Promise<void>): void {
  requests.getStore()?.undoings.push(undoing);
}

/** Which revisions of sessions the request under way has read; undefined outside of the provider. */
export const revisionsRead = (): Map<Key, number> | undefined => requests.getStore()?.revisions;

/** What people open; everything else is asked for by programs. */
const BROWSER_ROUTES: ReadonlySet<string | undefined> = new Set([
  'authorization',
  'resume',
  'end_session',
  'end_session_confirm',
  'end_session_success',
  'code_verification',
  'device_resume',
]);

const RETRY_AFTER_SECONDS = '5';

/** How a failure is answered and reported. */
export interface FailureAnswers {
  /** The page as HTML; sets the headers that belong to it. */
  page(ctx: KoaContextWithOIDC, canRetry: boolean): Promise<string>;
  report(error: unknown): void;
}

/**
 * Makes what the provider answers during a failure of ours something that can be tried again: 503 and Retry-After, a page
 * for people and `temporarily_unavailable` for programs, and a browser that still has the cookies it came with.
 */
export function keepRetryable(
  provider: Provider,
  answers: FailureAnswers,
): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  const failures = new WeakMap<KoaContextWithOIDC, unknown>();
  provider.on('server_error', (ctx, error) => void failures.set(ctx, error));
  return async (ctx, next) => {
    const cookies = ctx.res.getHeader('Set-Cookie');
    const request: ProviderRequest = { ctx, deletions: [], undoings: [], revisions: new Map() };
    const failure = await failureOf(request, next, failures);
    if (failure === undefined) return;
    await Promise.all(request.undoings.map((undo) => undo()));
    if (cookies === undefined) ctx.res.removeHeader('Set-Cookie');
    else ctx.res.setHeader('Set-Cookie', cookies);
    if (!isStoreFailure(failure)) return;
    answers.report(failure);
    await answer(ctx, answers);
  };
}

/** Lets the provider answer, and says what broke meanwhile, if something did. */
async function failureOf(
  request: ProviderRequest,
  next: () => Promise<void>,
  failures: WeakMap<KoaContextWithOIDC, unknown>,
): Promise<unknown> {
  try {
    await requests.run(request, next);
    if (failures.has(request.ctx)) return failures.get(request.ctx);
    await Promise.all(request.deletions.map(twice));
    return undefined;
  } catch (error) {
    if (isStoreFailure(error)) return error;
    throw error;
  }
}

/**
 * A session that was replaced must be gone: it shares its facts with the new one. Where only the answer was lost, a second
 * try keeps the sign-in, which nobody could take up again.
 */
const twice = (deletion: () => Promise<unknown>) => deletion().catch(deletion);

const isStoreFailure = (error: unknown): boolean =>
  error instanceof SekishoError && error.code === 'store_unavailable';

async function answer(ctx: KoaContextWithOIDC, { page }: FailureAnswers): Promise<void> {
  ctx.status = 503;
  ctx.remove('Location');
  ctx.set('Retry-After', RETRY_AFTER_SECONDS);
  ctx.set('Cache-Control', 'no-store');
  if (BROWSER_ROUTES.has(ctx.oidc?.route) || ctx.accepts('json', 'html') === 'html') {
    ctx.body = await page(ctx, ctx.method === 'GET');
    ctx.type = 'html';
  } else {
    ctx.body = { error: 'temporarily_unavailable', error_description: 'try again in a moment' };
  }
}
