import type { Redis } from 'ioredis';
import type { StoreFinding } from '../../ports/store.ts';
import { refusedAs } from './failure.ts';
import type { Link } from './link.ts';

/** What one master says about itself; undefined where it would not say (managed services forbid CONFIG). */
interface Settings {
  node: string;
  policy: string | undefined;
  appendOnly: boolean | undefined;
  snapshots: boolean | undefined;
  /** `always`, `everysec` or `no`. */
  fsync: string | undefined;
  /** Undefined where it would not say. */
  replicas: number | undefined;
  /** Replicas that must be near, or it takes no writes. */
  minReplicas: number | undefined;
}

/** What is unsafe about the settings of Redis (OPS-02). Every master of a cluster is asked. */
export async function findings(link: Link): Promise<StoreFinding[]> {
  const settings = await Promise.all(link.masters().map((master) => settingsOf(master, link)));
  return settings.flatMap((master) => [
    ...eviction(master),
    ...persistence(master),
    ...replication(master, link.replicas),
  ]);
}

async function settingsOf(master: Redis, { isCluster, address }: Link): Promise<Settings> {
  const setting = (name: string) => refusedAs(undefined, master.config('GET', name) as Promise<string[]>);
  const [info, save, fsync, minReplicas] = await Promise.all([
    refusedAs(undefined, master.info()),
    setting('save'),
    setting('appendfsync'),
    setting('min-replicas-to-write'),
  ]);
  const field = (name: string) => info?.match(new RegExp(`^${name}:(.*?)\\r?$`, 'm'))?.[1];
  const aof = field('aof_enabled');
  return {
    node: isCluster ? `${master.options.host}:${master.options.port}` : address,
    policy: field('maxmemory_policy'),
    appendOnly: aof === undefined ? undefined : aof === '1',
    snapshots: save === undefined ? undefined : save[1] !== '',
    fsync: fsync?.[1],
    replicas: info === undefined ? undefined : Number(field('connected_slaves') ?? 0),
    minReplicas: minReplicas?.[1] === undefined ? undefined : Number(minReplicas[1]),
  };
}

function eviction({ node, policy }: Settings): StoreFinding[] {
  if (policy === 'noeviction') return [];
  if (policy === undefined) {
    return [verifyByHand(node, 'maxmemory-policy', 'that "maxmemory-policy" is "noeviction"')];
  }
  return [
    {
      severity: 'fatal',
      message: `Redis at ${node} evicts keys when memory runs short (maxmemory-policy ${policy}): failed codes and limits would be forgotten`,
      fix: 'Set "maxmemory-policy noeviction" in redis.conf, or give Sekisho a Redis of its own with that setting',
    },
  ];
}

function persistence({ node, appendOnly, snapshots, fsync }: Settings): StoreFinding[] {
  if (appendOnly) return flushing(node, fsync);
  if (appendOnly === undefined || snapshots === undefined) {
    return [verifyByHand(node, 'persistence', 'that append-only files (better) or snapshots are on')];
  }
  if (snapshots) {
    return [
      {
        severity: 'warning',
        message: `Redis at ${node} only takes snapshots: a crash gives back the wrong codes since the last one`,
        fix: 'Set "appendonly yes" in redis.conf',
      },
    ];
  }
  return [
    {
      severity: 'fatal',
      message: `Redis at ${node} writes nothing to disk: a restart forgets failed codes, limits and trusted browsers`,
      fix: 'Set "appendonly yes" in redis.conf',
    },
  ];
}

function flushing(node: string, fsync: string | undefined): StoreFinding[] {
  if (fsync === undefined || fsync === 'always') return [];
  const lost = fsync === 'no' ? 'what the system had not written yet' : 'up to the last second';
  return [
    {
      severity: 'warning',
      message: `Redis at ${node} answers before it is on disk (appendfsync ${fsync}): a crash loses ${lost}, and codes on their way are void then`,
      fix: 'Set "appendfsync always" in redis.conf, unless the speed is needed (docs/stores.md)',
    },
  ];
}

function replication({ node, replicas, minReplicas }: Settings, waitForReplicas: number): StoreFinding[] {
  if (replicas !== undefined && replicas < waitForReplicas)
    return [
      {
        severity: 'warning',
        message: `Redis at ${node} has ${replicas} replicas, and waitForReplicas is ${waitForReplicas}: nobody can bind a number until as many follow`,
        fix: 'Check that the replicas follow, or lower waitForReplicas',
      },
    ];
  if (!replicas || minReplicas !== 0) return [];
  return [
    {
      severity: 'warning',
      message: `Redis at ${node} takes writes that no replica has (min-replicas-to-write 0): a fail-over may lose the last of them`,
      fix: 'Set "min-replicas-to-write 1" in redis.conf, and waitForReplicas of the store to 1 (docs/stores.md)',
    },
  ];
}

function verifyByHand(node: string, setting: string, what: string): StoreFinding {
  return {
    severity: 'warning',
    message: `Redis at ${node} does not tell its ${setting} (managed services often forbid it)`,
    fix: `Verify in the console of the service ${what}`,
  };
}
