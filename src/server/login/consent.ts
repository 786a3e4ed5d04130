import type { Sekisho } from '../../sekisho.ts';
import { scopeOf } from '../claims.ts';
import type { LoginVisit, VisitParts } from './visit.ts';

interface Missing {
  missingOIDCScope?: string[];
  missingOIDCClaims?: string[];
  missingResourceScopes?: Record<string, string[]>;
}

/** Scopes there are words for; `openid` says nothing a person has to know. */
const EXPLAINED = ['profile', 'email', 'phone', 'offline_access'];

/** Asks whether the application may have what it wants. */
export function showConsent({ pages }: VisitParts, visit: LoginVisit): void {
  const { missingOIDCScope = [], missingOIDCClaims = [], missingResourceScopes = {} } = details(visit);
  const wanted = [...missingOIDCScope, ...missingOIDCClaims.map((claim) => scopeOf(claim) ?? claim)];
  const scopes = EXPLAINED.filter((scope) => wanted.includes(scope));
  const others = new Set([...wanted, ...Object.values(missingResourceScopes).flat()]);
  for (const scope of ['openid', ...EXPLAINED]) others.delete(scope);
  pages.send(visit.res, 'consent', { ...visit.about, scopes, others: [...others] });
}

/** Writes down that the person agreed to what the page showed. */
export async function grantConsent(
  { provider }: VisitParts,
  { interaction }: LoginVisit,
): Promise<Parameters<Sekisho['gate']>[2]> {
  const { grantId, params, session } = interaction;
  const clientId = String(params['client_id']);
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant = known ?? new provider.Grant({ accountId: session!.accountId, clientId });
  const {
    missingOIDCScope = [],
    missingOIDCClaims = [],
    missingResourceScopes = {},
  } = details({ interaction });
  if (missingOIDCScope.length > 0) grant.addOIDCScope(missingOIDCScope.join(' '));
  if (missingOIDCClaims.length > 0) grant.addOIDCClaims(missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(missingResourceScopes))
    grant.addResourceScope(resource, scopes.join(' '));
  return { consent: { grantId: await grant.save() } };
}

const details = ({ interaction }: Pick<LoginVisit, 'interaction'>): Missing =>
  interaction.prompt.details as Missing;
