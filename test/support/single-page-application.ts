import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Application {
  origin: string;
  close(): void;
}

/** A single-page application without a library: redirect and popup, refresh and sign-out, as its developers would write them. */
export async function startSinglePageApplication(issuer: () => string): Promise<Application> {
  const server = createServer((_req, res) => {
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.end(
      `<title>app</title><p id="state">starting</p><script>(${script})(${JSON.stringify(issuer())})</script>`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  };
}

const script = `function (issuer) {
  const show = (text) => (document.getElementById('state').textContent = text);
  const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/[+]/g, '-').replace(/[/]/g, '_').replace(/=/g, '');
  const random = () => encode(crypto.getRandomValues(new Uint8Array(32)));
  const addressFor = (path) => location.origin + path;
  async function begin(path) {
    const verifier = random();
    sessionStorage.setItem('verifier', verifier);
    const challenge = encode(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
    return issuer + '/auth?' + new URLSearchParams({
      client_id: 'spa', response_type: 'code', scope: 'openid offline_access', redirect_uri: addressFor(path),
      code_challenge: challenge, code_challenge_method: 'S256',
    });
  }
  async function ask(fields) {
    const body = new URLSearchParams({ client_id: 'spa', ...fields });
    const answer = await (await fetch(issuer + '/token', { method: 'POST', body })).json();
    if (answer.error) return show('error ' + answer.error);
    sessionStorage.setItem('tokens', JSON.stringify(answer));
    const me = await fetch(issuer + '/me', { headers: { authorization: 'Bearer ' + answer.access_token } });
    show('signed in ' + (await me.json()).sub + ' by ' + fields.grant_type);
  }
  const finish = (search, path) => ask({
    grant_type: 'authorization_code', code: new URLSearchParams(search).get('code'), redirect_uri: addressFor(path),
    code_verifier: sessionStorage.getItem('verifier'),
  });
  const tokens = () => JSON.parse(sessionStorage.getItem('tokens'));
  window.app = {
    redirect: async () => (location.href = await begin('/callback')),
    popup: async () => {
      const popup = open('about:blank', 'sign-in');
      addEventListener('message', ({ origin, data }) => origin === location.origin && finish(data, '/popup'));
      popup.location = await begin('/popup');
    },
    refresh: () => ask({ grant_type: 'refresh_token', refresh_token: tokens().refresh_token }),
    signOut: () => (location.href = issuer + '/session/end?' + new URLSearchParams({
      id_token_hint: tokens().id_token, post_logout_redirect_uri: addressFor('/'),
    })),
  };
  if (location.pathname === '/callback') finish(location.search, '/callback');
  else if (location.pathname === '/popup') { opener.postMessage(location.search, location.origin); close(); }
  else show('ready');
}`;
