import type { Evidence } from '../ports/signal.ts';
import type { Fact, Requirement } from './assurance.ts';

/** Whether a sign-in may go on, and why. `reason` is for events and for the page's wording. */
export interface Decision {
  outcome: 'satisfied' | 'skipped' | 'asked';
  reason: string;
  /** What stood in for the code, for a skip. */
  by?: 'trusted_browser' | 'low_risk';
}

/** The questions that cost something are asked only when the answer matters. */
export interface Circumstances {
  requirement: Requirement;
  /** A second factor that still counts. */
  second: Fact | undefined;
  trusted(): Promise<boolean>;
  risk(): Promise<Evidence[]>;
}

/**
 * Decides whether the code is asked for. Where the request demands MFA, or everything anew, nothing but a second factor
 * will do; a trusted browser and low risk only answer for what the client's own policy would like (SES-05, RST-06).
 */
export async function decide({ requirement, second, trusted, risk }: Circumstances): Promise<Decision> {
  if (second) return { outcome: 'satisfied', reason: 'second_factor_proved' };
  if (requirement.mfa) return { outcome: 'asked', reason: 'mfa_requested' };
  if (requirement.policy === 'requested') return { outcome: 'skipped', reason: 'not_requested' };
  if (requirement.fresh) return { outcome: 'asked', reason: 'fresh_login' };
  if (await trusted()) return { outcome: 'skipped', reason: 'trusted_browser', by: 'trusted_browser' };
  if (requirement.policy === 'always') return { outcome: 'asked', reason: 'client_policy' };
  const [evidence] = await risk();
  if (evidence) return { outcome: 'asked', reason: evidence.reason };
  return { outcome: 'skipped', reason: 'low_risk', by: 'low_risk' };
}
