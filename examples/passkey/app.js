import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import express from 'express';
import Provider from 'oidc-provider';
import { createSekisho } from 'sekisho';
import { createHandset } from 'sekisho/gateways/handset';
import { openSqliteStore } from 'sekisho/stores/sqlite';
import { loginPage, otherPage, passkeysPage } from './pages.js';
import { createPasskeys } from './passkeys.js';

const hash = (password) => scryptSync(password, 'a salt per account, in a real directory', 32);
const ACCOUNTS = new Map([['alice', { name: 'Alice', password: hash('correct horse battery staple') }]]);
const NOBODY = { password: hash('compared with when there is no such account') };
const MFA = 'https://refeds.org/profile/mfa';

/** The application of express-after with passkeys of its own beside the SMS. */
export async function start({ port = 3000, callback = 'http://localhost:8080/callback' } = {}) {
  const app = express();
  const server = app.listen(port, 'localhost');
  await once(server, 'listening');
  const issuer = `http://localhost:${server.address().port}`;
  const gateway = createHandset();
  const passkeys = createPasskeys(issuer);
  const sekisho = await createSekisho({
    issuer,
    secrets: [process.env.SEKISHO_SECRET ?? randomBytes(32).toString('base64url')],
    store: await openSqliteStore({ file: process.env.SEKISHO_FILE ?? ':memory:' }),
    gateway,
    countries: ['JP'],
    alternative: {
      url: `${issuer}/login/{uid}/passkey`,
      label: { en: 'Use a passkey', ja: 'パスキーを使う' },
      authenticators: async (accountId) => passkeys.idsOf(accountId),
    },
  });
  const provider = new Provider(issuer, sekisho.configure(configuration(callback, sekisho)));
  app.use(sekisho.attach(provider));
  app.use(gateway.routes.path, (req, res) => gateway.routes.handle(req, res));
  app.use(['/login', '/passkeys'], express.urlencoded({ extended: false }));
  app.use('/login/:uid', loginRoutes({ passkeys, provider, sekisho }));
  app.use('/passkeys', passkeyRoutes({ passkeys, provider }));
  app.use(provider.callback());

  return {
    issuer,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await sekisho.close();
    },
  };
}

/** Signs in, by password or by passkey; the passkey also where the person chose it at the page for the code. */
function loginRoutes({ passkeys, provider, sekisho }) {
  const router = express.Router({ mergeParams: true });
  router.get('/', (req, res) => res.send(loginPage(req.params.uid)));
  router.post('/', async (req, res) => {
    const { login, password } = req.body ?? {};
    const accountId = authenticate(login, password);
    if (!accountId) return res.status(401).send(loginPage(req.params.uid, 'Name or password is wrong.'));
    await sekisho.gate(req, res, { login: { accountId } });
  });
  router.get('/passkey', (req, res) => res.send(otherPage(req.params.uid)));
  router.post('/passkey/options', async (req, res) => {
    const { uid } = await provider.interactionDetails(req, res);
    res.json(await passkeys.authenticationOptions(uid));
  });
  router.post('/passkey', async (req, res) => {
    const { uid } = await provider.interactionDetails(req, res);
    const used = await passkeys.verifyAuthentication(uid, req.body?.response);
    const waiting = await sekisho.pendingAccount(req, res);
    if (!used || (waiting !== undefined && waiting !== used.accountId))
      return res.status(401).send(otherPage(uid, 'This passkey does not belong to this sign-in.'));
    const { accountId, factor } = used;
    // It joins the password that was given in this sign-in, or is the whole sign-in: it verified its user.
    if (waiting !== undefined) return sekisho.addFactors(req, res, { accountId, factors: [factor] });
    await sekisho.gate(req, res, { login: { accountId }, factors: [factor] });
  });
  return router;
}

/** Adds and removes passkeys, where two factors were proved just now: whoever adds a factor has the account (BND-01). */
function passkeyRoutes({ passkeys, provider }) {
  const router = express.Router();
  router.use(async (req, res, next) => {
    const session = await provider.Session.get(provider.createContext(req, res));
    const justNow = session.authTime() > Date.now() / 1000 - 300;
    if (session.acr !== MFA || !justNow) return res.status(403).send('Sign in with a second factor first.');
    res.locals.accountId = session.accountId;
    next();
  });
  const show = (res, problem) => res.send(passkeysPage(passkeys.idsOf(res.locals.accountId), problem));
  router.get('/', (_req, res) => show(res));
  router.post('/options', async (_req, res) => {
    res.json(await passkeys.registrationOptions(res.locals.accountId));
  });
  router.post('/', async (req, res) => {
    const added = await passkeys.verifyRegistration(res.locals.accountId, req.body?.response);
    show(res.status(added ? 200 : 400), added ? '' : 'That did not work.');
  });
  router.post('/remove', (req, res) => {
    passkeys.remove(res.locals.accountId, req.body?.id);
    show(res);
  });
  return router;
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

function authenticate(login, password) {
  const account = ACCOUNTS.get(login);
  const right = timingSafeEqual(hash(String(password)), (account ?? NOBODY).password);
  return account && right ? login : undefined;
}

if (process.argv[1] === import.meta.filename) {
  const { issuer } = await start({ port: Number(process.env.PORT ?? 3000) });
  console.log(`The provider is at ${issuer}. Sign in as alice, "correct horse battery staple".`);
  console.log(`Add a passkey at ${issuer}/passkeys after the first sign-in.`);
}
