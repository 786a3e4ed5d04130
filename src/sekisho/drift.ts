import type { KoaContextWithOIDC } from 'oidc-provider';
import { SekishoError } from '../errors.ts';
import type { EventKind } from '../events.ts';
import type { Clock } from '../ports/clock.ts';

/** Tokens carry the machine's time, codes the store's: beyond this nothing is issued (OPS-03). */
const DRIFT_REFUSED_MS = 15_000;
const DRIFT_WARNED_MS = 5000;

/** `warning`: more than 5 s apart; `refusing`: more than 15 s, no tokens are issued. */
export type DriftState = 'ok' | 'warning' | 'refusing';

/** Compares the machine's clock with the store's, and tells once when that changes. */
export interface DriftWatch {
  state(): DriftState;
  /** @throws SekishoError `store_unavailable` while the clocks are too far apart. */
  assertSmall(): void;
}

export function watchDrift(clock: Clock, emit: (event: EventKind) => void): DriftWatch {
  let last: DriftState = 'ok';
  const state = () => {
    const drift = clock.drift?.() ?? 0;
    const found = stateOf(Math.abs(drift));
    if (found !== last) emit({ type: 'clock.drift', state: found, seconds: Math.round(drift / 1000) });
    last = found;
    return found;
  };
  return {
    state,
    assertSmall() {
      if (state() !== 'refusing') return;
      throw new SekishoError('store_unavailable', DRIFT_MESSAGE);
    },
  };
}

/** For the provider: what issues nothing goes on, such as keys and discovery. */
export const refuseWhileDrifting =
  ({ assertSmall }: DriftWatch) =>
  (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    if (!ISSUES_NOTHING.test(ctx.path)) assertSmall();
    return next();
  };
const ISSUES_NOTHING = /\/(jwks|me|\.well-known\/[a-z-]+)$/;

const DRIFT_MESSAGE =
  'The clock of this machine and that of the store are more than 15 seconds apart, so no tokens are issued. Turn on time synchronisation (NTP) on both';

function stateOf(drift: number): DriftState {
  if (drift > DRIFT_REFUSED_MS) return 'refusing';
  return drift > DRIFT_WARNED_MS ? 'warning' : 'ok';
}
