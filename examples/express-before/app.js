import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import express from 'express';
import Provider from 'oidc-provider';

const hash = (password) => scryptSync(password, 'a salt per account, in a real directory', 32);
const ACCOUNTS = new Map([['alice', { name: 'Alice', password: hash('correct horse battery staple') }]]);
const NOBODY = { password: hash('compared with when there is no such account') };

/** An OpenID provider with a password page. `callback` is the address of its one relying party. */
export async function start({ port = 3000, callback = 'http://localhost:8080/callback' } = {}) {
  const app = express();
  const server = app.listen(port, 'localhost');
  await once(server, 'listening');
  const issuer = `http://localhost:${server.address().port}`;
  const provider = new Provider(issuer, configuration(callback));

  app.get('/login/:uid', (req, res) => {
    res.send(loginPage(req.params.uid));
  });
  app.post('/login/:uid', express.urlencoded({ extended: false }), async (req, res) => {
    const { login, password } = req.body ?? {};
    const accountId = authenticate(login, password);
    if (!accountId) return res.status(401).send(loginPage(req.params.uid, 'Name or password is wrong.'));
    await provider.interactionFinished(req, res, { login: { accountId } });
  });
  app.use(provider.callback());

  return {
    issuer,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const configuration = (callback) => ({
  clients: [{ client_id: 'shop', client_secret: 'the-secret-of-the-shop', redirect_uris: [callback] }],
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  claims: { openid: ['sub'], profile: ['name'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, { uid }) => `/login/${uid}` },
  findAccount: (_ctx, accountId) => ({
    accountId,
    claims: async () => ({
      sub: accountId,
      name: ACCOUNTS.get(accountId)?.name,
    }),
  }),
  // The shop is ours, so nobody is asked for consent.
  async loadExistingGrant({ oidc }) {
    const { clientId } = oidc.client;
    const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid profile phone');
    await grant.save();
    return grant;
  },
});

function authenticate(login, password) {
  const account = ACCOUNTS.get(login);
  const right = timingSafeEqual(hash(String(password)), (account ?? NOBODY).password);
  return account && right ? login : undefined;
}

const loginPage = (uid, problem = '') => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sign in</title>
<h1>Sign in</h1><p role="alert">${problem}</p>
<form method="post" action="/login/${encodeURIComponent(uid)}">
<p><label>Name <input name="login" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<button>Sign in</button></form></html>`;

if (process.argv[1] === import.meta.filename) {
  const { issuer } = await start({ port: Number(process.env.PORT ?? 3000) });
  console.log(`The provider is at ${issuer}. Sign in as alice, "correct horse battery staple".`);
}
