import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, startRedis } from '../test/support/redis.ts';
import { type Server, startServer } from './child.ts';
import { bindEverybody } from './people.ts';
import { type Kind, makeKeys, type Place } from './setting.ts';

export type StoreName = 'sqlite' | 'redis';

/** A server of each system, with the same keys, on the same kind of store. */
export interface Pair {
  servers: Record<Kind, Server>;
  stop(): Promise<void>;
}

export async function startPair(store: StoreName): Promise<Pair> {
  const ground = await prepare(store);
  const keys = makeKeys();
  const start = (kind: Kind) => startServer({ kind, place: ground.placeFor(kind), keys });
  try {
    await bindEverybody(ground.placeFor('sekisho'), keys.secret);
    const [bare, sekisho] = await Promise.all([start('bare'), start('sekisho')]);
    return {
      servers: { bare, sekisho },
      async stop() {
        await Promise.all([bare.stop(), sekisho.stop()]);
        await ground.clear();
      },
    };
  } catch (error) {
    await ground.clear();
    throw error;
  }
}

interface Ground {
  placeFor(kind: Kind): Place;
  clear(): Promise<void>;
}

/** One Redis for both, as keys differ; a file for each, as a file has one owner. */
async function prepare(store: StoreName): Promise<Ground> {
  if (store === 'redis') {
    const redis = await startOwnRedis();
    return { placeFor: () => ({ redis: redis.url }), clear: () => redis.stop() };
  }
  const folder = await mkdtemp(join(tmpdir(), 'sekisho-bench-'));
  return {
    placeFor: (kind) => ({ sqlite: join(folder, `${kind}.sqlite`) }),
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A Redis on a free port, and a process that stays until it is stopped. */
export async function startOwnRedis(): Promise<RedisServer> {
  const redis = await startRedis();
  return { ...redis, stop: () => awake(redis.stop()) };
}

/** A Redis that is going down does not keep this process alive, so something else has to. */
async function awake(work: Promise<void>): Promise<void> {
  const timer = setInterval(() => {}, 1000);
  await work.finally(() => clearInterval(timer));
}
