import type { NextFunction, Request, Response } from 'express';

/**
 * Makes every request one to the issuer: links, cookies and what the library calls secure come from the configuration,
 * never from what a request says about its host (attack 13, WEB-17).
 *
 * @param hooks The name by which vendors reach us, where that is another.
 */
export function pinAddress(
  issuer: string,
  hooks?: Hooks,
): (req: Request, res: Response, next: NextFunction) => void {
  const { host, hostname, protocol } = new URL(issuer);
  const local = LOCAL.has(hostname);
  return (req, res, next) => {
    if (local && !isLocal(req.headers.host) && !isHook(req, hooks))
      return void res.status(421).type('text').send('Not this host\n');
    req.headers.host = host;
    req.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    delete req.headers['x-forwarded-host'];
    delete req.headers.forwarded;
    next();
  };
}

/** Where vendors reach a server that people reach at this computer: a tunnel, while trying out. */
export interface Hooks {
  /** Address without path. */
  baseUrl: string;
  /** Path that ends with a slash. */
  path: string;
}

/** Webhooks prove themselves by what is in their address, so it is no matter by which name they come. */
const isHook = (req: Request, hooks: Hooks | undefined): boolean =>
  hooks !== undefined && req.headers.host === new URL(hooks.baseUrl).host && req.path.startsWith(hooks.path);

const LOCAL = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A website that lets its own name lead to this computer must not get to read the handset (DNS rebinding). */
function isLocal(host: string | undefined): boolean {
  return (
    host !== undefined && URL.canParse(`http://${host}`) && LOCAL.has(new URL(`http://${host}`).hostname)
  );
}

/** Path below which the server lives, without a slash at the end; empty for most. */
export const basePath = (issuer: string): string => new URL(issuer).pathname.replace(/\/$/, '');
