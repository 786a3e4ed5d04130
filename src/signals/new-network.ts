import { isIPv4 } from 'node:net';
import type { SignalFactory } from '../ports/signal.ts';
import { key } from '../ports/store.ts';

/** How long a network stays known without a sign-in with a second factor: 90 days. */
const REMEMBERED = 90 * 86_400_000;

/**
 * The account never proved its second factor from this network: an IPv4 /24 or an IPv6 /48. An address that cannot be
 * read is evidence too (lesson 10).
 */
export const newNetwork: SignalFactory = ({ store, clock, accountTag, digest }) => {
  const record = (accountId: string, ip: string) =>
    key(accountTag(accountId), 'known-network', digest(`network ${networkOf(ip)}`));
  return {
    name: 'new-network',
    async assess({ accountId, ip }) {
      if (ip === undefined) return [{ reason: 'address_unreadable' }];
      const known = await store.get(record(accountId, ip), clock.now());
      return known === undefined ? [{ reason: 'network_unknown' }] : [];
    },
    async learn({ accountId, ip }) {
      if (ip === undefined) return;
      const now = clock.now();
      await store.put(record(accountId, ip), { at: now }, now + REMEMBERED, now);
    },
  };
};

/** @param ip In canonical form, as the client address reader gives it: IPv6 fully written out. */
function networkOf(ip: string): string {
  return isIPv4(ip) ? ip.split('.').slice(0, 3).join('.') : ip.split(':').slice(0, 3).join(':');
}
