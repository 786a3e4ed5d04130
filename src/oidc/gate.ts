import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InteractionResults } from 'oidc-provider';
import type { Requirement } from '../domain/assurance.ts';
import { closeChallenge } from '../domain/challenge.ts';
import type { Core } from '../domain/core.ts';
import type { Decision } from '../domain/decision.ts';
import { type Fact, provedTogether } from '../domain/factors.ts';
import { type Flow, flowName, loadFlow, lockFlow } from '../domain/flow.ts';
import { ConfigurationError, SekishoError } from '../errors.ts';
import type { Json } from '../ports/store.ts';
import { ask } from './ask.ts';
import { isBound, isSameBrowser } from './browser-binding.ts';
import { type Entry, enter, firstFacts, type Login, requirementOf } from './entry.ts';
import { namesAnother, otherPersonResult } from './hinted-subject.ts';
import { type HostFactor, readHostFactors } from './host-factors.ts';
import { redirect, setInteractionCookie } from './leave.ts';
import { isSecure, type Parts, pagePath } from './parts.ts';
import { assured, type Interaction, isUnmet, type Proved, refusalResult, saveResult } from './result.ts';
import { POLICY_MISSING } from './wiring.ts';

/** A first factor that is done, as the host would have passed it to `provider.interactionFinished`. */
export interface GateResult extends InteractionResults {
  /**
   * What the host proved in this sign-in besides what `login.amr` names. With factors and no `login.amr` they are all there
   * was: no password is assumed.
   */
  factors?: readonly HostFactor[];
}
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

/**
 * Makes the gate: the one call that replaces `provider.interactionFinished` after a first factor (DESIGN 1). It keeps
 * the login back until a second factor was proved, where one is owed; a result without a login passes through.
 */
export function createGate(parts: Parts): Gate {
  return async (req, res, { factors, ...result }, settings = {}) => {
    const interaction = await openInteraction(parts, req, res);
    if (!interaction) return;
    const arrival = { req, res, interaction, merge: settings.mergeWithLastSubmission ?? true };
    if (result.login) return takeLogin(parts, arrival, { ...result, login: result.login }, factors);
    if (factors !== undefined) throw new ConfigurationError([LOGIN_MISSING]);
    await finish(parts, arrival, result, await loadFlow(parts.core, interaction.uid));
  };
}

/**
 * The interaction of a request that the host hands over, if it began in this browser; the answer is given otherwise.
 *
 * @throws SekishoError `internal` where the provider does not run our policy.
 */
export async function openInteraction(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Interaction | undefined> {
  const interaction = await parts.provider().interactionDetails(req, res);
  if (!isBound(interaction)) throw new SekishoError('internal', `gate: ${POLICY_MISSING}`);
  if (isSameBrowser(req, interaction, isSecure(parts))) return interaction;
  // The page there says that it is over, and leads back to the application.
  redirect(res, pagePath(parts, interaction.uid));
  return undefined;
}

/** A request that brings a finished factor. */
interface Arrival {
  req: IncomingMessage;
  res: ServerResponse;
  interaction: Interaction;
  merge: boolean;
}
type LoginResult = InteractionResults & { login: Login };

async function takeLogin(
  parts: Parts,
  arrival: Arrival,
  result: LoginResult,
  factors: readonly HostFactor[] | undefined,
): Promise<void> {
  const { req, res, interaction, merge } = arrival;
  const { login } = result;
  const proved = await provedBy(parts, login, factors);
  const requirement = requirementOf(parts, interaction);
  const refused = await refusalOf(parts, arrival, requirement, login);
  if (refused) return finish(parts, arrival, refused, await loadFlow(parts.core, interaction.uid));
  const [entry, before] = await Promise.all([
    enter(parts, req, res, interaction, login.accountId, proved),
    loadFlow(parts.core, interaction.uid),
  ]);
  report(parts, interaction, login.accountId, entry.decision);
  if (entry.decision.outcome !== 'asked')
    return finish(parts, arrival, finishedLogin(parts, interaction, result, entry), before);
  const host = { result: result as unknown as Json, merge };
  await ask(parts, req, interaction, { login, host, requirement, entry }, before);
  setInteractionCookie(parts, req, res, interaction, pagePath(parts, interaction.uid));
  redirect(res, pagePath(parts, interaction.uid));
}

/** What the relying party is told where no code could help. */
async function refusalOf(
  parts: Parts,
  { req, res, interaction }: Arrival,
  requirement: Requirement,
  login: Login,
): Promise<InteractionResults | undefined> {
  const { accountId } = login;
  if (isUnmet(requirement, login)) {
    report(parts, interaction, accountId, { outcome: 'unmet', reason: 'acr_unreachable' });
    return refusalResult(true);
  }
  if (!(await namesAnother(parts, req, res, interaction, accountId))) return undefined;
  report(parts, interaction, accountId, { outcome: 'unmet', reason: 'other_person' });
  return otherPersonResult();
}

const LOGIN_MISSING = {
  field: 'gate.factors',
  reason: 'came without a login',
  fix: 'Pass login too, or call sekisho.addFactors for a sign-in that Sekisho holds',
};

async function provedBy(
  { core }: Parts,
  login: Login,
  factors: readonly HostFactor[] | undefined,
): Promise<Fact[]> {
  if (typeof login.accountId !== 'string' || login.accountId === '') {
    throw new SekishoError('internal', 'gate: login.accountId must be a non-empty string');
  }
  const handedIn =
    factors === undefined ? [] : await readHostFactors(core, login.accountId, factors, 'gate.factors');
  return [...firstFacts(login, handedIn, core.clock.now()), ...handedIn];
}

/** Leaves the interaction with this result; a code that is under way in it is good for nothing any more. */
export async function finish(
  { core }: Parts,
  { res, interaction, merge }: Pick<Arrival, 'res' | 'interaction' | 'merge'>,
  result: InteractionResults,
  before: Flow | undefined,
): Promise<void> {
  if (before && before.ended === null) {
    await Promise.all([lockFlow(core, interaction.uid, 'finished'), closeChallenge(core, before)]);
  }
  redirect(res, await saveResult(interaction, result, merge));
}

/** The result of a login that needs nothing more; of one that cannot get what it needs, the refusal. */
export function finishedLogin(
  parts: Parts,
  interaction: Interaction,
  result: LoginResult,
  { decision, facts, at, signedOut }: Pick<Entry, 'decision' | 'facts' | 'at' | 'signedOut'>,
): InteractionResults {
  if (decision.outcome === 'unmet') return refusalResult(true);
  const { login } = result;
  // What was proved before the account was signed out everywhere keeps its time, by which the policy knows it.
  const together = provedTogether(facts, Math.max(interaction.iat * 1000, signedOut + 1), at);
  const sekisho: Proved = { accountId: login.accountId, facts: together, skipped: decision.by ?? null };
  const requirement = requirementOf(parts, interaction);
  return { ...result, login: { ...login, ...assured(together, requirement, login) }, sekisho };
}

export function report(
  { core }: { core: Core },
  interaction: Interaction,
  accountId: string,
  { outcome, reason }: Pick<Decision, 'outcome' | 'reason'>,
): void {
  core.emit(
    { type: 'gate.decided', decision: outcome, reason },
    { flow: flowName(interaction.uid), account: accountId, client: String(interaction.params['client_id']) },
  );
}
