import { randomUUID } from 'node:crypto';
import { SekishoError } from '../errors.ts';
import { type Channel, key } from '../ports/store.ts';
import { truncate } from '../truncate.ts';
import { typedText } from '../typed-text.ts';
import type { Core } from './core.ts';
import { type Authenticator, bindNumber, disown, removeAuthenticator } from './enrolment.ts';
import type { Applicant } from './flow.ts';
import { digest } from './keys.ts';
import { holderOf, NETWORK_SHARE, networkOf } from './limits.ts';
import { assertLogin } from './login-rules.ts';
import { tellAccount } from './notices.ts';
import { assertPassword } from './password-rules.ts';
import { countUses, type Uses, unlessWeFail } from './uses.ts';

/** What the sign-up form sends. */
export interface SignUpForm {
  login: string;
  name: string;
  password: string;
}

const HOUR = 3_600_000;
const MAX_NAME_LENGTH = 80;

/**
 * Checks the form and turns it into an applicant; no account exists yet. Whether the name is free is not looked up here:
 * only who proved a phone learns that (THR-05, lesson 18).
 *
 * @param before The same person's earlier form: a code that is under way is bound to its account id, and stays right.
 * @param ip Each form costs a password hash, so addresses are limited.
 * @param record Writes the applicant down; where that fails, the form did not count (fault H.2).
 * @throws SekishoError those of `assertLogin` and `assertPassword`, `send_limit`, `busy`.
 */
export async function apply<T>(
  core: Core,
  form: SignUpForm,
  { before, ip }: { before: Applicant | null; ip: string | undefined },
  record: (applicant: Applicant) => Promise<T>,
): Promise<T> {
  const login = typedText(form.login);
  const { brand, issuer } = core.options;
  const service = namesOfService(brand);
  assertLogin(login, service, new URL(issuer).hostname);
  const password = form.password.normalize('NFKC');
  assertPassword(password, { login, name: form.name, service: [...service, ...labelsOf(issuer)] });
  const uses = await countSignUp(core, ip);
  const name = truncate(form.name.normalize('NFKC').replace(/\p{C}/gu, '').trim(), MAX_NAME_LENGTH);
  const accountId = before?.accountId ?? randomUUID();
  return unlessWeFail(uses, async () => {
    const passwordHash = await core.options.accounts!.hashPassword(password, holderOf(ip));
    return record({ accountId, login, name: name === '' ? null : name, passwordHash });
  });
}

/** How people call the service. */
export const namesOfService = ({ name, names = {} }: { name?: string; names?: Record<string, string> }) => [
  ...(name === undefined ? [] : [name]),
  ...Object.values(names),
];

/** What its address is made of. The last label is everybody's: com, jp. */
export const labelsOf = (issuer: string): string[] => new URL(issuer).hostname.split('.').slice(0, -1);

/** @throws SekishoError `send_limit` */
async function countSignUp(core: Core, ip: string | undefined): Promise<Uses> {
  const max = core.options.sends.perIpHour;
  const now = core.clock.now();
  const limit = (name: string, most: number) => ({
    ...{ key: key(digest(name), 'signups'), now, cooldown: [] },
    windows: [{ window: HOUR, max: most }],
  });
  const network = networkOf(ip);
  const uses = await countUses(core.store, [
    limit(`ip ${ip ?? 'unknown'}`, max),
    ...(network === undefined ? [] : [limit(`network ${network}`, NETWORK_SHARE * max)]),
  ]);
  const refused = uses.outcomes.flatMap((outcome) => (outcome.granted ? [] : [outcome.retryAt]));
  if (refused.length === 0) return uses;
  await uses.release();
  throw new SekishoError('send_limit', 'Too many sign-ups', { retryAt: Math.max(...refused) });
}

/**
 * Makes the account of an applicant who proved the number just now; at most one account per number by sign-up.
 *
 * The number is claimed first, so that of two people with one number only one gets an account; it is given back when the
 * account cannot be made.
 *
 * @returns the authenticator of the new account.
 * @throws SekishoError `number_taken`, `login_taken`.
 */
export async function createAccount(
  core: Core,
  applicant: Applicant,
  e164: string,
  channels: readonly Channel[],
): Promise<Authenticator> {
  const { accountId, login, name, passwordHash } = applicant;
  const phone = await bindNumber(core, accountId, e164, channels, 1);
  try {
    await core.options.accounts!.create({
      accountId,
      login,
      passwordHash,
      ...(name === null ? {} : { name }),
    });
  } catch (error) {
    await removeAuthenticator(core, accountId);
    await disown(core, accountId, e164);
    throw error;
  }
  core.emit({ type: 'account.created' }, { account: accountId });
  tellAccount(core, accountId, { notice: 'number_bound', e164 });
  return phone;
}
