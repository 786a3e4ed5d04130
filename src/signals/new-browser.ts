import type { SignalFactory } from '../ports/signal.ts';
import { key } from '../ports/store.ts';

/** How long a browser stays known without a sign-in with a second factor: 180 days. */
const REMEMBERED = 180 * 86_400_000;

/**
 * The account never proved its second factor in this browser. A browser is known by a random cookie of ours, kept as a
 * digest per account; nothing about its make is collected.
 */
export const newBrowser: SignalFactory = ({ store, clock, accountTag, digest }) => {
  const record = (accountId: string, browserId: string) =>
    key(accountTag(accountId), 'known-browser', digest(`browser ${browserId}`));
  return {
    name: 'new-browser',
    async assess({ accountId, browserId }) {
      if (browserId === undefined) return [{ reason: 'browser_without_cookie' }];
      const known = await store.get(record(accountId, browserId), clock.now());
      return known === undefined ? [{ reason: 'browser_unknown' }] : [];
    },
    async learn({ accountId, browserId }) {
      if (browserId === undefined) return;
      const now = clock.now();
      await store.put(record(accountId, browserId), { at: now }, now + REMEMBERED, now);
    },
  };
};
