import type { ErrorRequestHandler, Request } from 'express';
import { type ErrorCode, SekishoError } from '../../errors.ts';
import type { Log } from '../../options.ts';
import { uiLocalesOf } from '../../pages/path.ts';
import type { ServerPages } from '../pages.ts';
import { describeError } from '../provider.ts';

const STATUS: Partial<Record<ErrorCode, number>> = {
  request_forged: 403,
  not_found: 404,
  interaction_gone: 404,
  request_timeout: 408,
  interaction_mismatch: 409,
  request_too_large: 413,
  media_type: 415,
  busy: 503,
  store_unavailable: 503,
  internal: 500,
};

/** The last handler: a page for whatever went wrong, which tells nothing about us (WEB-14). */
export function answerErrors(pages: ServerPages, log: Log): ErrorRequestHandler {
  return (error: unknown, req, res, _next) => {
    const code = codeOf(error);
    const status = STATUS[code] ?? 400;
    if (status >= 500) log.error(describeError(error), 'server_error');
    else log.info({ code }, 'request.refused');
    if (res.headersSent) return void res.destroy();
    if (status === 408 || status === 413) res.setHeader('Connection', 'close');
    const retry = status >= 500 ? pageBehind(req) : null;
    const locale = pages.localeOf(req, uiLocalesOf(req));
    pages.send(res, 'error', { locale, code, detail: '', retry }, status);
  };
}

/** Where to try again after a failure of ours: the page itself, or the one that a form stood on. */
const pageBehind = ({ method, path }: Request): string =>
  method === 'GET' ? '' : path.replace(/^\/*/, '/').replace(/\/[^/]*$/, '');

/** Express gives a status to addresses and bodies that cannot be read. */
function codeOf(error: unknown): ErrorCode {
  if (error instanceof SekishoError) return error.code;
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 ? 'request_malformed' : 'internal';
}
