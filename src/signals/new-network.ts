import { isIPv4 } from 'node:net';
import type { SignalFactory } from '../ports/signal.ts';

/** How long a network stays known without a sign-in with a second factor. */
const RETENTION_DAYS = 90;

/**
 * The account never proved its second factor from this network: an IPv4 /24 or an IPv6 /48. An address that cannot be
 * read is evidence too (lesson 10).
 */
export const newNetwork: SignalFactory = ({ memory }) => ({
  name: 'new-network',
  async assess({ accountId, ip }) {
    if (ip === undefined) return [{ reason: 'address_unreadable' }];
    return (await memory.knows(accountId, networkOf(ip))) ? [] : [{ reason: 'network_unknown' }];
  },
  async learn(signIn) {
    if (signIn.ip !== undefined) await memory.learn(signIn, networkOf(signIn.ip), RETENTION_DAYS);
  },
});

/** @param ip In canonical form, as the client address reader gives it: IPv6 fully written out. */
function networkOf(ip: string): string {
  return isIPv4(ip) ? ip.split('.').slice(0, 3).join('.') : ip.split(':').slice(0, 3).join(':');
}
