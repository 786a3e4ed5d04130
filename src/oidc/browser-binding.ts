import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { digest } from '../domain/keys.ts';
import { addCookie } from './browser-cookies.ts';
import { readCookie } from './request.ts';
import type { Interaction } from './result.ts';

/**
 * An interaction belongs to the browser that made the authorization request (fault A.5, OWASP "Session Fixation"). The
 * cookies of the library cannot say so: they live below a path, so they have no `__Host-` prefix, and a host of the same
 * site may set them with `Domain=`. Whoever does that would have his victim prove a number inside the attacker's sign-up.
 *
 * So `/auth` gives each browser a secret in a cookie that only this host can set, and its digest goes into the details of
 * the prompt, which the library keeps with the interaction. Over http the cookie has no prefix: there is none for it.
 */
const DETAIL = 'sekishoBrowser';
/** Longer than any interaction. A cookie without an age is lost where a phone ends the browser while the SMS is read. */
const MAX_AGE_S = 86_400;

const cookieName = (secure: boolean): string => `${secure ? '__Host-' : ''}sekisho-session`;

/**
 * Names the browser of a request, for the details of a prompt. A browser without a secret gets one.
 *
 * @param secure Whether the issuer is served over https.
 */
export function bindBrowser({ req, res }: KoaContextWithOIDC, secure: boolean): Record<string, string> {
  const known = secretOf(req, secure) ?? randomBytes(16).toString('base64url');
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}; Max-Age=${MAX_AGE_S}`;
  addCookie(res, `${cookieName(secure)}=${known}; ${attributes}`);
  return { [DETAIL]: nameOf(known) };
}

/** Whether the interaction began in the browser that asks now. */
export function isSameBrowser(
  req: IncomingMessage,
  interaction: Pick<Interaction, 'prompt'>,
  secure: boolean,
): boolean {
  const name = nameOfBrowser(req, secure);
  return name !== undefined && interaction.prompt.details[DETAIL] === name;
}

/** How records name the browser of a request; undefined for one without a secret. */
export function nameOfBrowser(req: IncomingMessage, secure: boolean): string | undefined {
  const secret = secretOf(req, secure);
  return secret === undefined ? undefined : nameOf(secret);
}

/** Whether our policy made the interaction: then it knows its browser. */
export const isBound = (interaction: Pick<Interaction, 'prompt'>): boolean =>
  typeof interaction.prompt.details?.[DETAIL] === 'string';

const nameOf = (secret: string): string => digest(`session ${secret}`);

function secretOf(req: IncomingMessage, secure: boolean): string | undefined {
  const value = readCookie(req, cookieName(secure));
  return value !== undefined && /^[\w-]{22}$/.test(value) ? value : undefined;
}
