import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors } from 'oidc-provider';
import { authenticatorNumber } from '../domain/enrolment.ts';
import { acceptedFacts } from '../domain/factors.ts';
import { beginFlow, type Flow, loadFlow, sealForFlow } from '../domain/flow.ts';
import { accountTag } from '../domain/limits.ts';
import { SekishoError } from '../errors.ts';
import { localeOf } from '../oidc/ask.ts';
import { isSameBrowser } from '../oidc/browser-binding.ts';
import { requirementOf } from '../oidc/entry.ts';
import { isSecure, type Parts } from '../oidc/parts.ts';
import { mayBind } from '../oidc/policy.ts';
import type { Interaction } from '../oidc/result.ts';
import { readKnown } from '../oidc/session-facts.ts';

/** A browser at a page of an interaction that is its own. */
export interface Visit {
  req: IncomingMessage;
  res: ServerResponse;
  uid: string;
  url: URL;
  interaction: Interaction;
  flow: Flow;
  /** BCP 47 tag of the page. */
  locale: string;
}

/**
 * Finds the interaction of a page: the cookie must belong to the id in the path (WEB-16), the provider must still know
 * it, and the session it steps up must still be the same.
 *
 * @throws SekishoError `interaction_gone`, `interaction_mismatch`.
 */
export async function openVisit(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  uid: string,
): Promise<Visit> {
  const { core } = parts;
  const [interaction, known] = await Promise.all([findInteraction(parts, req, res), loadFlow(core, uid)]);
  if (interaction.uid !== uid) {
    throw new SekishoError('interaction_mismatch', 'The cookie belongs to another interaction');
  }
  if (!isSameBrowser(req, interaction, isSecure(parts)))
    throw new SekishoError('interaction_gone', 'The interaction began in another browser');
  const url = new URL(req.url ?? '/', 'http://page');
  const chosen = url.searchParams.get('ui_locales');
  return {
    req,
    res,
    uid,
    url,
    interaction,
    flow: known ?? (await beginHere(parts, interaction)),
    locale: chosen === null ? localeOf(parts, req, interaction) : core.texts.negotiate(chosen, undefined),
  };
}

async function findInteraction(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<Interaction> {
  try {
    return await parts.provider().interactionDetails(req, res);
  } catch (cause) {
    if (!(cause instanceof errors.SessionNotFound)) throw cause;
    throw new SekishoError('interaction_gone', 'The interaction is over, timed out or of another browser', {
      cause,
    });
  }
}

/** Starts the flow of an interaction that did not come through the gate: a step-up, or a sign-up. */
async function beginHere(parts: Parts, interaction: Interaction): Promise<Flow> {
  const begun = interaction.prompt.name === 'create' ? SIGN_UP : await stepUp(parts, interaction);
  return beginFlow(parts.core, interaction.uid, {
    clientId: String(interaction.params['client_id']),
    host: null,
    challengeId: null,
    notBefore: 0,
    applicant: null,
    proof: null,
    ended: null,
    ...begun,
  });
}

type Begun = Pick<
  Flow,
  | ('purpose' | 'accountId' | 'facts' | 'requested' | 'reason')
  | ('to' | 'authenticatorId' | 'elsewhere' | 'tag')
>;

const SIGN_UP: Begun = {
  purpose: 'signup',
  accountId: null,
  facts: [],
  requested: false,
  reason: 'sign_up',
  to: null,
  authenticatorId: null,
  elsewhere: false,
  tag: '',
};

async function stepUp(parts: Parts, interaction: Interaction): Promise<Begun> {
  const { core } = parts;
  const { session, prompt, uid } = interaction;
  if (prompt.name !== 'mfa' || !session)
    throw new SekishoError('interaction_gone', 'There is nothing to do here for this interaction');
  const { accountId } = session;
  const requirement = requirementOf(parts, interaction);
  const { phone, ofHost, session: facts } = await readKnown(parts, accountId, session.uid);
  const elsewhere = phone === undefined && ofHost.size > 0;
  const binds = phone === undefined && !elsewhere;
  // The session was signed out since, or its number was taken off: who only has the session binds no other (BND-01).
  if (facts.length === 0 || (binds && !mayBind(interaction)))
    throw new SekishoError('interaction_gone', 'What this page was opened for ended meanwhile');
  return {
    purpose: phone ? 'stepup' : 'bind',
    accountId,
    facts: acceptedFacts(facts, requirement, core.clock.now()),
    requested: requirement.mfa,
    reason: 'step_up',
    to: phone ? sealForFlow(core, uid, authenticatorNumber(core, accountId, phone)) : null,
    authenticatorId: phone?.id ?? null,
    elsewhere,
    tag: accountTag(accountId),
  };
}
