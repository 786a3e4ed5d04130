import type { IncomingMessage, ServerResponse } from 'node:http';
import { digest } from '../domain/keys.ts';
import type { RotatingCookie } from '../domain/rotating-secret.ts';
import { readCookie } from './request.ts';

/**
 * The two cookies of ours, both without meaning to anybody else: a name and a secret per browser, and a trust secret per browser
 * and account, named after the account so that two people on one computer keep theirs (lesson 14).
 */
export interface BrowserCookies {
  browser(req: IncomingMessage): string | undefined;
  setBrowser(res: ServerResponse, cookie: RotatingCookie): void;
  trust(req: IncomingMessage, accountId: string): string | undefined;
  setTrust(res: ServerResponse, accountId: string, cookie: RotatingCookie): void;
}

/** @param secure Whether the issuer is served over https; then the names carry the `__Host-` prefix (WEB-07). */
export function createBrowserCookies(secure: boolean): BrowserCookies {
  const prefix = secure ? '__Host-' : '';
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  const idName = `${prefix}sekisho-browser`;
  const trustName = (accountId: string) =>
    `${prefix}sekisho-trust-${digest(`cookie ${accountId}`).slice(0, 12)}`;
  const set = (res: ServerResponse, name: string, { value, expiresAt }: RotatingCookie) =>
    addCookie(res, `${name}=${value}; ${attributes}; Expires=${new Date(expiresAt).toUTCString()}`);
  return {
    browser: (req) => readCookie(req, idName),
    setBrowser: (res, cookie) => set(res, idName, cookie),
    trust: (req, accountId) => readCookie(req, trustName(accountId)),
    setTrust: (res, accountId, cookie) => set(res, trustName(accountId), cookie),
  };
}

/** Sets one more cookie beside those that are set already. */
export function addCookie(res: ServerResponse, cookie: string): void {
  const before = res.getHeader('Set-Cookie');
  const list = Array.isArray(before) ? before : before === undefined ? [] : [String(before)];
  res.setHeader('Set-Cookie', [...list, cookie]);
}
