import type { Requirement } from '../domain/assurance.ts';
import { type Authenticator, findAuthenticator } from '../domain/enrolment.ts';
import { acceptedFacts, type Fact, isSecondFactor, liveFacts, newestOfEach } from '../domain/factors.ts';
import { type Remedies, readRemedies } from '../domain/remedies.ts';
import { authenticatorsOfHost } from './host-factors.ts';
import type { Parts } from './parts.ts';
import { readStanding } from './standing.ts';

/** What an account has to prove a second factor with, and what a session of it has proved. */
export interface Known {
  phone: Authenticator | undefined;
  /** Authenticators of the host; asked for where facts rest on one, or where there is no phone. */
  ofHost: ReadonlySet<string>;
  /** What was ended for the account, and when. */
  remedies: Remedies;
  /** Facts of the session that still count. */
  session: Fact[];
  /** Whether the session rested on authenticators alone that are all gone now. */
  gone: boolean;
  /** Those of `facts` that count now; they were proved just now. */
  live(facts: readonly Fact[]): Fact[];
}

/**
 * Reads what is known of an account and its session.
 *
 * @param sessionUid Undefined where the account has no session.
 * @param proved Facts that are at hand already.
 */
export async function readKnown(
  { core }: Parts,
  accountId: string,
  sessionUid: string | undefined,
  proved: readonly Fact[] = [],
): Promise<Known> {
  const now = core.clock.now();
  const [phone, remedies, standing] = await Promise.all([
    findAuthenticator(core, accountId),
    readRemedies(core, accountId),
    sessionUid === undefined ? undefined : readStanding(core, accountId, sessionUid),
  ]);
  // Who was signed out everywhere has proved nothing since (SES-11).
  const facts = (standing?.facts ?? []).filter(({ at }) => at > remedies.sessions);
  const ofHost = await authenticatorsOfHost(core, accountId, [...facts, ...proved], phone === undefined);
  const liveSince = (some: readonly Fact[], lastSeen: number) =>
    liveFacts(some, { now, lastSeen, phone: phone?.id, ofHost }, core.options.assurance);
  const session = liveSince(facts, standing?.lastSeen ?? now);
  return {
    phone,
    ofHost,
    remedies,
    session,
    gone: facts.length > 0 && session.length === 0,
    live: (some) => liveSince(some, now),
  };
}

/** What a login adds to the second factors of its session that this request takes. */
export const withSession = (
  proved: readonly Fact[],
  session: readonly Fact[],
  requirement: Requirement,
  now: number,
): Fact[] => newestOfEach([...proved, ...acceptedFacts(session, requirement, now).filter(isSecondFactor)]);

/** What the session keeps: whatever this request demands, the next one may take the second factors it has (G.10). */
export const keptFacts = (proved: readonly Fact[], session: readonly Fact[]): Fact[] =>
  newestOfEach([...proved, ...session.filter(isSecondFactor)]);
