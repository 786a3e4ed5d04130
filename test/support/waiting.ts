import type { SekishoOptions } from '../../src/index.ts';
import { type Page, Visitor } from './browser-client.ts';
import { bindPhone, FREE_SENDS, givePassword, type Host, PHONES, startHost } from './host.ts';
import { createVendor, type Vendor } from './vendor.ts';

/** A person whose password was right, at the page that waits for the code. */
export interface Waiting {
  host: Host;
  vendor: Vendor;
  visitor: Visitor;
  page: Page;
  /** The address of the page, without query. */
  here: string;
}

/** Starts a host whose vendor tells how messages get on, and signs alice in up to the page that waits. */
export async function startWaiting(
  options: Partial<SekishoOptions> = {},
  own: Parameters<typeof createVendor>[1] = {},
): Promise<Waiting> {
  const vendor = createVendor('vendor', own);
  const host = await startHost({ inbox: vendor, options: { sends: FREE_SENDS, ...options } });
  await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
  vendor.messages.length = 0;
  const visitor = new Visitor({ 'accept-language': 'en' });
  const { page } = await givePassword(host, visitor, 'alice');
  return { host, vendor, visitor, page, here: page.url.split('?')[0]! };
}

/** What stands on the page about the message: how far it got, how it looks, the words, and what can be checked. */
export function newsOn(page: Page) {
  const [, attributes = '', text = ''] = /<p class="news"([^>]*)>([^<]*)</.exec(page.html) ?? [];
  const [, opened = '', list = ''] = /<details id="help"([^>]*)>([\s\S]*?)<\/details>/.exec(page.html) ?? [];
  return {
    state: /data-state="([^"]*)"/.exec(attributes)?.[1],
    tone: /data-tone="([^"]*)"/.exec(attributes)?.[1],
    text,
    helpOpen: opened.includes('open'),
    help: [...list.matchAll(/<li>([^<]*)</g)].map(([, line]) => line!),
  };
}
