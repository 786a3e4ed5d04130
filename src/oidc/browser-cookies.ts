import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TrustCookie } from '../domain/devices.ts';
import { digest } from '../domain/keys.ts';
import { readCookie } from './request.ts';

/**
 * The two cookies of ours, both without meaning to anybody else: a random id per browser, and a trust secret per browser
 * and account, named after the account so that two people on one computer keep theirs (lesson 14).
 */
export interface BrowserCookies {
  browserId(req: IncomingMessage): string | undefined;
  /** The id of this browser; a new one is set where there was none. */
  ensureBrowserId(req: IncomingMessage, res: ServerResponse): string;
  trust(req: IncomingMessage, accountId: string): string | undefined;
  setTrust(res: ServerResponse, accountId: string, cookie: TrustCookie): void;
}

const BROWSER_ID_AGE = 180 * 86_400;

/** @param secure Whether the issuer is served over https; then the names carry the `__Host-` prefix (WEB-07). */
export function createBrowserCookies(secure: boolean): BrowserCookies {
  const prefix = secure ? '__Host-' : '';
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  const idName = `${prefix}sekisho-browser`;
  const trustName = (accountId: string) =>
    `${prefix}sekisho-trust-${digest(`cookie ${accountId}`).slice(0, 12)}`;
  const browserId = (req: IncomingMessage) => {
    const value = readCookie(req, idName);
    return value && /^[\w-]{22}$/.test(value) ? value : undefined;
  };
  return {
    browserId,
    ensureBrowserId(req, res) {
      const value = browserId(req) ?? randomBytes(16).toString('base64url');
      addCookie(res, `${idName}=${value}; ${attributes}; Max-Age=${BROWSER_ID_AGE}`);
      return value;
    },
    trust: (req, accountId) => readCookie(req, trustName(accountId)),
    setTrust(res, accountId, { value, expiresAt }) {
      addCookie(
        res,
        `${trustName(accountId)}=${value}; ${attributes}; Expires=${new Date(expiresAt).toUTCString()}`,
      );
    },
  };
}

/** Sets one more cookie beside those that are set already. */
export function addCookie(res: ServerResponse, cookie: string): void {
  const before = res.getHeader('Set-Cookie');
  const list = Array.isArray(before) ? before : before === undefined ? [] : [String(before)];
  res.setHeader('Set-Cookie', [...list, cookie]);
}
