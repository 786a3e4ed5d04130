import type { Flow } from '../domain/flow.ts';
import { type Parts, policyOf } from './parts.ts';

/**
 * Whether the person may have this browser trusted after this code. Page and server ask the same question: a tick that the
 * page does not show counts for nothing (fault A.6). Not where nothing may stand in for the code anyway: where MFA was
 * demanded, the client always asks, or nobody signed in before.
 */
export function mayTrustBrowser(
  parts: Parts,
  { clientId, purpose, requested }: Pick<Flow, 'clientId' | 'purpose' | 'requested'>,
): boolean {
  const { mfa, alwaysAsk } = policyOf(parts, clientId);
  const wanted = mfa !== 'requested' && !alwaysAsk && !requested;
  return parts.core.options.trustedBrowser.enabled && purpose !== 'signup' && wanted;
}
