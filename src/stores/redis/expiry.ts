/**
 * Least time in milliseconds that Redis keeps what has an expiry.
 *
 * Whether something is over is decided by the caller's `now` against the expiry written inside the record; Redis' own
 * clock only clears up. So a caller whose clock is behind, or stands still in a test, loses nothing early.
 */
export const LEAST_KEPT = 60_000;

/** For PX and PEXPIRE: how long Redis keeps something that expires at `expiresAt`; empty: for ever. */
export function keepFor(expiresAt: number | null, now: number): number | '' {
  return expiresAt === null ? '' : Math.max(LEAST_KEPT, Math.ceil(expiresAt - now));
}
