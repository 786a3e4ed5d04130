import type { AttemptOutcome, Store } from '../../src/ports/store.ts';
import type { StorePlace } from '../support/every-store.ts';
import { FREE_SENDS, type Host, type HostSettings, startHost } from '../support/host.ts';

export { FREE_SENDS };

/** Two nodes of one provider on one store, as every attack meets them. */
export interface TwoNodes {
  a: Host;
  b: Host;
  /** Every answer of the atomic step, over both nodes. */
  outcomes: AttemptOutcome[];
  close(): Promise<void>;
}

export async function startTwoNodes(
  place: StorePlace,
  options: HostSettings['options'] = {},
): Promise<TwoNodes> {
  const outcomes: AttemptOutcome[] = [];
  const open = async () => watch(await place.open(), outcomes);
  const settings = { options: { sends: FREE_SENDS, failures: { delays: [0], ceiling: 30 }, ...options } };
  const a = await startHost({ ...settings, store: await open() });
  const b = await startHost({ ...settings, store: await open(), inbox: a.inbox, issuer: a.issuer });
  return {
    a,
    b,
    outcomes,
    async close() {
      await a.close();
      await b.close();
    },
  };
}

/** The same store, with the answers of `attempt` noted down. */
export function watch(store: Store, outcomes: AttemptOutcome[]): Store {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      if (name !== 'attempt') return value.bind(target);
      return async (request: Parameters<Store['attempt']>[0]) => {
        const outcome = await target.attempt(request);
        outcomes.push(outcome);
        return outcome;
      };
    },
  });
}

export const compared = (outcomes: readonly AttemptOutcome[]): number =>
  outcomes.filter(({ result }) => result === 'verified' || result === 'wrong').length;

/** Codes that are not the right one. */
export const wrongCodes = (right: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => String((Number(right) + at + 1) % 1_000_000).padStart(6, '0'));
