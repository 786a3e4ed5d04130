import { Visitor } from './browser-client.ts';
import { givePassword, type Host } from './host.ts';

/** Another browser with some of the cookies of this one. */
export function copyOf(visitor: Visitor, which: RegExp): Visitor {
  const copy = new Visitor();
  for (const pair of visitor.cookiesFor('/').split('; ')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    if (which.test(name)) copy.setCookie(name, value);
  }
  return copy;
}

/** Whether the password alone signs in there. */
export async function isSkipped(
  host: Host,
  visitor: Visitor,
  account: string,
  clientId: string,
): Promise<boolean> {
  visitor.dropCookies(/^_/); // the session of the provider: the password is asked for
  const { page } = await givePassword(host, visitor, account, { client_id: clientId });
  return page.form('code') === undefined && page.form('number') === undefined;
}
