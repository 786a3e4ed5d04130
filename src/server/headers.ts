import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { helmetOptions } from '../pages/headers.ts';

/**
 * Headers of everything the server answers; pages replace some of them by their own (WEB-01, WEB-03 to WEB-06). What is no
 * page may load, embed and send nothing.
 */
export function protectAll(https: boolean): RequestHandler[] {
  const shield = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    ...helmetOptions(https),
  });
  const rest: RequestHandler = (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
    next();
  };
  return [shield, rest];
}

/** Documents that relying parties may keep for a while; a key is published 48 hours before it signs. */
const KEPT = new Set(['discovery', 'jwks']);

/**
 * The library sends pages of its own, with a script in the page, and adds the hash of that script to a policy that is
 * there already and has a `script-src`. Their forms lead to relying parties, whose redirects nobody here can know.
 *
 * @param onwards Schemes that forms may lead on to; see `schemesOf`.
 */
export function protectLibraryPages(onwards: string) {
  const policy = [
    "default-src 'none'",
    'script-src', // nothing but the hash that the library adds
    `form-action 'self' ${onwards}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    ctx.set('Content-Security-Policy', policy);
    await next();
    if (ctx.status === 200 && KEPT.has(ctx.oidc?.route)) ctx.set('Cache-Control', 'public, max-age=600');
  };
}
