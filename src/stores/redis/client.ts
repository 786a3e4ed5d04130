import type { Cluster, Redis } from 'ioredis';
import { SekishoError } from '../../errors.ts';
import type { RedisOptions } from './options.ts';

type Ioredis = Pick<typeof import('ioredis'), 'Redis' | 'Cluster'>;

async function loadIoredis(): Promise<Ioredis> {
  try {
    return await import('ioredis');
  } catch (cause) {
    throw new SekishoError('option_invalid', 'The Redis store needs the package ioredis: npm i ioredis', {
      cause,
    });
  }
}

/** Refuses options that contradict each other. */
export function demandSense({ url, sentinel, cluster }: RedisOptions, prefix: string): void {
  const named = [url, sentinel, cluster].filter((place) => place !== undefined);
  if (named.length !== 1) throw invalid('Name exactly one of url, sentinel and cluster for the Redis store');
  if (url !== undefined && !(URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol))) {
    throw invalid('The url of the Redis store must look like redis://host:6379 or rediss://host:6379');
  }
  // The first braces of a key decide on which node of a cluster it lives.
  if (/[{}]/.test(prefix)) throw invalid('The prefix of the Redis store must not contain braces');
}

function invalid(message: string): SekishoError {
  return new SekishoError('option_invalid', message);
}

/** Makes the client for a node, for Sentinel or for a cluster; it does not connect yet. */
export async function createClient(
  options: RedisOptions,
  connectTimeout: number,
  commandTimeoutMs: number,
): Promise<Redis | Cluster> {
  const { Redis, Cluster } = await loadIoredis();
  const node = nodeOptions(options, connectTimeout, commandTimeoutMs);
  const { url, sentinel, cluster } = options;
  if (cluster) return new Cluster([...cluster.nodes], clusterOptions(node));

  const alone = { ...node, ...reconnecting, lazyConnect: true, enableAutoPipelining: true };
  if (!sentinel) return new Redis(url!, alone);
  const { name, nodes, password } = sentinel;
  return new Redis({
    ...alone,
    name,
    sentinels: [...nodes],
    // Leaves a master at once when the Sentinels chose another; what it counted from then on would be lost.
    failoverDetector: true,
    ...(password === undefined ? {} : { sentinelPassword: password }),
  });
}

/** Tries again for ever, at least once a second: a process outlives a restart of Redis. */
const reconnecting = { retryStrategy: (times: number) => Math.min(100 * times, 1000) };

function nodeOptions(options: RedisOptions, connectTimeout: number, commandTimeoutMs: number) {
  const { username, password, tls } = options;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: tls === true ? {} : tls } : {}),
    connectTimeout,
    connectionName: 'sekisho',
    // Grace for a connection that is being closed; it holds up the end of the process.
    disconnectTimeout: 200,
    // At most once: a command whose answer is lost is never sent again, or one wrong code would count twice.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A connection that says nothing for this long is dead, whatever TCP thinks.
    socketTimeout: 3 * commandTimeoutMs,
    // After a fail-over the old master answers READONLY: connect anew to find the new one.
    reconnectOnError: (error: Error) => error.message.includes('READONLY'),
  };
}

function clusterOptions(node: ReturnType<typeof nodeOptions>) {
  return {
    redisOptions: node,
    lazyConnect: true,
    enableAutoPipelining: true,
    scaleReads: 'master' as const,
    // How soon a master that took over is used; it costs one command.
    slotsRefreshInterval: 1000,
    maxRedirections: 8,
    // 0: a command that was on its way to a node that died is not sent to another one (at most once).
    retryDelayOnFailover: 0,
    clusterRetryStrategy: reconnecting.retryStrategy,
    // A name in the certificate could not match an address that was looked up first.
    ...(node.tls ? { dnsLookup: keepName } : {}),
  };
}

function keepName(host: string, done: (error: null, address: string) => void): void {
  done(null, host);
}
