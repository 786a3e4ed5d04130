import type { Cluster, Redis } from 'ioredis';
import type { Key } from '../../ports/store.ts';
import { createClient, demandSense } from './client.ts';
import { failure, within } from './failure.ts';
import { type Guard, guardArguments } from './guard.ts';
import type { Commands, Link } from './link.ts';
import type { RedisAddress, RedisOptions } from './options.ts';
import { waitForReplicas } from './replicated.ts';
import { call, define } from './script.ts';
import { SCRIPTS } from './scripts.ts';
import { rememberWritten } from './written.ts';

/** Connects, and waits until Redis answers. */
export async function connect(options: RedisOptions): Promise<Link> {
  const { connectTimeoutMs = 3000, commandTimeoutMs = 1000, prefix = 'sekisho:' } = options;
  demandSense(options, prefix);
  const client = await createClient(options, connectTimeoutMs, commandTimeoutMs);
  define(client, SCRIPTS);
  const link = createLink(client, options, prefix, commandTimeoutMs);
  await untilReady(client, link, connectTimeoutMs);
  return link;
}

function createLink(
  client: Redis | Cluster,
  options: RedisOptions,
  prefix: string,
  commandTimeoutMs: number,
): Link {
  const name = (key: Key) => `${prefix}${key}`;
  const guard: Guard = { drift: 0, term: '', masters: '' };
  const { waitForReplicas: count = 0 } = options;
  const milliseconds = Math.ceil(commandTimeoutMs / 2);
  return {
    commands: client as unknown as Commands,
    name,
    guard,
    written: rememberWritten((one) => client.exists(one)),
    async replicated(key) {
      if (count > 0) await waitForReplicas(client, name(key), { count, milliseconds });
    },
    replicas: count,
    run: (script, keys, args) =>
      call(client, script, keys.map(name), script.timed ? [...args, ...guardArguments(guard)] : args),
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

/** A master that died leaves the pool, so the pool alone would look healthy. */
function mastersOf(client: Redis | Cluster): Redis[] {
  if (!isCluster(client)) return [client];
  const masters = client.nodes('master');
  const known = new Set(masters.map(({ options }) => `${options.host}:${options.port}`));
  const owners = new Set(client.slots.map((nodes) => nodes?.[0]));
  const missing = [...owners].filter((owner) => !owner || !known.has(owner));
  if (owners.size === 0 || missing.length > 0)
    throw new Error(`no connection to ${missing.join(', ') || 'any master'}`);
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
  const left = await within(patience / 2, client.quit()).catch(() => undefined);
  // A client of Sentinels needs it after quit as well, which leaves its connections to them open.
  if (!left || !isCluster(client)) client.disconnect();
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
