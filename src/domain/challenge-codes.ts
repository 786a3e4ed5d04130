import { randomBytes } from 'node:crypto';
import { SekishoError } from '../errors.ts';
import { blind, deriveCode } from './code.ts';
import type { Core } from './core.ts';
import { type Flow, flowNumber } from './flow.ts';
import { digest } from './keys.ts';

/** The parts of a flow that say what a code is for. */
export type Bound = Pick<
  Flow,
  'purpose' | 'clientId' | 'accountId' | 'applicant' | 'authenticatorId' | 'tag'
>;

/**
 * A challenge names the secret its codes come from, so that secrets can be changed while codes are under way, and the digits
 * of its codes where those are not as many as usual.
 *
 * @param longer Codes that are harder to guess, for a number at which many guesses were made.
 */
export function newChallengeId(core: Core, longer = false): string {
  const id = `${core.ring.current.id}.${randomBytes(16).toString('base64url')}`;
  const digits = Math.min(core.options.code.length + MORE_DIGITS, MAX_DIGITS);
  return longer ? `${id}.${digits}` : id;
}
const MORE_DIGITS = 2;
const MAX_DIGITS = 10;

/** Digits of the codes of a challenge; the usual number where there is none yet. */
export function codeLength(core: Core, challengeId: string | null): number {
  const digits = /^[^.]+\.[^.]+\.(\d{1,2})$/.exec(challengeId ?? '')?.[1];
  return digits === undefined ? core.options.code.length : Number(digits);
}

/** The code of one generation; nobody keeps it, it is derived again (OTP-07). */
export function codeOf(
  core: Core,
  uid: string,
  flow: Bound,
  e164: string,
  challengeId: string,
  generation: number,
): string {
  const keys = core.ring.byId(challengeId.split('.')[0]!);
  if (!keys)
    throw new SekishoError('code_expired', 'The secret of this code was taken out of the configuration');
  const holder = flow.accountId ?? flow.applicant?.accountId ?? '';
  const binding = digest(
    JSON.stringify([uid, flow.clientId, flow.purpose, holder, flow.authenticatorId, e164]),
  );
  return deriveCode(keys.otp, { challengeId, generation, binding }, codeLength(core, challengeId));
}

/** Digests of every code this challenge can have; each resend makes at most one new code. */
export function expectedCodes(core: Core, uid: string, flow: Flow): string[] {
  const e164 = flowNumber(core, uid, flow)!;
  return Array.from({ length: core.options.code.sends }, (_, at) =>
    blind(codeOf(core, uid, flow, e164, flow.challengeId!, at + 1)),
  );
}
