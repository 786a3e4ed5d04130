import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';

/** A `redis-server` of our own, in a folder of its own. */
export interface RedisServer {
  host: string;
  port: number;
  url: string;
  /** Runs a command through `redis-cli`, for what a test does behind the back of the store. */
  cli(...args: string[]): Promise<string>;
  /** Sends a signal to the process, such as SIGKILL, SIGSTOP. */
  signal(name: NodeJS.Signals): Promise<void>;
  /** Starts the process again, on the same port and folder. */
  restart(): Promise<void>;
  /** Stops the process and removes the folder. */
  stop(): Promise<void>;
}

export interface RedisCluster {
  nodes: { host: string; port: number }[];
  /** The masters, in the order of their slots. */
  servers: RedisServer[];
  /** One for each master, in the same order, or none. */
  replicas: RedisServer[];
  /** Which of the masters has the key at the start. */
  masterOf(key: string): Promise<number>;
  /** Resolves when every node says that the cluster works. */
  untilItStands(): Promise<void>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const running = new Set<ChildProcess>();
// A test process that dies takes its servers with it.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

let available: boolean | undefined;

/** Whether there is a `redis-server` here; where there is none, the suites that need one say so in one line each. */
export function redisAvailable(): boolean {
  available ??= spawnSync('redis-server', ['--version']).status === 0;
  return available;
}

/** What those suites say. */
export const NO_REDIS = 'there is no redis-server on the PATH';

const KEEPING = ['--save', '', '--appendonly', 'yes'];

/** Starts a server that writes to disk and evicts nothing; `args` come last and win. */
export function startRedis({ args = [] }: { args?: readonly string[] } = {}): Promise<RedisServer> {
  return startServer([], [...KEEPING, ...args]);
}

async function startServer(first: readonly string[], last: readonly string[]): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-redis-'));
  const argsFor = (port: number) => [...first, '--port', `${port}`, '--bind', HOST, '--dir', folder, ...last];
  const { port, child: started } = await launchSomewhere(argsFor);
  const all = argsFor(port);
  let child = started;
  return {
    host: HOST,
    port,
    url: `redis://${HOST}:${port}`,
    cli: (...command) => cli(port, command),
    signal: (name) => signal(child, name),
    async restart() {
      child = await launch(all, port);
    },
    async stop() {
      await signal(child, 'SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts a cluster, without replicas unless asked for; `args` come last and win. It takes a little over two seconds: so long a
 * master of a cluster waits after its start before it takes writes.
 */
export async function startRedisCluster({
  masters = 3,
  replicated = false,
  args = [],
}: {
  masters?: number;
  /** Whether each master has a replica. */
  replicated?: boolean;
  args?: readonly string[];
} = {}): Promise<RedisCluster> {
  const own = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--appendfsync', 'everysec'];
  if (replicated) own.push('--repl-diskless-sync', 'no');
  const all = await Promise.all(
    Array.from({ length: replicated ? 2 * masters : masters }, () => startRedis({ args: [...own, ...args] })),
  );
  const [servers, replicas] = [all.slice(0, masters), all.slice(masters)];
  await joinNodes(servers, replicas);
  const slotOf = async (name: string) => Number(await servers[0]!.cli('CLUSTER', 'KEYSLOT', name));
  return {
    nodes: servers.map(({ host, port }) => ({ host, port })),
    servers,
    replicas,
    masterOf: async (name) => Math.floor(((await slotOf(name)) * masters) / SLOTS),
    untilItStands: () => untilItStands(servers),
    stop: async () => void (await Promise.all(all.map((server) => server.stop()))),
  };
}

const SLOTS = 16_384;

/** What `redis-cli --cluster create` does, without its waits of a second each. */
async function joinNodes(masters: readonly RedisServer[], replicas: readonly RedisServer[]): Promise<void> {
  const firstSlot = (at: number) => Math.ceil((at * SLOTS) / masters.length);
  const all = [...masters, ...replicas];
  // Refused by a node that knows another one.
  await onNodes(all, async (node, at) => void (await node.cluster('SET-CONFIG-EPOCH', at + 1)));
  await onNodes(all, async (node, at) => {
    const count = at < masters.length ? firstSlot(at + 1) - firstSlot(at) : 0;
    const slots = Array.from({ length: count }, (_, slot) => firstSlot(at) + slot);
    if (count > 0) await node.cluster('ADDSLOTS', ...slots);
    for (const { host, port } of all.slice(0, at)) await node.cluster('MEET', host, port);
  });
  await untilItStands(all);
  const ids = await Promise.all(masters.map((master) => master.cli('CLUSTER', 'MYID')));
  await onNodes(replicas, async (node, at) => {
    await node.cluster('REPLICATE', ids[at]!);
    await untilFollowed(masters[at]!);
  });
}

const untilItStands = (servers: readonly RedisServer[]) =>
  onNodes(servers, async (node) => {
    while (!String(await node.cluster('INFO')).includes('cluster_state:ok')) await pause(20);
  });

async function onNodes(
  servers: readonly RedisServer[],
  act: (node: Redis, at: number) => Promise<void>,
): Promise<void> {
  const nodes = servers.map(({ host, port }) => new Redis({ host, port }));
  try {
    await Promise.all(nodes.map(act));
  } finally {
    for (const node of nodes) node.disconnect();
  }
}

/**
 * Waits until a replica gets what the master takes: not yet when the replica says that the link is up, and up to a second
 * after this with `repl-diskless-sync`.
 */
export async function untilFollowed(master: RedisServer): Promise<void> {
  while (!(await master.cli('INFO', 'replication')).includes('state=online')) await pause(50);
}

/** Starts a Sentinel that watches this master under the name `sekisho`; one is quorum enough for a test. */
export async function startSentinel(master: RedisServer): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `sentinel monitor sekisho ${master.host} ${master.port} 1`,
    'sentinel down-after-milliseconds sekisho 500',
    'sentinel failover-timeout sekisho 3000',
  ];
  await writeFile(file, lines.join('\n'));
  const server = await startServer([file, '--sentinel'], []);
  const stop = () => server.stop().then(() => rm(folder, { recursive: true }));
  return { ...server, stop };
}

/** A port, or the one that a cluster node adds 10000 to it for, may be taken between the look and the start. */
async function launchSomewhere(argsFor: (port: number) => string[]) {
  for (let round = 1; ; round += 1) {
    const port = await freePort();
    try {
      return { port, child: await launch(argsFor(port), port) };
    } catch (error) {
      if (round === 5) throw error;
    }
  }
}

async function launch(args: readonly string[], port: number): Promise<ChildProcess> {
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  // A failed test may leave its server behind: it must not keep the process from ending.
  child.unref();
  running.add(child);
  child.once('exit', () => running.delete(child));
  await untilUp(child, port);
  return child;
}

async function untilUp(child: ChildProcess, port: number): Promise<void> {
  const client = new Redis({ port, host: HOST, retryStrategy: () => 10, maxRetriesPerRequest: null });
  client.on('error', () => {});
  const died = once(child, 'exit').then(() => {
    throw new Error(`redis-server on port ${port} ended at once`);
  });
  try {
    await Promise.race([client.ping().catch(unlessItAsksForPassword), died]);
  } finally {
    client.disconnect();
    died.catch(() => {});
  }
}

function unlessItAsksForPassword(error: Error): void {
  if (!error.message.startsWith('NOAUTH')) throw error;
}

async function signal(child: ChildProcess, name: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.ref(); // or nothing may be left that keeps this process waiting for it
  child.kill(name);
  if (name === 'SIGKILL' || name === 'SIGTERM') await ended;
}

async function cli(port: number, command: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('redis-cli', ['-h', HOST, '-p', `${port}`, ...command]);
  return stdout.trim();
}

/** The cluster bus listens 10000 above, and 6379 is left to whoever runs a Redis there. */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(20_000 + Math.floor(Math.random() * 20_000), HOST);
    const address = await once(server, 'listening').then(
      () => server.address(),
      () => null,
    );
    server.close();
    if (address && typeof address === 'object') return address.port;
  }
}
