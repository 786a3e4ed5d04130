import { closeChallenge, type SendOrder, sendAgain, sendFirstCode } from '../domain/challenge.ts';
import type { Core } from '../domain/core.ts';
import {
  changeFlow,
  eventsOf,
  type Flow,
  flowName,
  flowNumber,
  loadFlow,
  lockFlow,
  sealForFlow,
  standingProof,
} from '../domain/flow.ts';
import { followLate } from '../domain/late.ts';
import { numberTag } from '../domain/limits.ts';
import { readable, readPhone } from '../domain/phone.ts';
import { apply } from '../domain/signup.ts';
import { verifyCode } from '../domain/verification.ts';
import { type ErrorCode, SekishoError } from '../errors.ts';
import { complete } from '../oidc/completion.ts';
import type { Parts } from '../oidc/parts.ts';
import { limitAddress } from '../oidc/request.ts';
import { refusalResult, saveResult } from '../oidc/result.ts';
import type { Form } from './form.ts';
import type { Visit } from './visit.ts';

/** Where a form leads: to the page of the interaction, or out of it. */
export type Next = { to: 'page'; query?: string } | { to: 'provider'; url: string; verified: boolean };
/** One form of the pages. Whatever it throws is shown above the same form. */
export type Handler = (parts: Parts, visit: Visit, form: Form) => Promise<Next>;

const PAGE: Next = { to: 'page' };

/** Sends the first code, or the code again. Besides the gate, a new number and a late message nothing else sends. */
const send: Handler = async (parts, visit, form) => {
  assertGoingOn(visit.flow);
  const order = orderOf(parts, visit, form['channel']);
  try {
    return await sendOnce(parts, visit, order);
  } catch (error) {
    // The number is no other at a sign-in: the page says that nothing reaches it, and what there is instead (A11-10).
    if (visit.flow.authenticatorId !== null && is(error, 'number_not_allowed')) return PAGE;
    throw error;
  }
};

async function sendOnce({ core }: Parts, { flow, uid }: Visit, order: SendOrder): Promise<Next> {
  if (flow.challengeId !== null && (await sendAgain(core, uid, flow, order))) {
    return { to: 'page', query: `sent=${order.channel === 'voice' ? 'called' : 'again'}` };
  }
  const record = (challengeId: string) => changeFlow(core, uid, flow, { challengeId, notBefore: 0 });
  await sendFirstCode(core, uid, flow, order, record);
  return PAGE;
}

/** The script of a waiting page says that the time is up; the policy and the clock decide whether anything is sent. */
const follow: Handler = async ({ core }, { flow, uid, locale }) => {
  assertGoingOn(flow);
  await followLate(core, uid, flow, locale);
  return PAGE;
};

const code: Handler = async (parts, visit, form) => {
  assertApplied(visit.flow);
  const proof = await verifyCode(parts.core, visit.uid, visit.flow, form['code'] ?? '');
  return finish(parts, visit, proof.fact, form['trust'] === 'yes');
};

async function finish(
  parts: Parts,
  visit: Visit,
  fact: Parameters<typeof complete>[5],
  trust: boolean,
): Promise<Next> {
  const { req, res, interaction, flow } = visit;
  const url = await complete(parts, req, res, interaction, flow, fact, trust);
  return { to: 'provider', url, verified: true };
}

/** Takes the number to be bound. Not open where a number is bound (A11-10). */
const number: Handler = async (parts, visit, form) => {
  const { core } = parts;
  const { flow, uid } = visit;
  assertGoingOn(flow);
  assertBinding(flow);
  try {
    await sendToNew(parts, visit, form);
  } catch (error) {
    // Whoever runs this sees what people try to register, and may open a country or add a gateway.
    if (is(error, 'number_not_allowed')) {
      core.emit({ type: 'number.refused', code: 'number_not_allowed' }, eventsOf(uid, flow));
    }
    throw error;
  }
  return PAGE;
};

/** Sends the first code to the number that was typed in (BND-04). */
async function sendToNew(parts: Parts, visit: Visit, form: Form): Promise<void> {
  const { core } = parts;
  const { flow, uid } = visit;
  if (form['notice'] !== 'read') throw new SekishoError('notice_required', 'The notice was skipped (RST-03)');
  const phone = readPhone(form['phone'] ?? '', core.options.countries);
  const { e164 } = phone;
  const to = sealForFlow(core, uid, e164);
  const tag = flow.purpose === 'signup' ? numberTag(core, e164) : flow.tag;
  // A new number is a new challenge: what was sent to the number before is nothing for this one (attack 4).
  const record = (challengeId: string | null) =>
    changeFlow(core, uid, flow, { to, tag, challengeId, proof: null, notBefore: 0 });
  try {
    await sendFirstCode(core, uid, { ...flow, to, tag }, orderOf(parts, visit), record);
  } catch (error) {
    if (is(error, 'send_too_early') && (await isUnderWay(core, uid, e164))) return;
    if (!is(error, 'sms_stopped') || !core.exchange.channelsTo(phone).includes('voice')) throw error;
    await record(null); // the page says why nothing came, and offers the call
  }
}

const is = (error: unknown, code: ErrorCode): boolean => error instanceof SekishoError && error.code === code;

/** The same form came twice, or the number was left as it was: the page that waits for its code is the answer. */
async function isUnderWay(core: Core, uid: string, e164: string): Promise<boolean> {
  const flow = await loadFlow(core, uid);
  return Boolean(flow?.challengeId) && flowNumber(core, uid, flow!) === e164;
}

const change: Handler = async (_parts, { flow }) => {
  assertGoingOn(flow);
  assertBinding(flow);
  return { to: 'page', query: 'edit=number' };
};

const signup: Handler = async (parts, visit, form) => {
  const { core } = parts;
  const { flow, uid } = visit;
  assertOpen(flow);
  if (flow.purpose !== 'signup') throw new SekishoError('not_found', 'This is no sign-up');
  const { login = '', name = '', password = '' } = form;
  const proof = standingProof(core, flow);
  const spent = flow.proof !== null && proof === undefined;
  const from = { before: flow.applicant, ip: limitAddress(parts.addressOf(visit.req)) };
  const changed = await apply(core, { login, name, password }, from, (applicant) =>
    changeFlow(core, uid, flow, { applicant, proof: null, ...(spent ? { challengeId: null } : {}) }),
  );
  // What was tried with the proof is known to this request alone meanwhile, so that nobody uses it twice at one moment.
  return proof ? finish(parts, { ...visit, flow: { ...changed, proof: flow.proof } }, proof, false) : PAGE;
};

/** The person gives up, or can go no further: the relying party gets an error, never silence (EAM-14). */
const cancel: Handler = async (parts, visit) => {
  const { core } = parts;
  const { flow, uid, interaction } = visit;
  core.emit({ type: 'flow.cancelled' }, { flow: flowName(uid), client: flow.clientId });
  await Promise.all([lockFlow(core, uid, 'finished'), closeChallenge(core, flow)]);
  return {
    to: 'provider',
    url: await saveResult(interaction, refusalResult(flow.requested)),
    verified: false,
  };
};

/** Every form there is; the name is the last part of its address. */
export const HANDLERS: Readonly<Record<string, Handler>> = Object.assign(Object.create(null), {
  send,
  follow,
  code,
  number,
  change,
  signup,
  cancel,
});

/** The input an error of a form belongs to (A11-05). */
export const FIELDS: Readonly<Record<string, string>> = { code: 'code', number: 'phone', signup: 'login' };

function orderOf(parts: Parts, visit: Visit, channel?: string) {
  return {
    ip: limitAddress(parts.addressOf(visit.req)),
    locale: visit.locale,
    channel: channel === 'voice' || channel === 'sms' ? channel : undefined,
  } as const;
}

function assertGoingOn(flow: Flow): void {
  assertOpen(flow);
  assertApplied(flow);
}

/** Nothing is sent or verified for nobody: the form of a sign-up comes first, whatever a browser posts (SES-07). */
function assertApplied(flow: Flow): void {
  if (flow.purpose === 'signup' && flow.applicant === null && flow.ended === null) {
    throw new SekishoError('interaction_mismatch', 'The form of the sign-up comes before number and code');
  }
}

function assertOpen(flow: Flow): void {
  if (flow.ended === 'locked')
    throw new SekishoError('code_exhausted', 'Too many wrong codes ended this sign-in');
  if (flow.ended === 'disabled')
    throw new SekishoError('authenticator_disabled', 'The number must be bound again');
  if (flow.ended === 'finished') throw new SekishoError('interaction_done', 'This sign-in is over');
}

function assertBinding(flow: Flow): void {
  if (
    flow.elsewhere ||
    flow.authenticatorId !== null ||
    (flow.purpose !== 'bind' && flow.purpose !== 'signup')
  ) {
    throw new SekishoError('number_not_allowed', 'The number cannot be changed while signing in (A11-10)');
  }
}

/** The number a form is filled with: what was typed, else the one under way, as people write it. */
export function shownNumber({ core }: Parts, visit: Visit, typed: string | undefined): string {
  const underWay = flowNumber(core, visit.uid, visit.flow);
  return typed ?? (underWay === undefined ? '' : readable(underWay, core.options.countries[0]));
}
