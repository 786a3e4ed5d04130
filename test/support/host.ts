import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Request, type Response } from 'express';
import Provider, { type Configuration } from 'oidc-provider';
import type { SekishoEvent } from '../../src/events.ts';
import { createSekisho, type Sekisho, type SekishoOptions } from '../../src/index.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { CLIENT_SECRET, REDIRECT_URI, requestFrom, type SignInRequest } from './relying-party.ts';

export * from './journey.ts';
export * from './relying-party.ts';

export const MFA = 'https://refeds.org/profile/mfa';
export const SFA = 'https://refeds.org/profile/sfa';
/** Numbers a test types in; all of them exist in the numbering plan. */
export const PHONES = { alice: '+819012340001', bob: '+819012340002', mallory: '+819012340003' };

/** An existing application: Express, a password page, a provider, and Sekisho in front of the login. */
export interface Host {
  issuer: string;
  /** Where this node listens. */
  address: string;
  provider: Provider;
  sekisho: Sekisho;
  store: Store;
  inbox: Inbox;
  events: SekishoEvent[];
  /** Lines the log got, as JSON. */
  logged: string[];
  /** A relying party's request, as an address to open. */
  request(extra?: Record<string, string>): Promise<SignInRequest>;
  close(): Promise<void>;
}

export interface HostSettings {
  store?: Store;
  options?: Partial<SekishoOptions>;
  /** Options that name the issuer, whose port is not known before. */
  optionsAt?: (issuer: string) => Partial<SekishoOptions>;
  configuration?: Configuration;
  /** What a host does to the configuration after `configure`. */
  alter?: (configuration: Configuration) => Configuration;
  /** What a host calls after the password, in place of the gate. */
  finish?: (provider: Provider, req: Request, res: Response, login: { accountId: string }) => Promise<void>;
  inbox?: Inbox;
  /** Keeps the port of a host that went away, to be the same issuer again. */
  port?: number;
  /** Issuer of another host: this one is a further node of it, at an address of its own. */
  issuer?: string;
  /** Path at which the router of Sekisho is mounted; anything but `/` is a mistake. */
  mountAt?: string;
  /** What stands before Sekisho in the Express app. */
  before?: (app: express.Express, provider: Provider, sekisho: Sekisho) => void;
}

/** Limits of sends that are not what a test is about, out of the way. */
export const FREE_SENDS = {
  cooldown: [0],
  perNumberHour: 1000,
  perNumberDay: 1000,
  perUnprovedNumber: 1000,
  perAccountDay: 1000,
  perIpHour: 1000,
};

/** A test that moves the time of the process is the judge of it, and not the store. */
const MACHINE_DATE = Date;

export const SECRET = randomBytes(32).toString('base64url');
const USUAL: Pick<SekishoOptions, 'secrets' | 'countries' | 'clients'> = {
  secrets: [SECRET],
  countries: ['JP', 'GB', 'US'],
  clients: {
    risky: { mfa: 'risk' },
    plain: { mfa: 'requested' },
    strict: { alwaysAsk: true },
    bank: { minimum: 'mfa' },
  },
};
const CLIENTS = ['app', 'risky', 'plain', 'strict', 'bank'];

export async function startHost(settings: HostSettings = {}): Promise<Host> {
  const app = express();
  const server = createServer(app);
  server.listen(settings.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer = settings.issuer ?? address;
  const inbox = settings.inbox ?? createInbox();
  const store = settings.store ?? (await openSqliteStore({ file: ':memory:' }));
  const events: SekishoEvent[] = [];
  const logged: string[] = [];
  const line = (fields: object, message: string) => void logged.push(JSON.stringify({ ...fields, message }));
  const sekisho = await createSekisho({
    issuer,
    ...USUAL,
    store,
    gateway: inbox,
    onEvent: (event) => events.push(event),
    log: { info: line, warn: line, error: line },
    ...(Date === MACHINE_DATE ? {} : { clock: systemClock }),
    ...settings.options,
    ...settings.optionsAt?.(issuer),
  }).catch(async (error) => {
    await shut(server);
    throw error;
  });
  const configured = sekisho.configure(providerConfiguration(settings, sekisho));
  const provider = new Provider(issuer, settings.alter?.(configured) ?? configured);
  settings.before?.(app, provider, sekisho);
  app.use(settings.mountAt ?? '/', sekisho.attach(provider));
  app.use(passwordPage(provider, sekisho, settings.finish));
  app.use(provider.callback());
  return {
    issuer,
    address,
    provider,
    sekisho,
    store,
    inbox,
    events,
    logged,
    request: (extra) => requestFrom(issuer, extra),
    async close() {
      await shut(server);
      await sekisho.close();
    },
  };
}

function providerConfiguration(settings: HostSettings, sekisho: Sekisho): Configuration {
  return {
    clients: CLIENTS.map((client_id) => ({
      client_id,
      client_secret: CLIENT_SECRET,
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    })),
    cookies: { keys: ['cookie-key'] },
    scopes: ['openid', 'phone', 'offline_access'],
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    features: { introspection: { enabled: true }, devInteractions: { enabled: false } },
    ttl: { Interaction: 3600, Session: 14 * 86_400, Grant: 86_400, IdToken: 300, AccessToken: 3600 },
    async findAccount(_ctx, accountId) {
      return {
        accountId,
        claims: async () => ({ sub: accountId, ...(await sekisho.phoneClaims(accountId)) }),
      };
    },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client!.clientId,
        accountId: ctx.oidc.session!.accountId!,
      });
      grant.addOIDCScope('openid phone offline_access');
      grant.addOIDCClaims(['phone_number', 'phone_number_verified']);
      await grant.save();
      return grant;
    },
    ...settings.configuration,
  };
}

/** The password page of the application; the password of everybody is `right`. */
function passwordPage(provider: Provider, sekisho: Sekisho, finish: HostSettings['finish']): express.Router {
  const router = express.Router();
  router.get('/interaction/:uid', async (req, res) => {
    const { uid, prompt } = await provider.interactionDetails(req, res);
    res.send(
      `<h1>${prompt.name} ${prompt.reasons}</h1><form method="post" action="/interaction/${uid}/${prompt.name}"></form>`,
    );
  });
  router.post('/interaction/:uid/consent', async (req, res) => {
    await provider.interactionFinished(req, res, { consent: {} });
  });
  router.post('/interaction/:uid/login', express.urlencoded({ extended: false }), async (req, res) => {
    if (req.body.password !== 'right') return void res.status(401).send('wrong');
    const login = { accountId: String(req.body.account) };
    await (finish ? finish(provider, req, res, login) : sekisho.gate(req, res, { login }));
  });
  router.use((error: Error, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
    res.status(500).send(`host error ${error.message}`);
  });
  return router;
}

async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
