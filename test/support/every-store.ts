import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { openRedisStore, type RedisOptions } from '../../src/stores/redis.ts';
import { openSqliteStore } from '../../src/stores/sqlite.ts';
import { NO_REDIS, type RedisServer, redisAvailable, startRedis, startRedisCluster } from './redis.ts';

/** Where the records of one test are, with nothing in it at first. It ends with the tests it is described for. */
export interface StorePlace {
  /** Opens it, once for each node. The embedded store serves one process, so there all nodes have the same one. */
  open(): Promise<Store>;
  /** Loses everything. */
  empty(): Promise<void>;
  /** Ends what runs there, with SIGKILL where it is a process of its own. */
  crash(): Promise<void>;
  restart(): Promise<void>;
}

export interface OnStore {
  startPlace(): Promise<StorePlace>;
  /** The store of a place of its own, for a test with one node. */
  open(): Promise<Store>;
}

/** Describes the same for SQLite, for a real Redis, and for a real Redis Cluster of three masters. */
export function onEveryStore(title: string, body: (on: OnStore) => void): void {
  const skip = redisAvailable() ? false : NO_REDIS;
  const on = (startPlace: () => Promise<StorePlace>): OnStore => ({
    startPlace,
    open: async () => (await startPlace()).open(),
  });
  describe(`${title}, on SQLite`, () => {
    const folders: string[] = [];
    body(on(() => startFile(folders)));
    after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));
  });
  describe(`${title}, on Redis`, { skip }, () => body(on(() => placeIn(redis()))));
  describe(`${title}, on Redis Cluster`, { skip }, () => body(on(() => placeIn(cluster()))));
}

/** What it flushes survives a crash, and codes on their way with it. */
const FLUSHING = ['--appendfsync', 'always'];

// One of each serves the tests of a file, one after the other; each test has keys of its own.
const redis = once(async () => {
  const server = await startRedis({ args: FLUSHING });
  return { where: { url: server.url }, servers: [server], untilItStands: async () => {} };
});
const cluster = once(async () => {
  const { nodes, servers, untilItStands } = await startRedisCluster({ masters: 3, args: FLUSHING });
  return { where: { cluster: { nodes } }, servers, untilItStands };
});

interface Servers {
  where: RedisOptions;
  servers: RedisServer[];
  untilItStands(): Promise<void>;
}

/** Starts it when it is first asked for, and stops it at the end of the file. */
function once(start: () => Promise<Servers>): () => Promise<Servers> {
  let started: Promise<Servers> | undefined;
  after(async () => {
    const { servers = [] } = (await started) ?? {};
    await Promise.all(servers.map((server) => server.stop()));
  });
  return () => {
    started ??= start();
    return started;
  };
}

async function placeIn(started: Promise<Servers>): Promise<StorePlace> {
  const { where, servers, untilItStands } = await started;
  const prefix = `${randomUUID()}:`;
  const each = async (act: (server: RedisServer) => Promise<unknown>) =>
    void (await Promise.all(servers.map(act)));
  return {
    open: () => openRedisStore({ ...where, prefix }),
    empty: () => each(({ cli }) => cli('FLUSHALL')),
    crash: () => each((server) => server.signal('SIGKILL')),
    async restart() {
      await each((server) => server.restart());
      await untilItStands();
    },
  };
}

/** A file, which is closed in place of a crash: how a process dies with it is shown by tests of the server. */
async function startFile(folders: string[]): Promise<StorePlace> {
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-store-'));
  folders.push(folder);
  const file = join(folder, 'sekisho.db');
  const openFile = () => openSqliteStore({ file, synchronous: 'normal' });
  let current: Store | undefined;
  let nodes = 0;
  return {
    async open() {
      current ??= await openFile();
      nodes += 1;
      return handOver(
        () => current!,
        async () => {
          nodes -= 1;
          if (nodes > 0) return;
          await current?.close();
          current = undefined;
        },
      );
    },
    async empty() {
      await current?.close();
      await Promise.all(['', '-wal', '-shm'].map((end) => rm(`${file}${end}`, { force: true })));
      if (current) current = await openFile();
    },
    crash: async () => current?.close(),
    async restart() {
      current = await openFile();
    },
  };
}

/** A store whose calls go to the one that is open just then. */
function handOver(current: () => Store, close: () => Promise<void>): Store {
  const names = Object.keys(current()) as (keyof Store)[];
  const methods = names.map((name) => {
    const method = (...args: unknown[]) => (current()[name] as (...all: unknown[]) => unknown)(...args);
    return [name, method];
  });
  return { ...Object.fromEntries(methods), name: current().name, close } as Store;
}
