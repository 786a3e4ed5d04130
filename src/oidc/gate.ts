import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InteractionResults } from 'oidc-provider';
import { deriveAssurance, type Requirement } from '../domain/assurance.ts';
import type { Decision } from '../domain/decision.ts';
import { flowName, loadFlow } from '../domain/flow.ts';
import { SekishoError } from '../errors.ts';
import type { Json } from '../ports/store.ts';
import { ask } from './ask.ts';
import { isBound, isSameBrowser } from './browser-binding.ts';
import { type Entry, enter, type Login, requirementOf } from './entry.ts';
import { namesAnother, otherPersonResult } from './hinted-subject.ts';
import { isSecure, type Parts, pagePath } from './parts.ts';
import { type Interaction, type Proved, refusalResult, saveResult } from './result.ts';
import { POLICY_MISSING } from './wiring.ts';

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

/**
 * Makes the gate: the one call that replaces `provider.interactionFinished` after a first factor (DESIGN 1). It keeps
 * the login back until a second factor was proved, where one is owed; a result without a login passes through.
 */
export function createGate(parts: Parts): Gate {
  return async (req, res, result, settings = {}) => {
    const interaction = await parts.provider().interactionDetails(req, res);
    if (!isBound(interaction)) throw new SekishoError('internal', `gate: ${POLICY_MISSING}`);
    // The page there says that it is over, and leads back to the application.
    if (!isSameBrowser(req, interaction, isSecure(parts)))
      return redirect(res, pagePath(parts, interaction.uid));
    const merge = settings.mergeWithLastSubmission ?? true;
    if (!result.login) return redirect(res, await saveResult(interaction, result, merge));
    await takeLogin(parts, { req, res, interaction, merge }, result, result.login);
  };
}

/** A request that brings a finished first factor. */
interface Arrival {
  req: IncomingMessage;
  res: ServerResponse;
  interaction: Interaction;
  merge: boolean;
}

async function takeLogin(
  parts: Parts,
  { req, res, interaction, merge }: Arrival,
  result: GateResult,
  login: Login,
): Promise<void> {
  if (typeof login.accountId !== 'string' || login.accountId === '') {
    throw new SekishoError('internal', 'gate: login.accountId must be a non-empty string');
  }
  const requirement = requirementOf(parts, interaction);
  const refused = await refusalOf(parts, { req, res, interaction, merge }, requirement, login.accountId);
  if (refused) return redirect(res, await saveResult(interaction, refused));
  const [entry, before] = await Promise.all([
    enter(parts, req, res, interaction, login, requirement),
    loadFlow(parts.core, interaction.uid),
  ]);
  report(parts, interaction, login.accountId, entry.decision);
  if (entry.decision.outcome !== 'asked') {
    const done = finishedLogin(login, result, entry, requirement);
    return redirect(res, await saveResult(interaction, done, merge));
  }
  const host = { result: { ...result, login } as unknown as Json, merge };
  await ask(parts, req, interaction, { login, host, requirement, entry }, before);
  setInteractionCookie(parts, req, res, interaction);
  redirect(res, pagePath(parts, interaction.uid));
}

/** What the relying party is told where no code could help. */
async function refusalOf(
  parts: Parts,
  { req, res, interaction }: Arrival,
  requirement: Requirement,
  accountId: string,
): Promise<InteractionResults | undefined> {
  if (requirement.impossible) {
    report(parts, interaction, accountId, { outcome: 'unmet', reason: 'acr_unreachable' });
    return refusalResult(true);
  }
  if (!(await namesAnother(parts, req, res, interaction, accountId))) return undefined;
  report(parts, interaction, accountId, { outcome: 'unmet', reason: 'other_person' });
  return otherPersonResult();
}

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

function report(
  { core }: Parts,
  interaction: Interaction,
  accountId: string,
  decision: Pick<Decision, 'reason'> & { outcome: Decision['outcome'] | 'unmet' },
): void {
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
