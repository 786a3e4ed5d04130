import * as client from 'openid-client';

/** The part of a host that a relying party sees. */
type Issuer = { issuer: string };

/** Where the relying parties of the tests are sent back to; nothing listens there. */
export const REDIRECT_URI = 'http://127.0.0.1:1/cb';
export const CLIENT_SECRET = 'relying-party-secret-relying-party-secret';

export interface SignInRequest {
  url: string;
  verifier: string;
  state: string;
  nonce: string;
  clientId: string;
  /** The `max_age` that was asked for; what comes back is then held to it. */
  maxAge: number | undefined;
}

const configurations = new Map<string, Promise<client.Configuration>>();
function relyingParty(issuer: string, clientId: string): Promise<client.Configuration> {
  const name = `${issuer} ${clientId}`;
  const known = configurations.get(name);
  if (known) return known;
  const made = client.discovery(new URL(issuer), clientId, CLIENT_SECRET, undefined, {
    execute: [client.allowInsecureRequests],
  });
  configurations.set(name, made);
  return made;
}

/** An authorization request with PKCE, state and nonce. */
export async function requestFrom(
  issuer: string,
  extra: Record<string, string> = {},
): Promise<SignInRequest> {
  const { client_id: clientId = 'app', ...parameters } = extra;
  const config = await relyingParty(issuer, clientId);
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  const { max_age } = parameters;
  const maxAge = max_age === undefined ? undefined : Number(max_age);
  return { url: url.href, verifier, state, nonce, clientId, maxAge };
}

/** Exchanges the code a relying party got, with every check `openid-client` makes. */
export async function tokens(host: Issuer, request: SignInRequest, callback: string) {
  return client.authorizationCodeGrant(await relyingParty(host.issuer, request.clientId), new URL(callback), {
    pkceCodeVerifier: request.verifier,
    expectedState: request.state,
    expectedNonce: request.nonce,
    ...(request.maxAge === undefined ? {} : { maxAge: request.maxAge }),
  });
}

export async function introspect(host: Issuer, token: string) {
  return client.tokenIntrospection(await relyingParty(host.issuer, 'app'), token);
}

export async function refresh(host: Issuer, token: string, clientId = 'app') {
  return client.refreshTokenGrant(await relyingParty(host.issuer, clientId), token);
}
