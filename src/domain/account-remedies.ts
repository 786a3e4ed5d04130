import { eraseLearnt } from './account-memory.ts';
import type { Core } from './core.ts';
import { eraseBrowsers } from './devices.ts';
import { removeAuthenticator } from './enrolment.ts';
import { tellAccount } from './notices.ts';
import { applyRemedies, secureRemedies } from './remedies.ts';

/** What the provider keeps of an account in our store; nothing is found where the host brought an adapter of its own. */
export interface ProviderRecords {
  /** Ends the tokens that rest on a code by SMS or call. */
  endPhoneTokens(accountId: string): Promise<void>;
  /** Ends sessions, grants and tokens. Answers how many sessions there were. */
  endAll(accountId: string): Promise<number>;
}

/** Ends the trust of every browser, and forgets browsers and networks (BND-05). Answers how many were trusted. */
export async function forgetBrowsers(core: Core, accountId: string): Promise<number> {
  await applyRemedies(core, accountId, ['browsers']);
  const count = await eraseRemembered(core, accountId);
  await secureRemedies(core, accountId);
  return count;
}

async function eraseRemembered(core: Core, accountId: string): Promise<number> {
  const [count] = await Promise.all([eraseBrowsers(core, accountId), eraseLearnt(core, accountId)]);
  core.emit({ type: 'browsers.forgotten', count }, { account: accountId });
  return count;
}

/**
 * Takes the number off an account, as support does after a loss (BND-08), and with it all that rests on it: its codes, what it
 * proved in sessions, tokens that say so, trusted browsers, what is known of browsers and networks.
 *
 * @returns whether there was a number.
 */
export async function removePhone(core: Core, records: ProviderRecords, accountId: string): Promise<boolean> {
  await applyRemedies(core, accountId, ['factor', 'browsers']);
  const removed = await removeAuthenticator(core, accountId);
  if (removed !== undefined) tellAccount(core, accountId, { notice: 'number_removed', e164: removed });
  await Promise.all([records.endPhoneTokens(accountId), eraseRemembered(core, accountId)]);
  await secureRemedies(core, accountId);
  return removed !== undefined;
}

/**
 * Signs the account out everywhere: sessions, tokens, sign-ins under way, trusted browsers, known browsers and networks
 * (SES-11). The number stays.
 *
 * @returns how many sessions of the provider were ended; 0 where the host has an adapter of its own.
 */
export async function endSessions(core: Core, records: ProviderRecords, accountId: string): Promise<number> {
  await applyRemedies(core, accountId, ['sessions', 'browsers']);
  const [count] = await Promise.all([records.endAll(accountId), eraseRemembered(core, accountId)]);
  core.emit({ type: 'sessions.ended', count }, { account: accountId });
  await secureRemedies(core, accountId);
  return count;
}
