/** A factor that was proved, and when (milliseconds). Everything about assurance is derived from these (DESIGN 7). */
export interface Fact {
  method: Method;
  at: number;
  /** What proved it: the id of the bound phone, or the one the host gave. A code by phone without one counts nowhere (BND-08). */
  authenticator?: string;
  /** The authenticator itself checked a PIN or a biometric: it is two factors at once. */
  userVerified?: true;
  /** Somebody was at the authenticator; `user` of RFC 8176. */
  userPresent?: true;
  /** Too old for a second factor; it is still what the session began with. */
  stale?: true;
}
/** RFC 8176 names. Whatever the host's first factor was, `pwd` stands for it where the host names none. */
export type Method = string;

export type Kind = 'knowledge' | 'possession' | 'inherence';

/** What a host may hand in as a factor of its own. `kba` is missing: NIST SP 800-63B-4 section 3.1.1 accepts no questions. */
export const HOST_METHODS: Readonly<Record<string, Kind>> = {
  ...{ pwd: 'knowledge', pin: 'knowledge' },
  ...{ hwk: 'possession', swk: 'possession', sc: 'possession', otp: 'possession', pop: 'possession' },
  ...{ face: 'inherence', fpt: 'inherence', iris: 'inherence', retina: 'inherence', vbm: 'inherence' },
};

const PHONE: ReadonlySet<Method> = new Set(['sms', 'tel']);
/** Remarks that prove nothing by themselves. */
const NO_FACTOR: ReadonlySet<Method> = new Set(['user', 'geo', 'rba', 'mca', 'mfa']);
/** What only Sekisho says of a sign-in; a host that names it in `login.amr` is not believed (OID-01). */
export const OUR_METHODS: ReadonlySet<Method> = new Set([...PHONE, 'mfa', 'rba']);

export const isPhone = ({ method }: Fact): boolean => PHONE.has(method);
/** Was proved by an authenticator of the host, which may be removed there. */
export const isOfHost = (fact: Fact): boolean => fact.authenticator !== undefined && !isPhone(fact);
/** Can be the factor that makes two of one: something the person has, proved not too long ago. */
export const isSecondFactor = (fact: Fact): boolean => isPhone(fact) || (isOfHost(fact) && !fact.stale);

/** The first factor of a host may be anything; what is no known method counts as something the person knows. */
function kindOf({ method }: Fact): Kind | undefined {
  if (PHONE.has(method)) return 'possession';
  if (NO_FACTOR.has(method)) return undefined;
  return Object.hasOwn(HOST_METHODS, method) ? HOST_METHODS[method] : 'knowledge';
}

/** Proves something else than possession; an authenticator that verified its user does both. */
const complements = (fact: Fact): boolean =>
  fact.userVerified === true || !['possession', undefined].includes(kindOf(fact));

/**
 * When two factors of different kinds were proved, as far as they were: the older one of the pair that holds longest, in
 * milliseconds. One of the two is always something the person has, as NIST SP 800-63B-4 section 3.2.3 wants for biometrics
 * too; two things of one kind are one factor (OID-01).
 */
export function twoFactorsSince(facts: readonly Fact[]): number | undefined {
  const held = facts.filter(isSecondFactor);
  const others = facts.filter(complements).map(({ at }) => at);
  const alone = held.filter(({ userVerified }) => userVerified).map(({ at }) => at);
  const paired = others.length > 0 ? held.map(({ at }) => Math.min(at, Math.max(...others))) : [];
  const times = [...alone, ...paired];
  return times.length > 0 ? Math.max(...times) : undefined;
}

/** Whether a code by phone would make two factors of these. */
export const phoneWouldComplete = (facts: readonly Fact[]): boolean => facts.some(complements);

/** What is known when facts are looked at. */
export interface Present {
  now: number;
  /** When the session was last used. */
  lastSeen: number;
  /** The phone that is bound now. */
  phone: string | undefined;
  /** Authenticators that the account has at the host now. */
  ofHost: ReadonlySet<string>;
}

/**
 * The facts of a session that still count: proved by authenticators that are there now (BND-08, lesson 15), and as second
 * factors young enough for us (SES-01). What a request demands beyond that leaves them as they are (G.10).
 *
 * @returns nothing where all that the session rested on is gone.
 */
export function liveFacts(
  facts: readonly Fact[],
  { now, lastSeen, phone, ofHost }: Present,
  { maxAge, idle }: { maxAge: number; idle: number },
): Fact[] {
  const there = facts.filter((fact) => {
    if (isPhone(fact)) return fact.authenticator !== undefined && fact.authenticator === phone;
    return fact.authenticator === undefined || ofHost.has(fact.authenticator);
  });
  return withSecond(there, ({ at }) => now - lastSeen <= idle * 1000 && now - at <= maxAge * 1000);
}

/** Of the facts of a session those that this request takes: no second factor of before where all has to be new (OID-07). */
export const acceptedFacts = (
  facts: readonly Fact[],
  { fresh, maxAge }: { fresh: boolean; maxAge: number | undefined },
  now: number,
): Fact[] => withSecond(facts, ({ at }) => !fresh && now - at <= (maxAge ?? Number.POSITIVE_INFINITY));

/** A session that began with an authenticator alone keeps it as its first factor, as it would keep a password. */
function withSecond(facts: readonly Fact[], counts: (fact: Fact) => boolean): Fact[] {
  const second = facts.filter((fact) => isSecondFactor(fact) && counts(fact));
  const first = facts.filter((fact) => fact.authenticator === undefined && !isPhone(fact));
  const began = facts.filter((fact) => isOfHost(fact) && !second.includes(fact));
  const stale = began.map((fact) => ({ ...fact, stale: true as const }));
  return newestOfEach([...(first.length > 0 ? first : stale), ...second]);
}

/** When the oldest of these was proved that counts; of those that are too old to count, where there is nothing else. */
export function oldestOf(facts: readonly Fact[]): number {
  const counting = facts.filter(({ stale }) => !stale);
  return Math.min(...(counting.length > 0 ? counting : facts).map(({ at }) => at));
}

/** One fact of each authenticator, the newest; and one of each other method. */
export function newestOfEach(facts: readonly Fact[]): Fact[] {
  const newest = new Map<string, Fact>();
  for (const fact of facts) {
    const name = fact.authenticator ?? `method ${fact.method}`;
    const other = newest.get(name);
    if (!other || fact.at >= other.at) newest.set(name, fact);
  }
  return [...newest.values()];
}

/**
 * Gives what was proved in one interaction one time, that of its end: a strict relying party measures max_age from there,
 * however slow the message was (G.3). What came from an earlier interaction keeps its own time (OID-07).
 *
 * @param began When the interaction began; milliseconds, like `ended`.
 */
export const provedTogether = (facts: readonly Fact[], began: number, ended: number): Fact[] =>
  facts.map((fact) => (fact.at >= began ? { ...fact, at: ended } : fact));
