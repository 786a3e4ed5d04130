import type { SignalFactory } from '../ports/signal.ts';

/** How long a browser stays known without a sign-in with a second factor. */
const RETENTION_DAYS = 180;

/**
 * The account never proved its second factor in this browser. A browser is known by a random name in a cookie of ours, kept
 * as a digest per account; nothing about its make is collected.
 */
export const newBrowser: SignalFactory = ({ memory }) => ({
  name: 'new-browser',
  async assess({ accountId, browserId }) {
    if (browserId === undefined) return [{ reason: 'browser_without_cookie' }];
    return (await memory.knows(accountId, browserId)) ? [] : [{ reason: 'browser_unknown' }];
  },
  async learn(signIn) {
    if (signIn.browserId !== undefined) await memory.learn(signIn, signIn.browserId, RETENTION_DAYS);
  },
});
