import type { ClientPolicy, Options } from '../options.ts';
import { type Fact, twoFactorsSince } from './factors.ts';

/** What a request needs, read from its parameters and the client's policy. */
export interface Requirement {
  /** The acr must say MFA: nothing may stand in for the second factor. */
  mfa: boolean;
  /** Whether the client wants a code even if no acr does; a trusted browser or low risk may stand in for it. */
  policy: ClientPolicy['mfa'];
  /** Values of the request that can be reached here; empty when it named none of them. */
  requested: readonly string[];
  /** Values of the request that are the host's own: reached where the login it hands over says so, and nowhere else. */
  ofHost: readonly string[];
  /** Whether an essential claim wants one of these: `host` only a value of the host, `none` one that is never reached here (OID-03). */
  essential: 'ours' | 'host' | 'none' | undefined;
  /** Factors older than this many milliseconds do not count; undefined: no limit but ours. */
  maxAge: number | undefined;
  /** Everything has to be proved anew (prompt=login, max_age=0, a client that always asks). */
  fresh: boolean;
  acr: { mfa: string; sfa: string };
}

type Params = Record<string, unknown>;

/**
 * Reads the requirement of an authorization request (OIDC Core 3.1.2.1 and 5.5.1.1, RFC 9470 section 4).
 *
 * Only an essential claim can be impossible. `acr_values` asks for a voluntary claim: what nobody reaches here is passed
 * over, and the tokens name the acr that was reached (G.11). Where RFC 9470 section 5 would rather fail, the relying party
 * and the resource server see that acr. A value of ours is reached in either form, or the request is refused (OID-05).
 */
export function readRequirement(
  params: Params,
  policy: ClientPolicy,
  general: Options['assurance'],
  acrOfHost: readonly string[] = [],
): Requirement {
  const acr = policy.acr ?? general.acr;
  const { essential, values } = requestedAcr(params);
  const reachable = values.filter((value) => value === acr.mfa || value === acr.sfa);
  const ofHost = values.filter((value) => acrOfHost.includes(value) && !reachable.includes(value));
  const wantsMfa = reachable.length > 0 && !reachable.includes(acr.sfa);
  return {
    mfa: policy.minimum === 'mfa' || wantsMfa,
    policy: policy.mfa,
    requested: reachable,
    ofHost,
    essential: essential ? whose(reachable, ofHost) : undefined,
    maxAge: maxAgeOf(params['max_age']),
    fresh: policy.alwaysAsk || wordsOf(params['prompt']).includes('login'),
    acr,
  };
}

const whose = (reachable: readonly string[], ofHost: readonly string[]) =>
  reachable.length > 0 ? 'ours' : ofHost.length > 0 ? 'host' : 'none';

/** The provider has made it a number, or refused it; what is none asks for everything anew rather than for nothing. */
function maxAgeOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const seconds = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1000 : 0;
}

/** The acr values of the request: those of an essential claim, and acr_values otherwise. */
function requestedAcr(params: Params): { essential: boolean; values: string[] } {
  const claim = acrClaim(params['claims']);
  if (claim['essential'] === true) {
    if (Array.isArray(claim['values'])) return { essential: true, values: claim['values'].map(textOf) };
    if (claim['value'] !== undefined) return { essential: true, values: [textOf(claim['value'])] };
  }
  return { essential: false, values: wordsOf(params['acr_values']) };
}

/** Anybody writes these: a value of another type is never turned into text, it is one that nobody can reach (B.8). */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const wordsOf = (value: unknown): string[] => textOf(value).split(' ').filter(Boolean);

function acrClaim(claims: unknown): Record<string, unknown> {
  try {
    const parsed: unknown = typeof claims === 'string' ? JSON.parse(claims) : claims;
    return recordOf(recordOf(recordOf(parsed)['id_token'])['acr']);
  } catch {
    return {}; // the provider answers malformed claims itself
  }
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** What the tokens will say. */
export interface Assurance {
  acr: string;
  amr: string[];
  /** Epoch seconds of the oldest factor that `acr` rests on, so that max_age holds for each of them (OID-07). */
  authTime: number;
}

/**
 * Derives acr, amr and auth_time from what was proved (DESIGN 7, SES-02, OID-01). A skip by a trusted browser or by low
 * risk is no fact and therefore changes nothing here (SES-05, RST-06).
 *
 * @param facts At least one.
 */
export function deriveAssurance(
  facts: readonly Fact[],
  { acr, requested }: Pick<Requirement, 'acr' | 'requested'>,
): Assurance {
  const since = twoFactorsSince(facts);
  const methods = facts.flatMap((fact) => (fact.userPresent ? [fact.method, 'user'] : [fact.method]));
  const onlySfaAsked = requested.length > 0 && !requested.includes(acr.mfa);
  return {
    acr: since === undefined || onlySfaAsked ? acr.sfa : acr.mfa,
    amr: [...new Set(since === undefined ? methods : [...methods, 'mfa'])].filter(Boolean),
    authTime: Math.floor((since ?? Math.min(...facts.map(({ at }) => at))) / 1000),
  };
}
