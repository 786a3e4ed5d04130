import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/ports/clock.ts';
import { type ConfigInput, parseConfig } from '../../src/server/config.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { freePorts } from './free-ports.ts';

export const CLIENT_SECRET = 'relying-party-secret-relying-party-secret';
export const REDIRECT_URI = 'https://app.example/cb';
export const PASSWORD = 'right password';

const MACHINE_DATE = Date;

/** A server on a free port, with a data folder of its own. */
export interface TestServer {
  server: RunningServer;
  /** Where it can be reached, whatever its issuer. */
  at: string;
  data: string;
  /** Lines the log got, as JSON. */
  logged: string[];
  /** Adds an account with the password `PASSWORD`. */
  addAccount(login: string): Promise<string>;
  close(): Promise<void>;
}

const client = (id: string, more: object = {}) => ({
  client_id: id,
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
  response_types: ['code'],
  grant_types: ['authorization_code'],
  ...more,
});
const CLIENTS = [
  client('own', { firstParty: true, client_name: 'Own application' }),
  client('plain', { firstParty: true, sekisho: { mfa: 'requested' } }),
  client('foreign', {
    client_name: 'Foreign application',
    'client_name#ja': 'よそのアプリ',
    sekisho: { mfa: 'requested' },
  }),
];

export async function startTestServer(
  more: Partial<ConfigInput> | ((port: number) => Partial<ConfigInput>) = {},
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'server-'));
  const port = await freePorts();
  const input = {
    ...{ issuer: `http://localhost:${port}`, port, gateway: { type: 'handset' }, countries: ['JP'] },
    clients: CLIENTS,
    ...(typeof more === 'function' ? more(port) : more),
  };
  const logged: string[] = [];
  const line = (fields: object, message: string) => void logged.push(JSON.stringify({ ...fields, message }));
  const config = parseConfig(input, { folder, production: false });
  const extras = {
    log: { info: line, warn: line, error: line },
    // Where a test has stopped the time, it is the judge of it, and not the store.
    ...(Date === MACHINE_DATE ? {} : { clock: systemClock }),
  };
  const server = await startServer(config, extras).catch(async (error) => {
    await rm(folder, { recursive: true });
    throw error;
  });
  return {
    ...{ server, logged, data: config.data, at: `http://127.0.0.1:${port}` },
    async addAccount(login) {
      const passwordHash = await server.accounts.hashPassword(PASSWORD);
      const accountId = randomBytes(8).toString('hex');
      await server.accounts.create({ accountId, login, passwordHash });
      return accountId;
    },
    async close() {
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** An authorization request, as an address at this server. */
export function requestAt(at: string, more: Record<string, string> = {}): string {
  const parameters = new URLSearchParams({
    client_id: 'own',
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    state: 'some-state',
    ...more,
  });
  return `${at}/auth?${parameters}`;
}

/** Writes a plugin: a folder with its card and one module of plain JavaScript. Answers how a configuration names it. */
export async function writePlugin(folder: string, name: string, card: object, code: string): Promise<string> {
  const root = join(folder, name);
  await mkdir(root, { recursive: true });
  await writeFile(join(root, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module' }));
  await writeFile(join(root, 'plugin-manifest.json'), JSON.stringify({ name, ...card }));
  await writeFile(join(root, 'part.js'), code);
  return root;
}
