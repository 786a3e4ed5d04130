import type { RequestListener } from 'node:http';
import express from 'express';
import type { Configuration, default as Provider } from 'oidc-provider';
import { hashPassword, verifyPassword } from '../../src/accounts/password.ts';
import { CLIENT, type Hashing, PASSWORD, REDIRECT_URI, type ServerSettings } from '../setting.ts';

/** A server that can be measured. */
export interface Application {
  listener: RequestListener;
  close(): Promise<void>;
}

/** What both systems set alike. */
export function providerConfiguration({ keys }: ServerSettings): Configuration {
  return {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    cookies: { keys: [keys.cookie] },
    jwks: { keys: [keys.signing as never] },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false } },
    ttl: { Interaction: 3600, Session: 14 * 86_400, Grant: 86_400, IdToken: 300, AccessToken: 3600 },
    findAccount: (_ctx, accountId) => ({ accountId, claims: async () => ({ sub: accountId }) }),
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client!.clientId,
        accountId: oidc.session!.accountId!,
      });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
  };
}

/** What follows a right password. */
export type Finish = (
  req: express.Request,
  res: express.Response,
  result: { login: { accountId: string } },
) => Promise<void>;

/** The password page of both systems; everybody has the same password. The driver says what it is to cost. */
export async function passwordPage(provider: Provider, finish: Finish): Promise<express.Router> {
  const stored = await hashPassword(PASSWORD);
  const isRight = async (given: string, hashing: Hashing) =>
    hashing === 'scrypt' ? verifyPassword(given, stored) : given === PASSWORD;
  const router = express.Router();
  router.get('/interaction/:uid', async (req, res) => {
    const { uid, prompt } = await provider.interactionDetails(req, res);
    res.send(`<!doctype html><title>Sign in</title><h1>Sign in</h1>
<form method="post" action="/interaction/${uid}/${prompt.name}">
<input name="account"><input name="password" type="password"><button>Sign in</button></form>`);
  });
  router.post('/interaction/:uid/login', express.urlencoded({ extended: false }), async (req, res) => {
    const { account, password, hashing } = req.body;
    if (!(await isRight(password, hashing))) return void res.status(401).send('wrong');
    await finish(req, res, { login: { accountId: account } });
  });
  return router;
}
