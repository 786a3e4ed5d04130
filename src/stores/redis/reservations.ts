import type { Reservation, ReservationOutcome, Store } from '../../ports/store.ts';
import { keepFor } from './expiry.ts';
import type { Link } from './link.ts';
import { RELEASE, RESERVE } from './reservation-scripts.ts';

type ReservationMethods = Pick<Store, 'reserve' | 'release'>;

/** Uses under a limit. */
export function reservations(link: Link): ReservationMethods {
  return {
    reserve: (request) => reserve(link, request),
    async release(key, at) {
      await link.run(RELEASE, [key], [at]);
    },
  };
}

async function reserve({ run }: Link, request: Reservation): Promise<ReservationOutcome> {
  const { key, now, windows, cooldown } = request;
  const longest = Math.max(0, ...windows.map(({ window }) => window));
  const limits = windows.flatMap(({ window, max }) => [window, max]);
  const keep = keepFor(now + longest, now);
  const reply = await run(RESERVE, [key], [now, keep, windows.length, ...limits, ...cooldown]);
  const [granted, reason, retryAt] = reply as [number, 'cooldown' | 'window', number];
  return granted === 1 ? { granted: true } : { granted: false, retryAt, reason };
}
