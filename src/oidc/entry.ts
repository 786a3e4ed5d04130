import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InteractionResults } from 'oidc-provider';
import {
  acceptedSecondFactor,
  type Fact,
  liveSecondFactors,
  type Requirement,
  readRequirement,
} from '../domain/assurance.ts';
import { type Decision, decide } from '../domain/decision.ts';
import { useTrust } from '../domain/devices.ts';
import { type Authenticator, findAuthenticator } from '../domain/enrolment.ts';
import { assessRisk } from '../domain/risk.ts';
import type { SignIn } from '../ports/signal.ts';
import { type Parts, policyOf } from './parts.ts';
import { userAgentOf } from './request.ts';
import type { Interaction } from './result.ts';
import { readStanding, type Standing } from './standing.ts';

export type Login = NonNullable<InteractionResults['login']>;

/** What this request needs, by its parameters and the policy of its client. */
export const requirementOf = (parts: Parts, interaction: Interaction): Requirement =>
  readRequirement(
    interaction.params,
    policyOf(parts, String(interaction.params['client_id'])),
    parts.core.options.assurance,
  );

/** What is known about a sign-in when its first factor is done, and what follows from it. */
export interface Entry {
  decision: Decision;
  facts: Fact[];
  second: Fact | undefined;
  authenticator: Authenticator | undefined;
}

/** Looks at what is known about account, session and browser, and decides. */
export async function enter(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  interaction: Interaction,
  login: Login,
  requirement: Requirement,
): Promise<Entry> {
  const { core } = parts;
  const { accountId } = login;
  const now = core.clock.now();
  const [authenticator, standing] = await Promise.all([
    findAuthenticator(core, accountId),
    sessionStanding(parts, interaction, accountId),
  ]);
  const present = { now, lastSeen: standing?.lastSeen ?? now, authenticator: authenticator?.id };
  const live = liveSecondFactors(standing?.facts ?? [], present, core.options.assurance);
  const first: Fact[] = (login.amr ?? ['pwd']).map((method) => ({
    method,
    at: (login.ts ?? now / 1000) * 1000,
  }));
  const second = acceptedSecondFactor(live, requirement, now);
  const decision = await decide({
    requirement,
    second,
    trusted: () => consumeTrust(parts, req, res, accountId, authenticator),
    risk: () => assessRisk(core, parts.signals, signIn(parts, req, interaction, accountId)),
  });
  return { decision, second, facts: second ? [...first, second] : first, authenticator };
}

async function sessionStanding(
  { core }: Parts,
  interaction: Interaction,
  accountId: string,
): Promise<Standing | undefined> {
  const session = interaction.session;
  return session?.accountId === accountId ? readStanding(core, accountId, session.uid) : undefined;
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

/** The sign-in as a risk signal sees it. */
export const signIn = (
  parts: Parts,
  req: IncomingMessage,
  interaction: Interaction,
  accountId: string,
): SignIn => ({
  accountId,
  clientId: String(interaction.params['client_id']),
  ip: parts.addressOf(req),
  userAgent: userAgentOf(req),
  browserId: parts.cookies.browserId(req),
});
