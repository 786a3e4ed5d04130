import express, { type Express } from 'express';
import type Provider from 'oidc-provider';
import { pino } from 'pino';
import { createDirectory } from '../accounts/directory.ts';
import { createKeyRing } from '../domain/keys.ts';
import { ConfigurationError } from '../errors.ts';
import { createAddressReader } from '../oidc/address-reader.ts';
import { type Log, type Options, parseOptions, type StoreIdentity } from '../options.ts';
import type { Accounts } from '../ports/accounts.ts';
import { type Clock, systemClock } from '../ports/clock.ts';

import { followStore } from '../sekisho/store-clock.ts';
import { createSekisho, type Sekisho } from '../sekisho.ts';
import { basePath, pinAddress } from './address.ts';
import { readClientSecrets } from './config/secrets.ts';
import { type ServerConfig, sekishoOptions } from './config.ts';
import { assertPortFree, openDoor } from './door.ts';
import { protectAll } from './headers.ts';
import { loadKeys } from './keys/file.ts';
import type { Keys } from './keys.ts';
import { createLoginCookie } from './login/known-browser.ts';
import { createLogin, type LoginParts } from './login.ts';
import { answerErrors } from './pages/failure.ts';
import { createServerPages, type ServerPages } from './pages.ts';
import { holdsDemo, type OpenParts, openParts } from './parts.ts';
import { assertClients, createProvider } from './provider.ts';
import { createReady } from './ready.ts';
import { rememberStore } from './store-identity.ts';
import { createPasswordThrottle } from './throttle.ts';

export interface RunningServer {
  /** The issuer. */
  url: string;
  port: number;
  accounts: Accounts;
  sekisho: Sekisho;
  store: OpenParts['store'];
  /**
   * Stops taking requests, finishes those under way within 10 seconds, then closes gateways and store (OPS-04).
   *
   * @param drain Takes requests for as long as the option `drain` says before that, while `/ready` answers 503.
   */
  close(how?: { drain?: boolean }): Promise<void>;
}

/** What a caller may bring along. */
export interface ServerExtras {
  clock?: Clock;
  log?: Log;
  /** Started by `sekisho demo`: its keys are marked, and its accounts stand on the password page. */
  demo?: NonNullable<LoginParts['demo']> & { home: string };
}

/**
 * Starts the server: opens the parts, and takes the port once everything is in place, so that nobody is let in too early.
 *
 * @throws ConfigurationError, or SekishoError `store_unavailable`; nothing is left open then.
 */
export async function startServer(config: ServerConfig, extras: ServerExtras = {}): Promise<RunningServer> {
  const log = extras.log ?? pino({ name: 'sekisho', level: config.logLevel });
  await assertPortFree(config.host, config.port);
  const opened: OpenParts[] = [];
  const state = { draining: false };
  try {
    const keys = await keysOf(config, extras.clock ?? systemClock, extras);
    const parts = await openParts(config);
    opened.push(parts);
    const clock = extras.clock ?? (await followStore(parts.store));
    await refuseDemo(config, parts, clock);
    const accounts = createDirectory({ store: parts.store, clock });
    const { app, sekisho } = await assemble({
      config,
      clock,
      log,
      keys,
      parts,
      accounts,
      extras,
      state,
      identity: rememberStore(config, log),
    });
    const door = await openDoor(config.host, config.port, app).catch(async (error) => {
      opened.pop();
      await sekisho.close();
      throw error;
    });
    const close: RunningServer['close'] = async ({ drain = false } = {}) => {
      state.draining = true;
      await door.close(drain ? config.drain * 1000 : 0);
      await sekisho.close();
    };
    return { url: config.issuer, port: door.port, accounts, sekisho, store: parts.store, close };
  } catch (error) {
    for (const { store, gateways } of opened)
      await Promise.all([store.close(), ...gateways.map((gateway) => gateway.close?.())]);
    throw error;
  }
}

/** Missing keys are made, except in production: there it may be that the disk with the right ones is not mounted. */
async function keysOf(config: ServerConfig, clock: Clock, { demo }: ServerExtras): Promise<Keys> {
  const { data, keysText, production, secrets } = config;
  const keys = await loadKeys(data, {
    text: keysText,
    make: !production,
    demo: demo !== undefined,
    now: clock.now(),
  });
  if (production && keys.demo) throw demoRefused('data', 'holds the keys of the demo');
  if (demo && !keys.demo) throw new ConfigurationError([BELONGS_TO_SERVER]);
  return secrets === undefined ? keys : { ...keys, secrets };
}

const BELONGS_TO_SERVER = {
  field: 'data',
  reason: 'belongs to a server, and the demo would put its accounts there',
  fix: 'Name another folder with --data',
};

async function refuseDemo({ production }: ServerConfig, { store }: OpenParts, clock: Clock): Promise<void> {
  if (production && (await holdsDemo(store, clock.now())))
    throw demoRefused('store', 'holds the accounts of the demo');
}

const demoRefused = (field: string, reason: string) =>
  new ConfigurationError([
    { field, reason, fix: 'Use another place in production; everybody knows the passwords there' },
  ]);

export interface Assembly {
  config: ServerConfig;
  clock: Clock;
  log: Log;
  keys: Keys;
  parts: OpenParts;
  accounts: Accounts;
  extras: ServerExtras;
  /** Where it is remembered which store this is. */
  identity?: StoreIdentity;
  /** Whether the server was told to stop; `/ready` then says no. */
  state?: { draining: boolean };
}

export async function assemble({
  config,
  clock,
  log,
  keys,
  parts,
  accounts,
  extras,
  state,
  identity,
}: Assembly) {
  const { store, gateways, notices, signals } = parts;
  const clients = readClientSecrets(config.clients, { env: process.env, folder: config.folder });
  const input = {
    ...sekishoOptions(config),
    ...{ secrets: keys.secrets, store, gateways, notices, accounts, clock, log },
    ...(signals === undefined ? {} : { signals }),
    ...(identity === undefined ? {} : { storeIdentity: identity }),
  };
  const options = parseOptions(input);
  const sekisho = await createSekisho(input);
  const pages = createServerPages(options);
  const provider = createProvider({ config: { ...config, clients }, keys, sekisho, accounts, pages, log });
  await assertClients(provider, config);
  const login = createLogin({
    ...{ provider, pages, options, sekisho, accounts, clock, log, issuer: config.issuer },
    ring: createKeyRing(keys.secrets),
    path: `${basePath(config.issuer)}/interaction`,
    throttle: createPasswordThrottle({ store, clock }),
    cookie: createLoginCookie(config.issuer.startsWith('https:')),
    addressOf: createAddressReader(options.trustedProxies, clock, (reason) =>
      log.warn({ reason }, 'address.unreadable'),
    ),
    ...(extras.demo ? { demo: extras.demo } : {}),
  });
  const app = route({ config, options, sekisho, provider, pages, parts, log, extras, state }, login);
  return { app, sekisho, options };
}

interface Routing {
  config: ServerConfig;
  options: Options;
  sekisho: Sekisho;
  provider: Provider;
  pages: ServerPages;
  parts: OpenParts;
  log: Log;
  extras: ServerExtras;
  state: Assembly['state'];
}

function route(
  { config, options, sekisho, provider, pages, parts, log, extras, state }: Routing,
  login: express.Router,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const { webhooks, mountPath } = options;
  const hooks = webhooks.baseUrl && { baseUrl: webhooks.baseUrl, path: `${mountPath}/hooks/` };
  app.use(pinAddress(config.issuer, hooks || undefined), ...protectAll(config.issuer.startsWith('https:')));
  app.get(
    '/health',
    (_req, res) => void res.json({ status: 'ok', restrictedOnly: config.alternative === undefined }),
  );
  app.get(
    '/ready',
    createReady(sekisho, () => state?.draining === true),
  );
  if (extras.demo) app.get('/', (_req, res) => void res.redirect(303, extras.demo!.home));
  for (const { routes } of parts.gateways)
    if (routes) app.use(only(routes.path, (req, res) => routes.handle(req, res)));
  app.use(sekisho.attach(provider));
  app.use(login);
  app.use(basePath(config.issuer) || '/', provider.callback());
  app.use(answerErrors(pages, log));
  return app;
}

/** Passes on what lies at or below the path, with the whole path in `req.url`. */
function only(
  path: string,
  handle: (req: express.Request, res: express.Response) => unknown,
): express.RequestHandler {
  return (req, res, next) => {
    if (req.path !== path && !req.path.startsWith(`${path}/`)) return next();
    Promise.resolve(handle(req, res)).catch(next);
  };
}
