import type * as OpenidClient from 'openid-client';
import type { AppSession } from './sessions.ts';

/** What the buttons of the application ask for. */
export const MODES = {
  plain: {},
  mfa: { acr_values: 'https://refeds.org/profile/mfa' },
  forced: { prompt: 'login' },
  create: { prompt: 'create' },
  silent: { prompt: 'none' },
} as const;
export type Mode = keyof typeof MODES;

type Pending = NonNullable<AppSession['pending']>;
type SignedIn = NonNullable<AppSession['signedIn']>;

/** The application's side of OpenID Connect. */
export interface Requests {
  /** Address to send the browser to, and what to remember until it comes back. */
  begin(clientId: string, mode: Mode, locale: string): Promise<{ url: URL; pending: Pending }>;
  /** Checks the answer and fetches tokens. Rejects with an error of `openid-client`. */
  finish(url: URL, pending: Pending): Promise<SignedIn>;
  signOut(signedIn: SignedIn, locale: string): Promise<URL>;
}

interface Addresses {
  issuer: string;
  /** Of the application. */
  url: string;
  secret: string;
}

export function createRequests({ issuer, url: app, secret }: Addresses): Requests {
  const configurations = new Map<string, Promise<OpenidClient.Configuration>>();
  const configurationOf = (clientId: string) => {
    const known = configurations.get(clientId) ?? discover(issuer, clientId, secret);
    configurations.set(clientId, known);
    // A provider that does not answer now may do so later.
    known.catch(() => configurations.delete(clientId));
    return known;
  };
  return {
    async begin(clientId, mode, locale) {
      const [client, configuration] = await Promise.all([load(), configurationOf(clientId)]);
      const verifier = client.randomPKCECodeVerifier();
      const pending = { clientId, verifier, state: client.randomState(), nonce: client.randomNonce() };
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: `${app}/callback`,
        scope: 'openid profile email phone',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: pending.state,
        nonce: pending.nonce,
        ui_locales: locale,
        ...MODES[mode],
      });
      return { url, pending };
    },
    async finish(url, { clientId, verifier, state, nonce }) {
      const [client, configuration] = await Promise.all([load(), configurationOf(clientId)]);
      const tokens = await client.authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      const userinfo = await client.fetchUserInfo(configuration, tokens.access_token, claims.sub);
      return { clientId, idToken: tokens.id_token!, claims, userinfo };
    },
    async signOut({ clientId, idToken }, locale) {
      const [client, configuration] = await Promise.all([load(), configurationOf(clientId)]);
      return client.buildEndSessionUrl(configuration, {
        id_token_hint: idToken,
        post_logout_redirect_uri: `${app}/signed-out`,
        ui_locales: locale,
      });
    },
  };
}

/** Imported when the first button is pressed: the start does not wait for it. */
const load = () => import('openid-client');

async function discover(issuer: string, clientId: string, secret: string) {
  const client = await load();
  return client.discovery(new URL(issuer), clientId, secret, undefined, {
    execute: [client.allowInsecureRequests],
  });
}
