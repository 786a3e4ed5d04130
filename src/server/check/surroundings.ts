import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ServerConfig } from '../config.ts';
import { openDoor } from '../door.ts';
import { keyFileIn, parseKeys, readKeyFile } from '../keys/file.ts';
import type { Keys } from '../keys.ts';
import { databaseOf, holdsDemo, openStore } from '../parts.ts';
import { type Finding, ok, type Surroundings, told } from './finding.ts';

/** The key file: there, for the owner's eyes only, whole, and not the demo's. */
export async function checkKeys(at: Surroundings): Promise<Finding[]> {
  const { production, keysText, data } = at.config;
  const file = keyFileIn(data);
  const missing = keysText === undefined && !(await exists(file));
  if (missing && !production) return [ok('keys', `will be made at the first start in ${file}`)];
  const keys = keysText === undefined ? await readKeyFile(file) : parseKeys(keysText, 'SEKISHO_KEYS');
  at.keys = keys;
  const folder = keysText === undefined ? await checkFolder(data) : [];
  if (production && keys.demo) return [demoRefused('keys', 'are those of the demo'), ...folder];
  return [ok('keys', describe(keys, at.clock.now())), ...folder];
}

const demoRefused = (field: string, reason: string): Finding => ({
  level: 'error',
  field,
  reason,
  fix: 'Use another place in production; everybody knows the passwords there',
});

function describe({ secrets, signing }: Keys, now: number): string {
  const current = signing.find(({ state }) => state === 'current')!;
  const days = Math.max(0, Math.floor((now - Date.parse(current.createdAt)) / 86_400_000));
  return `are complete: the signing key is ${days} days old, secrets: ${secrets.length}`;
}

async function checkFolder(data: string): Promise<Finding[]> {
  const { mode } = await stat(data);
  if (process.platform === 'win32' || (mode & 0o022) === 0) return [];
  const reason = 'can be written by other users, who could put keys of theirs there';
  return [{ level: 'error', field: data, reason, fix: `Run: chmod 700 ${data}` }];
}

/** The store: reachable, safe, and not the demo's. A database that is not there yet is not made. */
export async function checkStore({ config, catalogue, clock }: Surroundings): Promise<Finding[]> {
  if (!catalogue) return [];
  const field = `store ${config.store.type}`;
  const file = databaseOf(config);
  if (config.store.type === 'sqlite' && !(await exists(file))) return checkRoom(field, file);
  const store = await openStore(config, catalogue);
  try {
    await store.ping();
    const found = (await store.findings()).map((finding) =>
      config.production ? finding : { ...finding, severity: 'warning' as const },
    );
    const demo = config.production && (await holdsDemo(store, clock.now()));
    const refused = demo ? [demoRefused(field, 'holds the accounts of the demo')] : [];
    return [ok(field, 'answers'), ...told(field, found), ...refused];
  } finally {
    await store.close();
  }
}

async function checkRoom(field: string, file: string): Promise<Finding[]> {
  let folder = dirname(file);
  while (!(await exists(folder))) folder = dirname(folder);
  const writable = await access(folder, constants.W_OK | constants.X_OK).then(
    async () => (await stat(folder)).isDirectory(),
    () => false,
  );
  if (writable) return [ok(field, `will be made at the first start in ${file}`)];
  const reason = `cannot be made in ${file}: ${folder} is no folder that this user may write to`;
  return [
    { level: 'error', field, reason, fix: 'Change its owner, or name another place in data or store.file' },
  ];
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The port: free, and an address of this computer. */
export async function checkPort({ config: { host, port } }: { config: ServerConfig }): Promise<Finding[]> {
  await (await openDoor(host, port, (_req, res) => void res.destroy())).close();
  return [ok('port', `${port} is free at ${host}`)];
}
