import type { Cluster, Redis } from 'ioredis';

/**
 * Waits until so many replicas have what this connection wrote.
 *
 * @param name Key in Redis; on a cluster it says which master was written to.
 */
export async function waitForReplicas(
  client: Redis | Cluster,
  name: string,
  { count, milliseconds }: { count: number; milliseconds: number },
): Promise<void> {
  const node = client.isCluster ? await masterFor(client as Cluster, name) : (client as Redis);
  const have = await node.wait(count, milliseconds);
  if (have < count) throw new Error(`only ${have} of ${count} replicas have it`);
}

async function masterFor(client: Cluster, name: string): Promise<Redis> {
  const slot = (await client.cluster('KEYSLOT', name)) as number;
  const address = client.slots[slot]?.[0];
  const node = client.nodes('master').find(({ options }) => `${options.host}:${options.port}` === address);
  if (!node) throw new Error(`no connection to ${address ?? 'any master'}`);
  return node;
}
