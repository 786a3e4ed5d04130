import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { accountTag } from '../../src/domain/limits.ts';
import { key, type Store } from '../../src/ports/store.ts';
import { STATE_KEY } from '../../src/stores/redis/state.ts';
import { openRedisStore, type RedisOptions } from '../../src/stores/redis.ts';
import {
  type RedisServer,
  startRedis,
  startRedisCluster,
  startSentinel,
  untilFollowed,
} from '../support/redis.ts';

/** Masters and replicas, as people run them; one of the masters can die while its replica lags. */
export interface ReplicatedRedis {
  where: RedisOptions;
  open(more?: Partial<RedisOptions>): Promise<Store>;
  /** Whether the records of an account are on the master that will die. */
  holds(account: string): Promise<boolean>;
  /** A name like this one, of an account that it holds. */
  accountOnIt(name: string): Promise<string>;
  /** From now on the replica misses what that master takes. */
  lag(): Promise<void>;
  /** The master dies; who takes over is up to the others. */
  die(): Promise<void>;
  /** The master dies, and its replica takes over. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWithSentinel(): Promise<ReplicatedRedis> {
  const master = await startRedis({ args: ['--repl-diskless-sync', 'no'] });
  const replica = await startRedis({ args: ['--replicaof', master.host, `${master.port}`] });
  await untilFollowed(master);
  const sentinel = await startSentinel(master);
  await until(async () =>
    (await sentinel.cli('SENTINEL', 'REPLICAS', 'sekisho')).includes(`${replica.port}`),
  );
  const { host, port } = sentinel;
  const where = { sentinel: { name: 'sekisho', nodes: [{ host, port }] } };
  return {
    where,
    open: (more = {}) => openRedisStore({ ...where, ...more }),
    die: () => master.signal('SIGKILL'),
    holds: async () => true,
    accountOnIt: async (name) => name,
    async lag() {
      await untilEven(master, replica);
      await replica.cli('REPLICAOF', '127.0.0.1', '1');
    },
    async failOver() {
      await master.signal('SIGKILL');
      await until(async () => (await replica.cli('ROLE')).startsWith('master'));
    },
    stop: async () => void (await Promise.all([sentinel, replica, master].map((server) => server.stop()))),
  };
}

/**
 * A cluster of three masters with a replica each.
 *
 * @param dying The master that will die: the one that says what time it is and which masters there are, or another one.
 */
export async function startReplicatedCluster(dying: 'clock' | 'other'): Promise<ReplicatedRedis> {
  const cluster = await startRedisCluster({ replicated: true });
  const masterOf = (name: string) => cluster.masterOf(`sekisho:${name}`);
  const clock = await masterOf(STATE_KEY);
  const at = dying === 'clock' ? clock : (clock + 1) % cluster.servers.length;
  const [master, replica] = [cluster.servers[at]!, cluster.replicas[at]!];
  const where = { cluster: { nodes: cluster.nodes } };
  const holds = async (account: string) => (await masterOf(key(accountTag(account), 'phone'))) === at;
  return {
    where,
    open: (more = {}) => openRedisStore({ ...where, ...more }),
    holds,
    async accountOnIt(name) {
      let round = 0;
      while (!(await holds(`${name}-${round}`))) round += 1;
      return `${name}-${round}`;
    },
    die: () => master.signal('SIGKILL'),
    async lag() {
      await untilEven(master, replica);
      // Stopped before the link is cut, it neither gets what is on its way nor connects again.
      await replica.signal('SIGSTOP');
      await master.cli('CLIENT', 'KILL', 'TYPE', 'replica');
    },
    async failOver() {
      await master.signal('SIGKILL');
      await replica.signal('SIGCONT');
      await replica.cli('CLUSTER', 'FAILOVER', 'TAKEOVER');
      await until(async () => (await replica.cli('CLUSTER', 'INFO')).includes('cluster_state:ok'));
    },
    stop: () => cluster.stop(),
  };
}

/** What was written before the replica lags is there: a replica is a moment behind at all times. */
async function untilEven(...servers: RedisServer[]): Promise<void> {
  const offset = async ({ cli }: RedisServer) =>
    /master_repl_offset:\d+/.exec(await cli('INFO', 'replication'))?.[0];
  await until(async () => new Set(await Promise.all(servers.map(offset))).size === 1);
}

/** Tries until it is so; while the master changes, calls fail. */
export async function until(ready: () => Promise<boolean>): Promise<void> {
  const patience = performance.now() + 20_000;
  while (!(await ready().catch(() => false))) {
    assert.ok(performance.now() < patience, 'in time');
    await pause(50);
  }
}
