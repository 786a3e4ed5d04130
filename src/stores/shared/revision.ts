import { SekishoError } from '../../errors.ts';
import type { Versioned } from '../../ports/store.ts';

/** A `rev` that does not follow would let the next writer win over a change that writer never saw. */
export function demandNextRev(value: Versioned, expectedRev: number): void {
  if (value.rev === expectedRev + 1) return;
  throw new SekishoError(
    'internal',
    `replace() wants rev ${expectedRev + 1} in the new value, not ${value.rev}`,
  );
}
