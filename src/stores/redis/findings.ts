import type { Redis } from 'ioredis';
import type { StoreFinding } from '../../ports/store.ts';
import type { Link } from './link.ts';

/** What one master says about itself; undefined where it would not say (managed services forbid CONFIG). */
interface Settings {
  node: string;
  policy: string | undefined;
  appendOnly: boolean | undefined;
  snapshots: boolean | undefined;
}

/** What is unsafe about the settings of Redis (OPS-02). Every master of a cluster is asked. */
export async function findings(link: Link): Promise<StoreFinding[]> {
  const settings = await Promise.all(link.masters().map((master) => settingsOf(master, link)));
  return settings.flatMap((master) => [...eviction(master), ...persistence(master)]);
}

async function settingsOf(master: Redis, { isCluster, address }: Link): Promise<Settings> {
  const [info, save] = await Promise.all([
    refusedAs(undefined, master.info()),
    refusedAs(undefined, master.config('GET', 'save') as Promise<string[]>),
  ]);
  const field = (name: string) => info?.match(new RegExp(`^${name}:(.*?)\\r?$`, 'm'))?.[1];
  const aof = field('aof_enabled');
  return {
    node: isCluster ? `${master.options.host}:${master.options.port}` : address,
    policy: field('maxmemory_policy'),
    appendOnly: aof === undefined ? undefined : aof === '1',
    snapshots: save === undefined ? undefined : save[1] !== '',
  };
}

/** A command that the server refuses says nothing about the settings; a server that does not answer is a failure. */
async function refusedAs<T>(value: T, reply: Promise<T>): Promise<T> {
  return reply.catch((error: Error) => {
    if (/^(NOPERM|ERR unknown (sub)?command)/i.test(error.message)) return value;
    throw error;
  });
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

function persistence({ node, appendOnly, snapshots }: Settings): StoreFinding[] {
  if (appendOnly) return [];
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

function verifyByHand(node: string, setting: string, what: string): StoreFinding {
  return {
    severity: 'warning',
    message: `Redis at ${node} does not tell its ${setting} (managed services often forbid it)`,
    fix: `Verify in the console of the service ${what}`,
  };
}
