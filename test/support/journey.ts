import type { Page, Visitor } from './browser-client.ts';
import type { Host } from './host.ts';
import { REDIRECT_URI, type SignInRequest, tokens } from './relying-party.ts';

/** Opens a request and gives the password; answers the page that comes then. */
export async function givePassword(
  host: Host,
  visitor: Visitor,
  account: string,
  extra: Record<string, string> = {},
): Promise<{ page: Page; request: SignInRequest }> {
  const request = await host.request(extra);
  const login = await visitor.open(request.url, { stopAt: REDIRECT_URI });
  const page = await login.submit('login', { account, password: 'right' }, REDIRECT_URI);
  await host.sekisho.idle();
  return { page, request };
}

/** From the page that says "done" to what the relying party gets: claims of the ID token, or the error. */
export async function arrive(host: Host, request: SignInRequest, page: Page) {
  const last = await consent(
    page.url.startsWith(REDIRECT_URI) ? page : await page.visitor.open(page.next!, { stopAt: REDIRECT_URI }),
  );
  const callback = new URL(last.url);
  if (!last.url.startsWith(REDIRECT_URI))
    throw new Error(`did not arrive: ${last.status} ${last.text().slice(0, 300)}`);
  const error = callback.searchParams.get('error');
  if (error !== null) return { error, claims: undefined, tokens: undefined };
  const answer = await tokens(host, request, callback.href);
  return { error: undefined, claims: answer.claims()!, tokens: answer };
}

/** Presses the button of the host's consent page, where one is in the way. */
async function consent(page: Page): Promise<Page> {
  return page.form('consent') ? page.submit('consent', {}, REDIRECT_URI) : page;
}

/** Binds a number at a first sign-in, up to the page that asks for the code. */
export async function enterNumber(host: Host, page: Page, phone: string): Promise<Page> {
  const next = await page.submit('number', { phone });
  await host.sekisho.idle();
  return next;
}

/** Types the newest code. */
export async function enterCode(host: Host, page: Page, fields: Record<string, string> = {}): Promise<Page> {
  return page.submit('code', { code: host.inbox.lastCode(), ...fields });
}

/** A whole first sign-in with binding; afterwards the account has the number. */
export async function bindPhone(
  host: Host,
  visitor: Visitor,
  account: string,
  phone: string,
  trust = false,
  extra: Record<string, string> = {},
) {
  const { page, request } = await givePassword(host, visitor, account, extra);
  const code = await enterNumber(host, page, phone);
  return arrive(host, request, await enterCode(host, code, trust ? { trust: 'yes' } : {}));
}
