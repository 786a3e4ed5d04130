import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InteractionResults } from 'oidc-provider';
import { type Requirement, readRequirement } from '../domain/assurance.ts';
import { useBrowser } from '../domain/browser-identity.ts';
import { type Decision, decide } from '../domain/decision.ts';
import { useTrust } from '../domain/devices.ts';
import type { Authenticator } from '../domain/enrolment.ts';
import { type Fact, OUR_METHODS } from '../domain/factors.ts';
import { assessRisk } from '../domain/risk.ts';
import type { SignIn } from '../ports/signal.ts';
import { type Parts, policyOf } from './parts.ts';
import { userAgentOf } from './request.ts';
import type { Interaction } from './result.ts';
import { readKnown, withSession } from './session-facts.ts';

export type Login = NonNullable<InteractionResults['login']>;

/** What this request needs, by its parameters and the policy of its client. */
export const requirementOf = (parts: Parts, interaction: Interaction): Requirement =>
  readRequirement(
    interaction.params,
    policyOf(parts, String(interaction.params['client_id'])),
    parts.core.options.assurance,
    parts.acrOfHost(),
  );

/** What is known about a sign-in when its first factor is done, and what follows from it. */
export interface Entry {
  decision: Decision;
  /** When that was: what was ended since then is not known here. */
  at: number;
  /** When the account was last signed out everywhere before that; 0: never. */
  signedOut: number;
  /** What was proved and counts for this request; all of it was proved by now. */
  facts: Fact[];
  phone: Authenticator | undefined;
  /** Whether the account has no phone but a factor of the host: then none is bound on the word of one factor. */
  elsewhere: boolean;
}

/**
 * Looks at what is known about account, session and browser, and decides.
 *
 * @param proved What this login proved.
 */
export async function enter(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  interaction: Interaction,
  accountId: string,
  proved: readonly Fact[],
): Promise<Entry> {
  const { core } = parts;
  const requirement = requirementOf(parts, interaction);
  const now = core.clock.now();
  const session = interaction.session;
  const sessionUid = session?.accountId === accountId ? session.uid : undefined;
  const known = await readKnown(parts, accountId, sessionUid, proved);
  const { phone } = known;
  const signedOut = known.remedies.sessions;
  const times = { now, began: interaction.iat * 1000, signedOut };
  const fitting = proved.map((fact) =>
    isAccepted(fact, requirement, times) ? fact : { ...fact, stale: true as const },
  );
  const facts = withSession(known.live(fitting), known.session, requirement, now);
  const decision = await decide({
    requirement,
    facts,
    trusted: () => consumeTrust(parts, req, res, accountId, phone),
    risk: async () => {
      const browser = await recognise(parts, req, res, accountId);
      return assessRisk(core, parts.signals, signIn(parts, req, interaction, accountId, browser));
    },
  });
  return {
    decision,
    at: now,
    signedOut,
    facts,
    phone,
    elsewhere: phone === undefined && known.ofHost.size > 0,
  };
}

/**
 * A host may hand in what it proved before this interaction; that is no second factor where all has to be new (OID-07), nor
 * where the account was signed out everywhere since (SES-11).
 */
const isAccepted = (
  { at, authenticator }: Fact,
  { fresh, maxAge }: Requirement,
  { now, began, signedOut }: { now: number; began: number; signedOut: number },
): boolean =>
  authenticator === undefined ||
  (at > signedOut &&
    (!fresh || at >= began) &&
    (at >= began || now - at <= (maxAge ?? Number.POSITIVE_INFINITY)));

/**
 * The first factor of a login: what `amr` names, or a password. Nobody is believed who says more of it than a method: what
 * a host proved besides is handed in as factors (G.2).
 *
 * @param handedIn Facts that came as factors of the host; where they are all there is, there was no password.
 */
export function firstFacts(login: Login, handedIn: readonly Fact[], now: number): Fact[] {
  const named = login.amr ?? (handedIn.length > 0 ? [] : ['pwd']);
  const covered = new Set(
    handedIn.flatMap(({ method, userPresent }) => (userPresent ? [method, 'user'] : [method])),
  );
  const methods = named.filter((method) => !OUR_METHODS.has(method) && !covered.has(method));
  const at = Math.min(now, (login.ts ?? now / 1000) * 1000);
  if (methods.length === 0 && handedIn.length === 0) return [{ method: '', at }];
  return methods.map((method) => ({ method, at }));
}

async function consumeTrust(
  { core, cookies }: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  accountId: string,
  bound: Authenticator | undefined,
) {
  const cookie = cookies.trust(req, accountId);
  if (cookie === undefined || !bound) return false;
  const holder = { accountId, authenticator: bound.id, userAgent: userAgentOf(req) };
  const { trusted, next } = await useTrust(core, holder, cookie);
  if (next) cookies.setTrust(res, accountId, next);
  return trusted;
}

/** Which browser this is; its secret is used up, so that a copy shows (fault A.1). */
async function recognise(
  { core, cookies, signals }: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  accountId: string,
): Promise<string | undefined> {
  if (signals.length === 0) return undefined;
  const { name, next } = await useBrowser(core, accountId, cookies.browser(req));
  if (next) cookies.setBrowser(res, next);
  return name;
}

/** The sign-in as a risk signal sees it, in the browser of this name. */
export const signIn = (
  parts: Parts,
  req: IncomingMessage,
  interaction: Interaction,
  accountId: string,
  browserId: string | undefined,
): SignIn => ({
  accountId,
  clientId: String(interaction.params['client_id']),
  ip: parts.addressOf(req),
  userAgent: userAgentOf(req),
  browserId,
});
