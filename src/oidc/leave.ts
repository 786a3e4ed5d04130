import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Parts } from './parts.ts';
import type { Interaction } from './result.ts';

/** The library scopes its cookie to the page it sent the browser to; other pages need the same one at their own path (WEB-16). */
export function setInteractionCookie(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  interaction: Interaction,
  path: string,
): void {
  const provider = parts.provider();
  const { cookies } = provider.createContext(req, res);
  cookies.set(provider.cookieName('interaction'), interaction.uid, {
    ...parts.shortCookies(),
    path,
    maxAge: Math.max(1, interaction.exp * 1000 - parts.core.clock.now()),
  });
}

export function redirect(res: ServerResponse, location: string): void {
  res.statusCode = 303;
  res.setHeader('Location', location);
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Content-Length', '0');
  res.end();
}

const UID = '{uid}';

/**
 * Where the link to the host's other factor leads: through us, where the host's page wants to know the interaction.
 *
 * @param here Address of our page; undefined where there is no interaction.
 */
export function alternativeLink(url: string, here: string | undefined): string | undefined {
  if (!url.includes(UID)) return url;
  return here === undefined ? undefined : `${here}/alternative`;
}

/** Sends the browser to the host's page for its other factor, with the interaction cookie for there. */
export function leaveForAlternative(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  interaction: Interaction,
): boolean {
  const template = parts.core.options.alternative?.url;
  if (!template?.includes(UID)) return false;
  const url = template.replaceAll(UID, interaction.uid);
  const { pathname } = new URL(url);
  const [above, below] = pathname.split(interaction.uid);
  setInteractionCookie(
    parts,
    req,
    res,
    interaction,
    below === undefined ? pathname : `${above}${interaction.uid}`,
  );
  redirect(res, url);
  return true;
}
