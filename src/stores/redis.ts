import type { Store } from '../ports/store.ts';
import { challenges } from './redis/challenges.ts';
import { connect } from './redis/connect.ts';
import { failure, isMoved, isOtherMaster, within } from './redis/failure.ts';
import { lifecycle } from './redis/lifecycle.ts';
import type { Link } from './redis/link.ts';
import { noteMasters } from './redis/masters.ts';
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
    await within(link.commandTimeoutMs, noteMasters(link));
    return store;
  } catch (error) {
    await link.close();
    throw error;
  }
}

type AnyMethod = (...args: unknown[]) => Promise<unknown>;

function asStore(link: Link, methods: Omit<Store, 'name'>): Store {
  const look = lookAround(link);
  const guarded = Object.entries(methods).map(([operation, method]) => [
    operation,
    async (...args: unknown[]) => {
      const call = () => within(link.commandTimeoutMs, (method as AnyMethod)(...args));
      try {
        // The node did nothing: the slot lives elsewhere by now, the cluster is moving it, or it is another master.
        return await call().catch(async (error) => {
          await look(error);
          return call();
        });
      } catch (cause) {
        throw failure(operation, cause, link);
      }
    },
  ]);
  return { name: 'redis', ...Object.fromEntries(guarded) } as Store;
}

/** Learns anew what lies where, once for all calls that ran into it; rethrows every other error. */
function lookAround(link: Link): (error: unknown) => Promise<void> {
  let noting: Promise<void> | undefined;
  return async (error) => {
    if (!isMoved(error) && !isOtherMaster(error)) throw error;
    await link.refresh();
    if (!isOtherMaster(error)) return;
    noting ??= within(link.commandTimeoutMs, noteMasters(link)).finally(() => {
      noting = undefined;
    });
    await noting;
  };
}
