import type { Built } from './core.ts';
import type { DriftState } from './drift.ts';
import { ADVICE, type StoreTrust } from './identity.ts';

/** How an instance is. */
export interface Health {
  /**
   * `failing`: it does not answer, or takes no writes. `emptied`, `lost`: an operator has to confirm it; until then nobody
   * binds a number. `settling`: another server took over some seconds ago, all else goes on.
   */
  store: 'failing' | StoreTrust;
  /** What to do about the store, in English, where there is something. */
  advice?: string;
  /** The machine's clock against the store's; at `refusing` (more than 15 s apart) no tokens are issued (OPS-03). */
  clock: DriftState;
  /** No factor but SMS and voice is on offer (RST-01). */
  restrictedOnly: boolean;
}

export async function healthOf({
  core,
  drift,
  trust,
}: Pick<Built, 'core' | 'drift' | 'trust'>): Promise<Health> {
  const store = await core.store
    .ping()
    .then(trust.trust)
    .catch(() => 'failing' as const);
  const advice = store === 'ok' || store === 'failing' ? {} : { advice: ADVICE[store] };
  const restrictedOnly = core.options.alternative === undefined;
  return { store, ...advice, clock: drift.state(), restrictedOnly };
}
