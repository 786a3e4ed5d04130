import type { Store } from '../ports/store.ts';
import { challenges } from './redis/challenges.ts';
import { connect } from './redis/connect.ts';
import { failure, isMoved, within } from './redis/failure.ts';
import { lifecycle } from './redis/lifecycle.ts';
import type { Link } from './redis/link.ts';
import type { RedisOptions } from './redis/options.ts';
import { records } from './redis/records.ts';
import { reservations } from './redis/reservations.ts';
import { sets } from './redis/sets.ts';

export type { RedisAddress, RedisOptions } from './redis/options.ts';

/**
 * State in Redis 6 or newer, for any number of processes: a single node, Sentinel or Cluster. Needs the package
 * `ioredis`. Every method is one command or one script on the keys it names, sent at most once: when the answer is lost
 * the method throws, and what it would have counted may have been counted.
 *
 * @throws SekishoError `store_unavailable` when Redis cannot be reached or does not take writes; `option_invalid` when
 *   the options contradict each other.
 */
export async function openRedisStore(options: RedisOptions): Promise<Store> {
  const link = await connect(options);
  const store = asStore(link, {
    ...records(link),
    ...sets(link),
    ...reservations(link),
    ...challenges(link),
    ...lifecycle(link),
  });
  try {
    await store.epoch();
    return store;
  } catch (error) {
    await link.close();
    throw error;
  }
}

type AnyMethod = (...args: unknown[]) => Promise<unknown>;

function asStore(link: Link, methods: Omit<Store, 'name'>): Store {
  const guarded = Object.entries(methods).map(([operation, method]) => [
    operation,
    (...args: unknown[]) => {
      const call = () => within(link.commandTimeoutMs, (method as AnyMethod)(...args));
      return call().catch(async (error) => {
        try {
          // The node did nothing: the slot lives elsewhere by now, or the cluster is moving it.
          if (!isMoved(error)) throw error;
          await link.refresh();
          return await call();
        } catch (cause) {
          throw failure(operation, cause, link);
        }
      });
    },
  ]);
  return { name: 'redis', ...Object.fromEntries(guarded) } as Store;
}
