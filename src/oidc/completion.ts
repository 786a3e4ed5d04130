import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InteractionResults } from 'oidc-provider';
import { rememberBrowser } from '../domain/browser-identity.ts';
import type { Core } from '../domain/core.ts';
import { trustBrowser } from '../domain/devices.ts';
import {
  type Authenticator,
  authenticatorNumber,
  bindNumber,
  findAuthenticator,
} from '../domain/enrolment.ts';
import { type Fact, newestOfEach, provedTogether } from '../domain/factors.ts';
import { changeFlow, type Flow, flowNumber } from '../domain/flow.ts';
import { tellAccount } from '../domain/notices.ts';
import { readPhone } from '../domain/phone.ts';
import { learnFrom } from '../domain/risk.ts';
import { createAccount } from '../domain/signup.ts';
import { SekishoError } from '../errors.ts';
import { requirementOf, signIn } from './entry.ts';
import type { Parts } from './parts.ts';
import { userAgentOf } from './request.ts';
import { assured, hostLogin, type Interaction, type Proved, saveResult } from './result.ts';
import { mayTrustBrowser } from './trust-offer.ts';

/**
 * Ends an interaction whose code was right: binds the number or makes the account where that is due, and hands the login
 * that the gate kept back to the provider. The code was consumed in one atomic step, so this runs once (DESIGN 1).
 *
 * @returns where the browser goes next.
 * @throws SekishoError `number_taken`, `login_taken`, `names_used_up`: the flow goes on with another number or name.
 */
export async function complete(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  interaction: Interaction,
  flow: Flow,
  proof: Fact,
  trust: boolean,
): Promise<string> {
  const { accountId, authenticator } = await enrol(parts, interaction.uid, flow, proof);
  const { result, merge } = buildResult(parts, interaction, flow, accountId, { ...proof, authenticator });
  const proved = { accountId, authenticator, provedAt: proof.at };
  const [next] = await Promise.all([
    saveResult(interaction, result, merge),
    trust && mayTrustBrowser(parts, flow) ? setTrust(parts, req, res, proved) : undefined,
    learn(parts, req, res, interaction, proved),
  ]);
  return next;
}

/** Whose second factor was proved, by which authenticator, and when. */
type ProvedBy = { accountId: string; authenticator: string; provedAt: number };

/** Makes browser and network known, where a client goes by that. A failure only means to be asked again. */
async function learn(
  parts: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  interaction: Interaction,
  proved: ProvedBy,
): Promise<void> {
  const { core, cookies, signals } = parts;
  if (signals.length === 0) return;
  const began = interaction.iat * 1000;
  try {
    const { name, next } = await rememberBrowser(core, proved.accountId, cookies.browser(req), began);
    if (next) cookies.setBrowser(res, next);
    learnFrom(core, signals, { ...signIn(parts, req, interaction, proved.accountId, name), ...proved });
  } catch (error) {
    core.fault('learn', error);
  }
}

/** What the code was for, apart from the login itself: whose login it is, and by which authenticator. */
type Enrolled = { accountId: string; authenticator: string };

async function enrol({ core }: Parts, uid: string, flow: Flow, proof: Fact): Promise<Enrolled> {
  const accountId = flow.accountId ?? flow.applicant!.accountId;
  if (flow.authenticatorId !== null) return { accountId, authenticator: flow.authenticatorId };
  const e164 = flowNumber(core, uid, flow)!;
  try {
    const { id } = await bind(core, flow, accountId, e164);
    return { accountId, authenticator: id };
  } catch (error) {
    const code = error instanceof SekishoError ? error.code : undefined;
    if (code === 'number_taken') await changeFlow(core, uid, flow, { to: null, challengeId: null });
    if (code === 'login_taken') await askForAnotherName(core, uid, flow, proof);
    if (code === 'interaction_mismatch') return alreadyBound(core, flow, accountId, e164, error);
    throw error;
  }
}

/** Whoever proved one phone learns of so many logins whether somebody has them, and not of all there are (fault B.6). */
const NAMES_PER_PROOF = 5;

/** @throws SekishoError `names_used_up` when the proof is used up with it: the next name needs another code. */
async function askForAnotherName(core: Core, uid: string, flow: Flow, fact: Fact): Promise<void> {
  const takenNames = (flow.proof?.takenNames ?? 0) + 1;
  if (takenNames < NAMES_PER_PROOF) {
    await changeFlow(core, uid, flow, { applicant: null, proof: { fact, tag: flow.tag, takenNames } });
    return;
  }
  await changeFlow(core, uid, flow, { applicant: null, proof: null, challengeId: null });
  throw new SekishoError('names_used_up', 'Too many logins that are taken were tried with one proof');
}

async function bind(core: Core, flow: Flow, accountId: string, number: string): Promise<Authenticator> {
  const { e164, channels } = readPhone(number, core.options.countries);
  if (flow.purpose === 'signup') return createAccount(core, flow.applicant!, e164, channels);
  const bound = await bindNumber(core, accountId, e164, channels, core.options.accountsPerNumber);
  tellAccount(core, accountId, { notice: 'number_bound', e164 });
  return bound;
}

/**
 * The binding, where an earlier code of this flow made it and only the result could not be saved.
 *
 * @throws the error there was, where that is not so.
 */
async function alreadyBound(
  core: Core,
  flow: Flow,
  accountId: string,
  e164: string,
  error: unknown,
): Promise<Enrolled> {
  const bound = await findAuthenticator(core, accountId);
  if (!bound || authenticatorNumber(core, accountId, bound) !== e164) throw error;
  if (flow.purpose === 'signup' && !(await core.options.accounts!.find(accountId))) throw error;
  return { accountId, authenticator: bound.id };
}

function buildResult(
  parts: Parts,
  interaction: Interaction,
  flow: Flow,
  accountId: string,
  fact: Fact,
): { result: InteractionResults; merge: boolean } {
  const proved = flow.purpose === 'signup' ? [{ method: 'pwd', at: fact.at }] : flow.facts;
  const facts = newestOfEach([...provedTogether(proved, interaction.iat * 1000, fact.at), fact]);
  const sekisho: Proved = { accountId, facts, skipped: null };
  const host = hostLogin(flow);
  const login = host?.result.login;
  const finished = { ...login, accountId, ...assured(facts, requirementOf(parts, interaction), login) };
  if (flow.purpose === 'signup') return { result: { create: {}, login: finished, sekisho }, merge: true };
  if (!host) return { result: { mfa: {}, sekisho }, merge: true };
  return { result: { ...host.result, login: finished, sekisho }, merge: host.merge };
}

async function setTrust(
  { core, cookies }: Parts,
  req: IncomingMessage,
  res: ServerResponse,
  { accountId, authenticator, provedAt }: ProvedBy,
): Promise<void> {
  const holder = { accountId, authenticator, userAgent: userAgentOf(req) };
  const cookie = await trustBrowser(core, holder, provedAt);
  if (!cookie) return;
  cookies.setTrust(res, accountId, cookie);
  tellAccount(core, accountId, { notice: 'browser_trusted' });
}
