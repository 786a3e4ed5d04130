import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { digest } from '../domain/keys.ts';
import { addCookie } from './browser-cookies.ts';
import { readCookies } from './request.ts';
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

/** How the names of these cookies begin; the rest goes by the secret. */
const beginOfName = (secure: boolean): string => `${secure ? '__Host-' : ''}sekisho-session-`;

/**
 * Names the browser of a request, for the details of a prompt. A browser without a secret gets one: two, where two of its
 * tabs come for the first time at once. They have names of their own, so that neither takes the place of the other.
 *
 * @param secure Whether the issuer is served over https.
 */
export function bindBrowser({ req, res }: KoaContextWithOIDC, secure: boolean): Record<string, string> {
  const secret = secretsOf(req, secure)[0] ?? randomBytes(16).toString('base64url');
  const name = nameOf(secret);
  const attributes = `Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}; Max-Age=${MAX_AGE_S}`;
  addCookie(res, `${beginOfName(secure)}${name.slice(0, 8)}=${secret}; ${attributes}`);
  return { [DETAIL]: name };
}

type Bound = Pick<Interaction, 'prompt'>;

/** Whether the interaction began in the browser that asks now. */
export const isSameBrowser = (req: IncomingMessage, interaction: Bound, secure: boolean): boolean =>
  isBrowser(req, browserOf(interaction), secure);

/** Whether the browser of a request is the one that records name so. */
export const isBrowser = (req: IncomingMessage, name: string | undefined, secure: boolean): boolean =>
  secretsOf(req, secure).some((secret) => nameOf(secret) === name);

/** How records name the browser in which an interaction began; undefined for one that our policy did not make. */
export function browserOf(interaction: Bound): string | undefined {
  const name = interaction.prompt.details?.[DETAIL];
  return typeof name === 'string' ? name : undefined;
}

/** Whether our policy made the interaction: then it knows its browser. */
export const isBound = (interaction: Bound): boolean => browserOf(interaction) !== undefined;

const nameOf = (secret: string): string => digest(`session ${secret}`);

const secretsOf = (req: IncomingMessage, secure: boolean): string[] =>
  readCookies(req, beginOfName(secure)).filter((value) => /^[\w-]{22}$/.test(value));
