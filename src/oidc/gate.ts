import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InteractionResults } from 'oidc-provider';
import {
  deriveAssurance,
  type Fact,
  liveSecondFactor,
  type Requirement,
  readRequirement,
} from '../domain/assurance.ts';
import { sendFirstCode } from '../domain/challenge.ts';
import { type Decision, decide } from '../domain/decision.ts';
import { useTrust } from '../domain/devices.ts';
import { type Authenticator, authenticatorNumber, findAuthenticator } from '../domain/enrolment.ts';
import { type Flow, flowName, sealForFlow, startFlow } from '../domain/flow.ts';
import { accountTag } from '../domain/limits.ts';
import { assessRisk } from '../domain/risk.ts';
import { SekishoError } from '../errors.ts';
import type { Json } from '../ports/store.ts';
import { type Parts, pagePath, policyOf } from './parts.ts';
import { clientAddress, limitAddress, userAgentOf } from './request.ts';
import { type Interaction, type Proved, refusalResult, saveResult } from './result.ts';
import { readStanding, type Standing } from './standing.ts';

/** A first factor that is done, as the host would have passed it to `provider.interactionFinished`. */
export type GateResult = InteractionResults;
export interface GateSettings {
  /** As for `interactionFinished`; true by default. */
  mergeWithLastSubmission?: boolean;
}
export type Gate = (
  req: IncomingMessage,
  res: ServerResponse,
  result: GateResult,
  settings?: GateSettings,
) => Promise<void>;

type Login = NonNullable<InteractionResults['login']>;

/**
 * Makes the gate: the one call that replaces `provider.interactionFinished` after a first factor (DESIGN 1). It keeps
 * the login back until a second factor was proved, where one is owed; a result without a login passes through.
 */
export function createGate(parts: Parts): Gate {
  return async (req, res, result, settings = {}) => {
    const interaction = await parts.provider().interactionDetails(req, res);
    const merge = settings.mergeWithLastSubmission ?? true;
    if (!result.login) return redirect(res, await saveResult(interaction, result, merge));
    const login = result.login;
    if (typeof login.accountId !== 'string' || login.accountId === '') {
      throw new SekishoError('internal', 'gate: login.accountId must be a non-empty string');
    }
    const requirement = requirementOf(parts, interaction);
    if (requirement.impossible) return redirect(res, await saveResult(interaction, refusalResult(true)));
    const entry = await enter(parts, req, res, interaction, login, requirement);
    report(parts, interaction, login.accountId, entry.decision);
    if (entry.decision.outcome !== 'asked') {
      const done = finishedLogin(login, result, entry, requirement);
      return redirect(res, await saveResult(interaction, done, merge));
    }
    const host = { result: { ...result, login } as unknown as Json, merge };
    await ask(parts, req, interaction, { login, host, requirement, entry });
    setInteractionCookie(parts, req, res, interaction);
    redirect(res, pagePath(parts, interaction.uid));
  };
}

export const requirementOf = (parts: Parts, interaction: Interaction): Requirement =>
  readRequirement(
    interaction.params,
    policyOf(parts, String(interaction.params['client_id'])),
    parts.core.options.assurance,
  );

interface Entry {
  decision: Decision;
  facts: Fact[];
  second: Fact | undefined;
  authenticator: Authenticator | undefined;
}

/** Looks at what is known about account, session and browser, and decides. */
async function enter(
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
  const first: Fact[] = (login.amr ?? ['pwd']).map((method) => ({
    method,
    at: (login.ts ?? now / 1000) * 1000,
  }));
  const second =
    requirement.fresh || !standing
      ? undefined
      : liveSecondFactor(standing.facts, now, standing.lastSeen, core.options.assurance, requirement.maxAge);
  const decision = await decide({
    requirement,
    second,
    trusted: () => consumeTrust(parts, req, res, accountId),
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
) {
  const cookie = cookies.trust(req, accountId);
  if (cookie === undefined) return false;
  const { trusted, next } = await useTrust(core, accountId, cookie, userAgentOf(req));
  if (next) cookies.setTrust(res, accountId, next);
  return trusted;
}

export const signIn = (parts: Parts, req: IncomingMessage, interaction: Interaction, accountId: string) => ({
  accountId,
  clientId: String(interaction.params['client_id']),
  ip: clientAddress(req, parts.core.options.trustedProxies),
  userAgent: userAgentOf(req),
  browserId: parts.cookies.browserId(req),
});

function finishedLogin(
  login: Login,
  result: GateResult,
  entry: Entry,
  requirement: Requirement,
): InteractionResults {
  const { acr, amr, authTime } = deriveAssurance(entry.facts, entry.second, requirement);
  const proved: Proved = {
    accountId: login.accountId,
    facts: entry.facts,
    skipped: entry.decision.by ?? null,
  };
  return { ...result, login: { ...login, acr, amr, ts: authTime }, sekisho: proved };
}

/** Starts the flow, and sends the code at once: this request is the person's own press, unless it is a GET (WEB-10). */
async function ask(
  parts: Parts,
  req: IncomingMessage,
  interaction: Interaction,
  asked: { login: Login; host: Json; requirement: Requirement; entry: Entry },
): Promise<void> {
  const { core, gateway } = parts;
  const { uid } = interaction;
  const flow = newFlow(parts, interaction, asked);
  const record = (challengeId: string | null, ended: Flow['ended'] = null) =>
    startFlow(core, uid, { ...flow, challengeId, ended });
  if (flow.to === null || req.method !== 'POST') return void (await record(null));
  const order = {
    ip: limitAddress(clientAddress(req, core.options.trustedProxies)),
    locale: localeOf(parts, req, interaction),
  };
  try {
    await sendFirstCode(core, gateway, uid, flow, order, (id) => record(id));
  } catch (error) {
    if (!(error instanceof SekishoError) || !EXPLAINED.has(error.code)) throw error;
    // The page says why, and offers to send once that is possible.
    await record(null, error.code === 'authenticator_disabled' ? 'disabled' : null);
  }
}
const EXPLAINED = new Set(['send_too_early', 'send_limit', 'number_not_allowed', 'authenticator_disabled']);

function newFlow(
  { core }: Parts,
  interaction: Interaction,
  { login, host, requirement, entry }: { login: Login; host: Json; requirement: Requirement; entry: Entry },
): Omit<Flow, 'rev'> {
  const { accountId } = login;
  const { authenticator, decision, facts } = entry;
  const number = authenticator && authenticatorNumber(core, accountId, authenticator);
  return {
    purpose: authenticator ? 'signin' : 'bind',
    clientId: String(interaction.params['client_id']),
    accountId,
    facts,
    host,
    requested: requirement.mfa,
    reason: decision.reason,
    to: number === undefined ? null : sealForFlow(core, interaction.uid, number),
    authenticatorId: authenticator?.id ?? null,
    challengeId: null,
    tag: accountTag(accountId),
    applicant: null,
    proof: null,
    ended: null,
  };
}

/** The language of the person: what the relying party asked for, else what the browser prefers. */
export const localeOf = ({ core }: Parts, req: IncomingMessage, interaction: Interaction): string =>
  core.texts.negotiate(
    interaction.params['ui_locales'] as string | undefined,
    req.headers['accept-language'],
  );

/** The library scopes its cookie to the host's login page; the pages need the same one at their own path (WEB-16). */
function setInteractionCookie(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  interaction: Interaction,
): void {
  const provider = parts.provider();
  const { cookies } = provider.createContext(req, res);
  cookies.set(provider.cookieName('interaction'), interaction.uid, {
    ...parts.shortCookies(),
    path: pagePath(parts, interaction.uid),
    maxAge: Math.max(1, interaction.exp * 1000 - parts.core.clock.now()),
  });
}

function report({ core }: Parts, interaction: Interaction, accountId: string, decision: Decision): void {
  core.emit(
    { type: 'gate.decided', decision: decision.outcome, reason: decision.reason },
    { flow: flowName(interaction.uid), account: accountId, client: String(interaction.params['client_id']) },
  );
}

function redirect(res: ServerResponse, location: string): void {
  res.statusCode = 303;
  res.setHeader('Location', location);
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Content-Length', '0');
  res.end();
}
