import type { ClientPolicy, Options } from '../options.ts';

/** A factor that was proved, and when (milliseconds). Everything about assurance is derived from these (DESIGN 7). */
export interface Fact {
  method: Method;
  at: number;
  /** Of a second factor: the authenticator that proved it. Without one it counts nowhere (BND-08). */
  authenticator?: string;
}
/** RFC 8176 names. `pwd` stands for the host's first factor, whatever it was; `sms` and `tel` are ours. */
export type Method = string;

/** What a request needs, read from its parameters and the client's policy. */
export interface Requirement {
  /** The acr must say MFA: nothing may stand in for the second factor. */
  mfa: boolean;
  /** Whether the client wants a code even if no acr does; a trusted browser or low risk may stand in for it. */
  policy: ClientPolicy['mfa'];
  /** Values of the request that can be reached here; empty when it named none of them. */
  requested: readonly string[];
  /** Whether an essential claim wants only values that can never be reached here (OID-03). */
  impossible: boolean;
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
): Requirement {
  const acr = policy.acr ?? general.acr;
  const { essential, values } = requestedAcr(params);
  const reachable = values.filter((value) => value === acr.mfa || value === acr.sfa);
  const wantsMfa = reachable.length > 0 && !reachable.includes(acr.sfa);
  return {
    mfa: policy.minimum === 'mfa' || wantsMfa,
    policy: policy.mfa,
    requested: reachable,
    impossible: essential && reachable.length === 0,
    maxAge: maxAgeOf(params['max_age']),
    fresh: policy.alwaysAsk || wordsOf(params['prompt']).includes('login'),
    acr,
  };
}

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

const SECOND_FACTORS: ReadonlySet<Method> = new Set(['sms', 'tel']);
export const isSecondFactor = (fact: Fact): boolean => SECOND_FACTORS.has(fact.method);

/** What is known when facts are looked at. */
export interface Present {
  now: number;
  /** When the session was last used. */
  lastSeen: number;
  /** The authenticator that is bound now. */
  authenticator: string | undefined;
}

/**
 * The second factors that still count in a session: proved by the authenticator that is bound now (BND-08, lesson 15),
 * and young enough for us (SES-01). What a request demands beyond that leaves them as they are (G.10).
 */
export function liveSecondFactors(
  facts: readonly Fact[],
  { now, lastSeen, authenticator }: Present,
  { maxAge, idle }: { maxAge: number; idle: number },
): Fact[] {
  if (authenticator === undefined || now - lastSeen > idle * 1000) return [];
  return facts.filter(
    (fact) => isSecondFactor(fact) && fact.authenticator === authenticator && now - fact.at <= maxAge * 1000,
  );
}

/** The second factor of a session that this request takes: none where all has to be new, none older than max_age (OID-07). */
export function acceptedSecondFactor(
  live: readonly Fact[],
  { fresh, maxAge }: Pick<Requirement, 'fresh' | 'maxAge'>,
  now: number,
): Fact | undefined {
  if (fresh) return undefined;
  return newest(live.filter((fact) => now - fact.at <= (maxAge ?? Number.POSITIVE_INFINITY)));
}

export const newest = (facts: readonly Fact[]): Fact | undefined => facts.toSorted((a, b) => b.at - a.at)[0];

/**
 * Gives what was proved in one interaction one time, that of its end: a strict relying party measures max_age from there,
 * however slow the message was (G.3). What came from an earlier interaction keeps its own time (OID-07).
 *
 * @param began When the interaction began; milliseconds, like `ended`.
 */
export const provedTogether = (facts: readonly Fact[], began: number, ended: number): Fact[] =>
  facts.map((fact) => (fact.at >= began ? { ...fact, at: ended } : fact));

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
 * @param first At least one first factor.
 */
export function deriveAssurance(
  first: readonly Fact[],
  second: Fact | undefined,
  { acr, requested }: Pick<Requirement, 'acr' | 'requested'>,
  extra: readonly string[] = [],
): Assurance {
  const methods = first.filter((fact) => !isSecondFactor(fact)).map((fact) => fact.method);
  const oldestFirst = Math.min(...first.filter((fact) => !isSecondFactor(fact)).map((fact) => fact.at));
  if (!second) return { acr: acr.sfa, amr: unique(methods), authTime: toSeconds(oldestFirst) };
  const onlySfaAsked = requested.length > 0 && !requested.includes(acr.mfa);
  return {
    acr: onlySfaAsked ? acr.sfa : acr.mfa,
    amr: unique([...methods, second.method, 'mfa', ...extra]),
    authTime: toSeconds(Math.min(oldestFirst, second.at)),
  };
}

const unique = (values: string[]): string[] => [...new Set(values)];
const toSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
