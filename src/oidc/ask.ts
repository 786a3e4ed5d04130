import type { IncomingMessage } from 'node:http';
import type { Requirement } from '../domain/assurance.ts';
import { readChallenge, sendFirstCode } from '../domain/challenge.ts';
import type { Core } from '../domain/core.ts';
import { authenticatorNumber } from '../domain/enrolment.ts';
import { type Flow, goesOn, restartFlow, sealForFlow, startFlow } from '../domain/flow.ts';
import { accountTag } from '../domain/limits.ts';
import { SekishoError } from '../errors.ts';
import type { Json } from '../ports/store.ts';
import type { Entry, Login } from './entry.ts';
import type { Parts } from './parts.ts';
import { limitAddress } from './request.ts';
import type { Interaction } from './result.ts';

/**
 * Starts the flow, and sends the code at once: this request is the person's own press, unless it is a GET (WEB-10). Where
 * the first factor was given before and its code is still good, nothing is sent and the flow goes on (lesson 21).
 *
 * @param before The flow of this interaction, where there is one.
 */
export async function ask(
  parts: Parts,
  req: IncomingMessage,
  interaction: Interaction,
  asked: { login: Login; host: Json; requirement: Requirement; entry: Entry },
  before: Flow | undefined,
): Promise<void> {
  const { core } = parts;
  const { uid } = interaction;
  const flow = newFlow(parts, interaction, asked);
  if (flow.to === null || req.method !== 'POST' || (before && (await isGood(core, before, flow)))) {
    return void (await restartFlow(core, uid, flow, before));
  }
  const order = {
    ip: limitAddress(parts.addressOf(req)),
    locale: localeOf(parts, req, interaction),
  };
  try {
    await sendFirstCode(core, uid, flow, order, (challengeId) =>
      startFlow(core, uid, { ...flow, challengeId }),
    );
  } catch (error) {
    if (!(error instanceof SekishoError) || !EXPLAINED.has(error.code)) throw error;
    // The page says why, and offers to send once that is possible.
    const ended = error.code === 'authenticator_disabled' ? ('disabled' as const) : null;
    await restartFlow(core, uid, { ...flow, ended, notBefore: error.retryAt ?? 0 }, before);
  }
}

async function isGood(core: Core, before: Flow, flow: Omit<Flow, 'rev'>): Promise<boolean> {
  if (!goesOn(before, flow)) return false;
  const challenge = await readChallenge(core, before);
  return challenge?.status === 'live' && core.clock.now() < challenge.expiresAt;
}

const EXPLAINED = new Set([
  'send_too_early',
  'send_limit',
  'codes_paused',
  'sms_stopped',
  'number_not_allowed',
  'authenticator_disabled',
]);

function newFlow(
  { core }: Parts,
  interaction: Interaction,
  { login, host, requirement, entry }: { login: Login; host: Json; requirement: Requirement; entry: Entry },
): Omit<Flow, 'rev'> {
  const { accountId } = login;
  const { phone, decision, facts, elsewhere } = entry;
  const number = phone && authenticatorNumber(core, accountId, phone);
  return {
    purpose: phone ? 'signin' : 'bind',
    clientId: String(interaction.params['client_id']),
    accountId,
    facts,
    host,
    requested: requirement.mfa,
    reason: decision.reason,
    to: number === undefined ? null : sealForFlow(core, interaction.uid, number),
    authenticatorId: phone?.id ?? null,
    elsewhere,
    challengeId: null,
    notBefore: 0,
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
