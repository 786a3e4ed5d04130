import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addCookie } from '../../oidc/browser-cookies.ts';
import { readCookie } from '../../oidc/request.ts';

/** The cookie by which the password page knows a browser again. It lets nobody in: it is only worth tries of its own. */
export interface LoginCookie {
  read(req: IncomingMessage): string | undefined;
  /** The id of this browser, which it keeps for 30 days more; a new one where it had none. */
  renew(req: IncomingMessage, res: ServerResponse): string;
}

const MAX_AGE_SECONDS = 30 * 86_400;

/** @param secure Whether the issuer is served over https; then the name carries the `__Host-` prefix (WEB-07). */
export function createLoginCookie(secure: boolean): LoginCookie {
  const name = `${secure ? '__Host-' : ''}sekisho-login`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}; Max-Age=${MAX_AGE_SECONDS}`;
  const read = (req: IncomingMessage) => {
    const value = readCookie(req, name);
    return value && /^[\w-]{22}$/.test(value) ? value : undefined;
  };
  return {
    read,
    renew(req, res) {
      const value = read(req) ?? randomBytes(16).toString('base64url');
      addCookie(res, `${name}=${value}; ${attributes}`);
      return value;
    },
  };
}
