import { SekishoError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';

/** The machine's clock, as the judge of the `now` of callers where they want one. */
export interface MachineTime {
  clock: Clock;
  refuseDrift(maximum: number | null): void;
  /** @throws SekishoError `store_unavailable` when `now` is further from the clock than it may be. */
  assertNow(now: number): void;
}

export function createMachineTime(clock: Clock): MachineTime {
  let maximum: number | null = null;
  return {
    clock,
    refuseDrift(milliseconds) {
      maximum = milliseconds;
    },
    assertNow(now) {
      if (maximum === null || Math.abs(clock.now() - now) <= maximum) return;
      throw new SekishoError(
        'store_unavailable',
        'The clock of this machine was set while it was asked. It is read again now; try once more',
      );
    },
  };
}
