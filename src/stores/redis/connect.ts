import type { Cluster, Redis } from 'ioredis';
import { SekishoError } from '../../errors.ts';
import type { Key } from '../../ports/store.ts';
import { failure, within } from './failure.ts';
import type { Commands, Link } from './link.ts';
import type { RedisAddress, RedisOptions } from './options.ts';
import { call, define } from './script.ts';
import { SCRIPTS } from './scripts.ts';

type Ioredis = Pick<typeof import('ioredis'), 'Redis' | 'Cluster'>;

/** Connects, and waits until Redis answers. */
export async function connect(options: RedisOptions): Promise<Link> {
  const { connectTimeoutMs = 3000, commandTimeoutMs = 1000, prefix = 'sekisho:' } = options;
  demandSense(options, prefix);
  const client = createClient(await loadIoredis(), options, connectTimeoutMs, commandTimeoutMs);
  define(client, SCRIPTS);
  const link = createLink(client, options, prefix, commandTimeoutMs);
  await untilReady(client, link, connectTimeoutMs);
  return link;
}

async function loadIoredis(): Promise<Ioredis> {
  try {
    return await import('ioredis');
  } catch (cause) {
    throw new SekishoError('option_invalid', 'The Redis store needs the package ioredis: npm i ioredis', {
      cause,
    });
  }
}

function demandSense({ url, sentinel, cluster }: RedisOptions, prefix: string): void {
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

function createClient(
  { Redis, Cluster }: Ioredis,
  options: RedisOptions,
  connectTimeout: number,
  commandTimeoutMs: number,
): Redis | Cluster {
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
    slotsRefreshInterval: 5000,
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

function createLink(
  client: Redis | Cluster,
  options: RedisOptions,
  prefix: string,
  commandTimeoutMs: number,
): Link {
  const name = (key: Key) => `${prefix}${key}`;
  return {
    commands: client as unknown as Commands,
    name,
    run: (script, keys, args) => call(client, script, keys.map(name), args),
    masters: () => mastersOf(client),
    isCluster: isCluster(client),
    refresh: () => refresh(client),
    close: () => close(client, commandTimeoutMs),
    commandTimeoutMs,
    address: addressOf(options),
    secrets: secretsOf(options),
  };
}

function isCluster(client: Redis | Cluster): client is Cluster {
  return client.isCluster;
}

function mastersOf(client: Redis | Cluster): Redis[] {
  const masters = isCluster(client) ? client.nodes('master') : [client];
  if (masters.length === 0) throw new Error('no master of the cluster can be reached');
  return masters;
}

async function refresh(client: Redis | Cluster): Promise<void> {
  if (!isCluster(client)) return;
  await new Promise<void>((resolve) => client.refreshSlotsCache(() => resolve()));
}

async function untilReady(client: Redis | Cluster, link: Link, connectTimeoutMs: number): Promise<void> {
  // Without a listener ioredis prints every lost connection; here each call reports its own failure.
  let last: unknown;
  client.on('error', (error: unknown) => {
    last = error;
  });
  try {
    await within(connectTimeoutMs, client.connect());
  } catch (cause) {
    client.disconnect();
    throw failure('connect', last ?? cause, link);
  }
}

async function close(client: Redis | Cluster, patience: number): Promise<void> {
  if (client.status === 'end') return;
  await within(patience / 2, client.quit()).catch(() => client.disconnect());
}

function addressOf({ url, sentinel, cluster }: RedisOptions): string {
  const list = (nodes: readonly RedisAddress[]) =>
    nodes.map(({ host, port }) => `${host}:${port}`).join(', ');
  if (sentinel) return `${sentinel.name} of the Sentinels ${list(sentinel.nodes)}`;
  return cluster ? `the cluster ${list(cluster.nodes)}` : new URL(url!).host;
}

function secretsOf({ url, sentinel, password }: RedisOptions): string[] {
  const inUrl = url === undefined ? '' : new URL(url).password;
  const all = [password, sentinel?.password, inUrl, decoded(inUrl)];
  return all.filter((secret): secret is string => secret !== undefined && secret !== '');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
