import type { IncomingMessage } from 'node:http';
import type { Core } from '../domain/core.ts';
import type { Clock } from '../ports/clock.ts';
import { readClientAddress, type UnreadableAddress } from './request.ts';

/** The address of a client in canonical form; undefined when it cannot be known. */
export type AddressReader = (req: IncomingMessage) => string | undefined;

const REPEAT_MS = 3_600_000;

/**
 * Reads addresses, and reports those that cannot be read: such clients share one limit, which a stranger can use up for all
 * of them, and mostly it is the proxy that is set up otherwise than `trustedProxies` says. Never silent (lesson 29), and at
 * most once an hour for a reason, because anybody may cause it.
 *
 * @param hops As `trustedProxies`.
 */
export function createAddressReader(
  hops: number,
  clock: Clock,
  report: (reason: UnreadableAddress) => void,
): AddressReader {
  const reported = new Map<UnreadableAddress, number>();
  return (req) => {
    const read = readClientAddress(req, hops);
    // A browser that has left meanwhile has no address either; that says nothing about proxies.
    if (read.address !== undefined || req.socket?.destroyed) return read.address;
    const now = clock.now();
    const last = reported.get(read.reason);
    if (last === undefined || Math.abs(now - last) >= REPEAT_MS) {
      reported.set(read.reason, now);
      report(read.reason);
    }
    return undefined;
  };
}

/** The same with the options and the journal of an instance. */
export const readAddresses = ({ options, clock, emit }: Core): AddressReader =>
  createAddressReader(options.trustedProxies, clock, (reason) =>
    emit({ type: 'address.unreadable', reason }),
  );
