import { after, before, mock } from 'node:test';

const START = Date.UTC(2026, 5, 1, 3, 0, 0);

/**
 * Stops the time of this test file and lets it be moved on, for Sekisho and for the provider alike. Timers run on: only
 * what the clock says is ours.
 */
export function stopTime(): { advance(milliseconds: number): void } {
  before(() => mock.timers.enable({ apis: ['Date'], now: START }));
  after(() => mock.timers.reset());
  return { advance: (milliseconds) => mock.timers.setTime(Date.now() + milliseconds) };
}

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
