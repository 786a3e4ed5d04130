import type { Evidence } from '../ports/signal.ts';
import type { Requirement } from './assurance.ts';
import { type Fact, isPhone, phoneWouldComplete, twoFactorsSince } from './factors.ts';

/** Whether a sign-in may go on, and why. `reason` is for events and for the page's wording. */
export interface Decision {
  /** `unmet`: two factors are demanded, and a code by phone would not make two of what was proved. */
  outcome: 'satisfied' | 'skipped' | 'asked' | 'unmet';
  reason: string;
  /** What stood in for the code, for a skip. */
  by?: 'trusted_browser' | 'low_risk';
}

/** The questions that cost something are asked only when the answer matters. */
export interface Circumstances {
  requirement: Requirement;
  /** What was proved and counts for this request. */
  facts: readonly Fact[];
  trusted(): Promise<boolean>;
  risk(): Promise<Evidence[]>;
}

/**
 * Decides whether the code is asked for. Where the request demands MFA, or everything anew, nothing but a second factor
 * will do; a trusted browser and low risk only answer for what the client's own policy would like (SES-05, RST-06).
 */
export async function decide(circumstances: Circumstances): Promise<Decision> {
  const { requirement, facts, trusted, risk } = circumstances;
  if (twoFactorsSince(facts) !== undefined) return { outcome: 'satisfied', reason: 'second_factor_proved' };
  if (requirement.mfa) {
    return phoneWouldComplete(facts)
      ? { outcome: 'asked', reason: 'mfa_requested' }
      : { outcome: 'unmet', reason: 'same_kind_of_factor' };
  }
  if (facts.some(isPhone)) return { outcome: 'satisfied', reason: 'second_factor_proved' };
  if (requirement.policy === 'requested') return { outcome: 'skipped', reason: 'not_requested' };
  if (requirement.fresh) return { outcome: 'asked', reason: 'fresh_login' };
  if (await trusted()) return { outcome: 'skipped', reason: 'trusted_browser', by: 'trusted_browser' };
  if (requirement.policy === 'always') return { outcome: 'asked', reason: 'client_policy' };
  const [evidence] = await risk();
  if (evidence) return { outcome: 'asked', reason: evidence.reason };
  return { outcome: 'skipped', reason: 'low_risk', by: 'low_risk' };
}
