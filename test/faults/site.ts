import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDirectory } from '../../src/accounts/directory.ts';
import { systemClock } from '../../src/ports/clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { createKeyFile, keyFileIn } from '../../src/server/keys/file.ts';
import { generateKeys } from '../../src/server/keys.ts';
import { freePorts } from '../support/free-ports.ts';
import { FREE_SENDS } from '../support/host.ts';
import { CLIENT_SECRET, PASSWORD, REDIRECT_URI } from '../support/test-server.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { createNode, type Logged, type ServerNode } from './node.ts';
import { startVendor, type Vendor } from './vendor.ts';

/** Nodes of a server behind a balancer, a vendor that keeps what it sends, and accounts that have no number yet. */
export interface Site {
  issuer: string;
  nodes: ServerNode[];
  balancer: Balancer;
  vendor: Vendor;
  /** Its configuration, keys and, with SQLite, its database. */
  folder: string;
  /** What all nodes logged. */
  logged(): Logged[];
  /** An account that nobody has used yet. */
  nextAccount(): Person;
  close(): Promise<void>;
}

/** Somebody who has an account and a phone. */
export interface Person {
  login: string;
  phone: string;
}

export interface SiteSettings {
  /** How many nodes; 1 for SQLite. */
  nodes: number;
  /** The store of the configuration. */
  store: Record<string, unknown>;
  /** The same store for the test itself, before the nodes run. */
  openStore(): Promise<Store>;
  /** Whatever else the configuration says; the vendor is there by then. */
  options?: Record<string, unknown> | ((vendor: Vendor) => Record<string, unknown>);
  /** Where everything lies; a folder of its own unless said. */
  folder?: string;
}

const ACCOUNTS = 250;
const personAt = (at: number): Person => ({
  login: `person-${at}`,
  phone: `+81901234${String(at).padStart(4, '0')}`,
});

export async function startSite(settings: SiteSettings): Promise<Site> {
  const folder = settings.folder ?? (await mkdtemp(join(tmpdir(), 'faults-')));
  await createKeyFile(keyFileIn(folder), () => generateKeys(Date.now()));
  await addAccounts(settings);
  const vendor = await startVendor();
  const nodes: ServerNode[] = [];
  const balancer = await startBalancer(() => nodes.map(({ port }) => port));
  const config = configOf(settings, balancer.url, folder, vendor);
  for (let at = 0; at < settings.nodes; at += 1) nodes.push(createNode(folder, await freePorts(), config));
  const close = async () => {
    await Promise.all(nodes.map((node) => node.stop('SIGKILL')));
    await Promise.all([balancer.close(), vendor.close()]);
    if (settings.folder === undefined) await rm(folder, { recursive: true });
  };
  await Promise.all(nodes.map((node) => node.start())).catch(async (error) => {
    await close();
    throw error;
  });
  let used = 0;
  return {
    ...{ issuer: balancer.url, nodes, balancer, vendor, folder, close },
    logged: () => nodes.flatMap((node) => node.logged),
    nextAccount() {
      used += 1;
      if (used > ACCOUNTS) throw new Error('there are no more accounts');
      return personAt(used);
    },
  };
}

/** All have the same password, which is hashed once. */
async function addAccounts({ openStore }: SiteSettings): Promise<void> {
  const store = await openStore();
  const accounts = createDirectory({ store, clock: systemClock });
  const passwordHash = await accounts.hashPassword(PASSWORD);
  for (let at = 1; at <= ACCOUNTS; at += 1) {
    const { login } = personAt(at);
    await accounts.create({ accountId: `id-${login}`, login, passwordHash });
  }
  await store.close();
}

function configOf({ store, options }: SiteSettings, issuer: string, data: string, vendor: Vendor): object {
  return {
    ...{ issuer, data, store, gateway: vendor.gateway(), countries: ['JP'], trustedProxies: 1 },
    ...{ sends: FREE_SENDS, production: false, drain: 1 },
    clients: [
      {
        ...{
          client_id: 'own',
          client_secret: CLIENT_SECRET,
          redirect_uris: [REDIRECT_URI],
          firstParty: true,
        },
        ...{ response_types: ['code'], grant_types: ['authorization_code'] },
      },
    ],
    ...(typeof options === 'function' ? options(vendor) : options),
  };
}
