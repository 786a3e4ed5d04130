import type { IncomingMessage, ServerResponse } from 'node:http';
import { changeFlow, type Flow, loadFlow } from '../domain/flow.ts';
import { SekishoError } from '../errors.ts';
import { isSameBrowser } from './browser-binding.ts';
import { type Entry, enter } from './entry.ts';
import { finish, finishedLogin, openInteraction, report } from './gate.ts';
import { type HostFactor, readHostFactors } from './host-factors.ts';
import { redirect } from './leave.ts';
import { isSecure, type Parts, pagePath } from './parts.ts';
import { hostLogin, type Interaction } from './result.ts';

/** Factors of the host for a sign-in that Sekisho holds. */
export interface AddedFactors {
  /** Whose they are: the account that `pendingAccount` named. */
  accountId: string;
  factors: readonly HostFactor[];
}
export type AddFactors = (req: IncomingMessage, res: ServerResponse, added: AddedFactors) => Promise<void>;

type Held = Flow & { accountId: string };
const isHeld = (flow: Flow | undefined): flow is Held =>
  flow !== undefined && flow.ended === null && flow.purpose !== 'signup' && flow.accountId !== null;

/** The account whose second factor is asked for in this interaction, if that began in this browser. */
export async function pendingAccount(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<string | undefined> {
  const interaction = await parts.provider().interactionDetails(req, res);
  if (!isSameBrowser(req, interaction, isSecure(parts))) return undefined;
  const flow = await loadFlow(parts.core, interaction.uid);
  return isHeld(flow) ? flow.accountId : undefined;
}

/**
 * Makes the call by which the host's page of another factor comes back. It adds to what was proved already, and never
 * stands for a first factor: without a sign-in that waits for this account it does nothing.
 */
export function createAddFactors(parts: Parts): AddFactors {
  return async (req, res, { accountId, factors }) => {
    const { core } = parts;
    const interaction = await openInteraction(parts, req, res);
    if (!interaction) return;
    const flow = await loadFlow(core, interaction.uid);
    if (!isHeld(flow))
      throw new SekishoError('interaction_gone', 'No second factor is asked for in this interaction');
    if (flow.accountId !== accountId) {
      throw new SekishoError('interaction_mismatch', 'addFactors: the sign-in is of another account');
    }
    const handedIn = await readHostFactors(core, accountId, factors, 'addFactors.factors');
    const entry = await enter(parts, req, res, interaction, accountId, [...flow.facts, ...handedIn]);
    report(parts, interaction, accountId, entry.decision);
    if (entry.decision.outcome === 'asked') {
      await changeFlow(core, interaction.uid, flow, { facts: entry.facts });
      return redirect(res, pagePath(parts, interaction.uid));
    }
    const { result, merge } = resultOf(parts, interaction, flow, entry);
    await finish(parts, { res, interaction, merge }, result, flow);
  };
}

/** A login that the gate holds is given back with the result; a session that is stepped up has its login already. */
function resultOf(parts: Parts, interaction: Interaction, flow: Held, entry: Entry) {
  const host = hostLogin(flow);
  const login = host?.result.login ?? { accountId: flow.accountId };
  const done = finishedLogin(parts, interaction, { ...host?.result, login }, entry);
  if (host || 'error' in done) return { result: done, merge: host?.merge ?? true };
  return { result: { mfa: {}, sekisho: done['sekisho'] }, merge: true };
}
