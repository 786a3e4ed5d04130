import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import * as client from 'openid-client';

const MFA = 'https://refeds.org/profile/mfa';

/**
 * A relying party: `/` signs in, `/mfa` demands a second factor (step-up), `/callback` shows what the ID token says.
 * `issuer` is asked for its metadata at the first sign-in.
 */
export async function start({ port = 8080, issuer = 'http://localhost:3000' } = {}) {
  const server = createServer();
  server.listen(port, 'localhost');
  await once(server, 'listening');
  const url = `http://localhost:${server.address().port}`;
  const shop = { issuer, callback: `${url}/callback`, pending: new Map() };
  server.on('request', (req, res) => {
    answer(shop, req, res).catch((error) => {
      res.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' });
      res.end(`${error.error ?? error.name}: ${error.error_description ?? error.message}`);
    });
  });
  return {
    url,
    callback: shop.callback,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function answer(shop, req, res) {
  const { pathname } = new URL(req.url, shop.callback);
  shop.provider ??= await client.discovery(
    new URL(shop.issuer),
    'shop',
    'the-secret-of-the-shop',
    undefined,
    // Only because this one is at http://localhost.
    { execute: [client.allowInsecureRequests] },
  );
  if (pathname === '/') return begin(shop, res, {});
  if (pathname === '/mfa') return begin(shop, res, { acr_values: MFA });
  if (pathname === '/callback') return finish(shop, req, res);
  res.writeHead(404).end();
}

async function begin({ provider, callback, pending }, res, extra) {
  const browser = randomUUID();
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), client.randomNonce()];
  pending.set(browser, { verifier, state, nonce });
  const there = client.buildAuthorizationUrl(provider, {
    redirect_uri: callback,
    scope: 'openid profile phone',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...extra,
  });
  res.setHeader('Set-Cookie', `shop=${browser}; Path=/; HttpOnly; SameSite=Lax`);
  res.writeHead(303, { location: there.href }).end();
}

async function finish({ provider, callback, pending }, req, res) {
  const browser = /shop=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1];
  const { verifier, state, nonce } = pending.get(browser) ?? {};
  pending.delete(browser);
  const tokens = await client.authorizationCodeGrant(provider, new URL(req.url, callback), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
  const { sub, acr, amr, auth_time } = tokens.claims();
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ sub, acr, amr, auth_time }, null, 2));
}

if (process.argv[1] === import.meta.filename) {
  const { url } = await start({ port: Number(process.env.PORT ?? 8080), issuer: process.env.ISSUER });
  console.log(`Open ${url} to sign in, ${url}/mfa to sign in with a second factor.`);
}
