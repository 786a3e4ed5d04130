import express, { type NextFunction, type Request, type Response } from 'express';
import type { HostFactor } from '../../src/index.ts';
import type { Page, Visitor } from './browser-client.ts';
import { FREE_SENDS, type Host, type HostSettings, startHost } from './host.ts';
import { REDIRECT_URI, type SignInRequest } from './relying-party.ts';

/** A host that has passkeys and an authenticator app of its own beside the password. */
export interface OtherFactorHost extends Host {
  /** Authenticators of an account at the host; the test adds and removes them. */
  authenticators: Map<string, Set<string>>;
}

/** What the host's own pages hand in; a real one would have verified it. */
export const PASSKEY = {
  method: 'hwk',
  authenticator: 'passkey',
  userVerified: true,
  userPresent: true,
} as const;
export const SECURITY_KEY = { method: 'hwk', authenticator: 'passkey', userPresent: true } as const;
export const APP = { method: 'otp', authenticator: 'app' } as const;

export async function startOtherFactorHost(settings: HostSettings = {}): Promise<OtherFactorHost> {
  const authenticators = new Map<string, Set<string>>();
  const list = async (accountId: string) => [...(authenticators.get(accountId) ?? [])];
  const host = await startHost({
    ...settings,
    optionsAt: (issuer) => ({
      sends: FREE_SENDS,
      alternative: {
        url: `${issuer}/interaction/{uid}/other`,
        label: { en: 'Use a passkey' },
        authenticators: list,
      },
      ...settings.optionsAt?.(issuer),
    }),
    before(app, provider, sekisho) {
      app.use('/interaction/:uid', express.urlencoded({ extended: false }));
      app.get('/interaction/:uid/other', async (req, res) => {
        const account = await sekisho.pendingAccount(req, res);
        res.send(
          `<h1>other factor of ${account}</h1><form action="/interaction/${req.params.uid}/other"></form>`,
        );
      });
      app.post('/interaction/:uid/other', async (req, res) => {
        const accountId = req.body.account ?? (await sekisho.pendingAccount(req, res));
        await sekisho.addFactors(req, res, { accountId, factors: JSON.parse(req.body.factors) });
      });
      app.post('/interaction/:uid/gate', async (req, res) => {
        await sekisho.gate(req, res, JSON.parse(req.body.result));
      });
      app.post('/interaction/:uid/bypass', async (req, res) => {
        await provider.interactionFinished(req, res, JSON.parse(req.body.result));
      });
      app.use('/interaction/:uid', (error: Error, _req: Request, res: Response, _next: NextFunction) => {
        res.status(500).send(`host error ${error.message}`);
      });
      settings.before?.(app, provider, sekisho);
    },
  });
  return Object.assign(host, { authenticators });
}

/** Opens a request, and posts at the host's login page what its gate is to be given. */
export async function signInWith(
  host: Host,
  visitor: Visitor,
  result: object,
  extra: Record<string, string> = {},
  page = 'gate',
): Promise<{ page: Page; request: SignInRequest }> {
  const request = await host.request(extra);
  const login = await visitor.open(request.url, { stopAt: REDIRECT_URI });
  const next = await login.post(`${login.url}/${page}`, { result: JSON.stringify(result) }, REDIRECT_URI);
  await host.sekisho.idle();
  return { page: next, request };
}

/** Follows the link to the host's other factor, and proves it there. */
export async function proveOther(page: Page, factors: HostFactor[], account?: string): Promise<Page> {
  const other = page.form('other') ? page : await page.visitor.open(linkOf(page));
  const fields = { factors: JSON.stringify(factors), ...(account === undefined ? {} : { account }) };
  return other.submit('other', fields, REDIRECT_URI);
}

function linkOf(page: Page): string {
  const href = /href="([^"]*\/alternative)"/.exec(page.html)?.[1];
  if (href === undefined) throw new Error(`no way to another factor at ${page.url}: ${page.text()}`);
  return new URL(href, page.url).href;
}
