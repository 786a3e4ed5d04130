import type { Reservation, ReservationOutcome } from '../../ports/store.ts';

/** The uses recorded under one key. */
export interface History {
  /** Time of the newest (1), second newest (2) … use. */
  newest(rank: number): number | undefined;
  /** Times later than this one, the oldest first. */
  after(time: number): number[];
}

/** Last time a Date can hold: the answer to "when" under a limit of zero. */
const NEVER = 8_640_000_000_000_000;

/**
 * Whether one more use is within the limits, and if not, when it would be (THR-03, lesson 9). A use at `t` counts until
 * `t + window`, that moment excluded.
 */
export function decideReservation(request: Reservation, history: History): ReservationOutcome {
  const roomAt = whenWindowsHaveRoom(request, history);
  const retryAt = whenCooledDown(request, history, roomAt);
  if (retryAt <= request.now) return { granted: true };
  return { granted: false, retryAt, reason: roomAt > request.now ? 'window' : 'cooldown' };
}

/** For how long a use may matter. */
export function longestWindow(windows: Reservation['windows']): number {
  return Math.max(0, ...windows.map(({ window }) => window));
}

/** A window is full as long as the max-th newest use is inside. */
function whenWindowsHaveRoom({ windows, now }: Reservation, history: History): number {
  const times = windows.map(({ window, max }) => {
    if (max < 1) return NEVER;
    const blocking = history.newest(max);
    return blocking === undefined ? now : blocking + window;
  });
  return Math.max(now, ...times);
}

/**
 * The first moment from `from` on at which the pause is over. While one waits, old uses leave the first window, so the
 * pause itself changes; each turn of the loop looks at the stretch of time until the next one leaves.
 */
function whenCooledDown({ windows, cooldown }: Reservation, history: History, from: number): number {
  const window = windows[0]?.window;
  if (window === undefined || cooldown.length === 0) return from;

  let time = from;
  const uses = history.after(time - window);
  const latest = uses.at(-1)!;
  for (const [index, use] of uses.entries()) {
    if (use + window <= time) continue;
    const ready = latest + pauseAfter(uses.length - index, cooldown);
    if (ready < use + window) return Math.max(time, ready);
    time = use + window;
  }
  return time;
}

function pauseAfter(uses: number, cooldown: readonly number[]): number {
  return cooldown[Math.min(uses, cooldown.length) - 1]!;
}
