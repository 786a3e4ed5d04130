import { decodeJwt } from 'jose';
import type { Configuration } from 'oidc-provider';
import type { Store } from '../../src/ports/store.ts';
import { type Page, Visitor } from './browser-client.ts';
import {
  bindPhone,
  CLIENT_SECRET,
  enterCode,
  enterNumber,
  FREE_SENDS,
  type Host,
  PHONES,
  REDIRECT_URI,
  startHost,
} from './host.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

/** A host that switches the device flow on; alice has a number. */
export async function startDeviceHost(store: Store, more: Configuration = {}): Promise<Host> {
  const clients = ['app', 'bank', 'plain'].map((client_id) => ({
    client_id,
    client_secret: CLIENT_SECRET,
    redirect_uris: [REDIRECT_URI],
    grant_types: ['authorization_code', 'refresh_token', DEVICE_GRANT],
    response_types: ['code' as const],
  }));
  const features = { deviceFlow: { enabled: true }, devInteractions: { enabled: false } };
  const host = await startHost({
    store,
    options: { sends: FREE_SENDS },
    configuration: { clients, features, ...more },
  });
  await bindPhone(host, new Visitor(), 'alice', PHONES.alice);
  return host;
}

async function send(host: Host, path: string, client_id: string, fields: Record<string, string>) {
  const body = new URLSearchParams({ client_id, client_secret: CLIENT_SECRET, ...fields });
  const answer = await fetch(new URL(path, host.issuer), { method: 'POST', body });
  return (await answer.json()) as Record<string, string>;
}

/** What a television shows, and what it gets when it asks: the claims of its ID token, or the error. */
export async function startDevice(host: Host, client = 'app', extra: Record<string, string> = {}) {
  const device = await send(host, '/device/auth', client, { scope: 'openid', ...extra });
  let refreshToken = '';
  const grant = async (grant_type: string, fields: Record<string, string>) => {
    const got = await send(host, '/token', client, { grant_type, ...fields });
    refreshToken = got['refresh_token'] ?? refreshToken;
    return got['id_token'] === undefined ? got['error'] : decodeJwt(got['id_token']);
  };
  return {
    url: device['verification_uri_complete']!,
    ask: () => grant(DEVICE_GRANT, { device_code: device['device_code']! }),
    refresh: () => grant('refresh_token', { refresh_token: refreshToken }),
  };
}

/** The person opens the address on a phone and says that it is the code on the television. */
export async function confirm(visitor: Visitor, url: string): Promise<Page> {
  const shown = await visitor.open(url);
  return (await shown.submit('device')).submit('device', { confirm: 'yes' });
}

export async function givePassword(host: Host, page: Page, account = 'alice'): Promise<Page> {
  const next = await page.submit('login', { account, password: 'right' });
  await host.sekisho.idle();
  return next;
}

/** Signs in for a device, up to the page of success. */
export async function signIn(host: Host, page: Page, account = 'alice'): Promise<Page> {
  const next = await givePassword(host, page, account);
  const code = next.form('number') ? await enterNumber(host, next, PHONES.bob) : next;
  const done = await enterCode(host, code);
  return done.visitor.open(done.next!);
}
