import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import Koa from 'koa';
import Provider from 'oidc-provider';
import { createSekisho } from 'sekisho';
import { createHandset } from 'sekisho/gateways/handset';
import { openSqliteStore } from 'sekisho/stores/sqlite';

const hash = (password) => scryptSync(password, 'a salt per account, in a real directory', 32);
const ACCOUNTS = new Map([['alice', { name: 'Alice', password: hash('correct horse battery staple') }]]);
const NOBODY = { password: hash('compared with when there is no such account') };

/** The same application as in express-after, on Koa. `callback` is the address of its one relying party. */
export async function start({ port = 3000, callback = 'http://localhost:8080/callback' } = {}) {
  const app = new Koa();
  const server = createServer().listen(port, 'localhost');
  await once(server, 'listening');
  const issuer = `http://localhost:${server.address().port}`;
  const gateway = createHandset();
  const sekisho = await createSekisho({
    issuer,
    secrets: [process.env.SEKISHO_SECRET ?? randomBytes(32).toString('base64url')],
    store: await openSqliteStore({ file: process.env.SEKISHO_FILE ?? ':memory:' }),
    gateway,
    countries: ['JP'],
  });
  const provider = new Provider(issuer, sekisho.configure(configuration(callback, sekisho)));
  app.use(plain(sekisho.attach(provider)));
  app.use(
    below(
      gateway.routes.path,
      plain((req, res) => gateway.routes.handle(req, res)),
    ),
  );
  app.use(below('/login', passwordPage(sekisho)));
  app.use(plain(provider.callback()));
  server.on('request', app.callback());

  return {
    issuer,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await sekisho.close();
    },
  };
}

const configuration = (callback, sekisho) => ({
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
      ...(await sekisho.phoneClaims(accountId)),
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

/**
 * Runs a handler of plain Node, `(req, res, next)`, inside Koa. What it answers is left alone; what it passes on goes to
 * the next middleware. Koa starts every answer as 404, plain handlers expect 200.
 */
const plain = (handler) => async (ctx, goOn) => {
  ctx.res.statusCode = 200;
  const passedOn = await new Promise((resolve, reject) => {
    ctx.res.once('close', () => resolve(false));
    const next = (error) => (error ? reject(error) : resolve(true));
    Promise.resolve(handler(ctx.req, ctx.res, next)).catch(reject);
  });
  if (!passedOn) {
    ctx.respond = false;
    return;
  }
  ctx.res.statusCode = 404;
  await goOn();
};

/** Middleware for one path and what is below it. */
const below = (path, middleware) => (ctx, goOn) =>
  ctx.path === path || ctx.path.startsWith(`${path}/`) ? middleware(ctx, goOn) : goOn();

const passwordPage = (sekisho) => async (ctx) => {
  const uid = ctx.path.split('/')[2] ?? '';
  ctx.type = 'html';
  if (ctx.method !== 'POST') {
    ctx.body = loginPage(uid);
    return;
  }
  const form = new URLSearchParams(await text(ctx.req));
  const accountId = authenticate(form.get('login'), form.get('password'));
  if (!accountId) {
    ctx.status = 401;
    ctx.body = loginPage(uid, 'Name or password is wrong.');
    return;
  }
  await sekisho.gate(ctx.req, ctx.res, { login: { accountId } });
  ctx.respond = false;
};

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
