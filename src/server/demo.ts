import { createHash, randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { ConfigurationError } from '../errors.ts';
import type { Log } from '../options.ts';
import type { Accounts } from '../ports/accounts.ts';
import { systemClock } from '../ports/clock.ts';
import { type ConfigInput, parseConfig } from './config.ts';
import { createRelyingParty } from './demo/relying-party.ts';
import { assertPortFree, openDoor } from './door.ts';
import { markDemo } from './parts.ts';
import { startServer } from './server.ts';

export interface DemoSettings {
  /** Port of the provider; the application is one above. */
  port: number;
  /** Folder for keys and database. */
  data: string;
  log?: Log;
}

export interface RunningDemo {
  /** The application to try. */
  app: string;
  /** The issuer. */
  provider: string;
  handset: string;
  accounts: readonly { login: string; password: string }[];
  close(): Promise<void>;
}

/** Known to everybody who reads this; production refuses keys and store of the demo. */
const ACCOUNTS = ['alice', 'bob'].map((login) => ({ login, password: 'hakone-1619' }));
/** The first one is taken for numbers without a country. */
const COUNTRIES = ['JP', 'US', 'GB', 'DE', 'FR', 'CA', 'AU', 'IN', 'BR', 'KR', 'TW', 'SG'];
const DEMO_CLIENTS = { demo: 'always', 'demo-risk': 'risk', 'demo-requested': 'requested' } as const;

/**
 * Starts everything to try Sekisho with, and nothing else is needed: a provider, a test phone in the browser, two accounts
 * without a number, and an application that signs in.
 *
 * @throws ConfigurationError in production, where a port is taken, or where the folder belongs to a real server.
 */
export async function startDemo({ port, data, log }: DemoSettings): Promise<RunningDemo> {
  if (process.env['NODE_ENV'] === 'production') {
    throw refuse(
      'demo',
      'is for trying out, and everybody knows its passwords',
      'Unset NODE_ENV, or use: sekisho serve',
    );
  }
  const app = `http://localhost:${port + 1}`;
  const secret = randomBytes(32).toString('base64url');
  const config = parseConfig(demoConfig(port, app, secret), { folder: resolve('.'), production: false });
  await assertPortFree(config.host, port + 1);
  const server = await startServer(
    { ...config, data: resolve(data) },
    {
      ...(log ? { log } : {}),
      demo: { accounts: ACCOUNTS, handset: '/handset', home: app },
    },
  );
  try {
    await markDemo(server.store, systemClock.now());
    await addAccounts(server.accounts);
    const handset = `${config.issuer}/handset`;
    const relyingParty = { issuer: config.issuer, url: app, secret, handset, accounts: ACCOUNTS };
    const door = await openDoor(config.host, port + 1, createRelyingParty(relyingParty));
    const close = async () => void (await Promise.all([door.close(), server.close()]));
    return { app, provider: config.issuer, handset, accounts: ACCOUNTS, close };
  } catch (error) {
    await server.close();
    throw error;
  }
}

function demoConfig(port: number, app: string, secret: string): ConfigInput {
  return {
    issuer: `http://localhost:${port}`,
    port,
    gateway: { type: 'handset' },
    countries: COUNTRIES,
    signUp: true,
    // Who tries things out signs in again and again.
    sends: { cooldown: [0], perNumberHour: 100, perNumberDay: 500, perAccountDay: 500, perIpHour: 500 },
    production: false,
    clients: Object.entries(DEMO_CLIENTS).map(([id, mfa]) => ({
      client_id: id,
      client_name: 'Demo application',
      'client_name#ja': 'デモアプリ',
      client_uri: app,
      client_secret: secret,
      redirect_uris: [`${app}/callback`],
      post_logout_redirect_uris: [`${app}/signed-out`],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      firstParty: true,
      sekisho: { mfa },
    })),
  };
}

/** They start without a number, so that the first sign-in shows how one is bound. */
async function addAccounts(accounts: Accounts): Promise<void> {
  const missing = await Promise.all(
    ACCOUNTS.map(async (account) => ((await accounts.findByLogin(account.login)) ? [] : [account])),
  );
  for (const { login, password } of missing.flat()) {
    const accountId = createHash('sha256').update(`demo ${login}`).digest('hex').slice(0, 16);
    await accounts.create({ accountId, login, passwordHash: await accounts.hashPassword(password) });
  }
}

function refuse(field: string, reason: string, fix: string): ConfigurationError {
  return new ConfigurationError([{ field, reason, fix }]);
}
