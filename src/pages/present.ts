import { randomBytes } from 'node:crypto';
import type { CountryCode } from 'libphonenumber-js/max';
import { getExampleNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { readChallenge, tallyKey } from '../domain/challenge.ts';
import { MalformedCode } from '../domain/code.ts';
import { readDelivery } from '../domain/delivery.ts';
import { flowNumber } from '../domain/flow.ts';
import { maskPhone, readPhone } from '../domain/phone.ts';
import { CodeRefused } from '../domain/verification.ts';
import type { ErrorCode, SekishoError } from '../errors.ts';
import { type Parts, pagePath, policyOf } from '../oidc/parts.ts';
import type { ChallengeState, Channel } from '../ports/store.ts';
import { formToken } from './forgery.ts';
import type { CodePage, NumberPage, PageBase, PageError, ProblemPage, SignUpPage } from './model.ts';
import type { Visit } from './visit.ts';

/** What the pages need besides the parts. */
export interface Look {
  css: string;
  js: string;
}

/** What every page shows; `visit` is undefined for a problem without an interaction. */
export async function basePage(
  parts: Parts,
  look: Look,
  locale: string,
  visit: Visit | undefined,
  error: PageError | null = null,
): Promise<PageBase> {
  const { core } = parts;
  const { alternative } = core.options;
  const here = visit ? pagePath(parts, visit.uid) : '';
  const chosen = visit?.url.searchParams.has('ui_locales') ?? false;
  return {
    lang: locale,
    t: (key, values) => core.texts.say(locale, key, values),
    brand: core.options.brand,
    nonce: randomBytes(16).toString('base64'),
    ...look,
    here,
    query: chosen ? `?ui_locales=${encodeURIComponent(locale)}` : '',
    csrf: visit ? formToken(core.ring, visit.uid) : '',
    languages: core.texts.locales.map((tag) => ({
      tag,
      label: core.texts.say(tag, 'language.name'),
      href: `${here}?ui_locales=${tag}`,
      current: tag === locale,
    })),
    error,
    client: visit ? await clientName(parts, visit) : '',
    alternative: alternative
      ? {
          url: alternative.url,
          label: alternative.label[locale] ?? Object.values(alternative.label)[0] ?? '',
        }
      : null,
  };
}

async function clientName(parts: Parts, visit: Visit): Promise<string> {
  // A page about a failing store must not fail with it.
  const client = await parts
    .provider()
    .Client.find(visit.flow.clientId)
    .catch(() => undefined);
  return client?.clientName ?? visit.flow.clientId;
}

/** An error as a page says it. Times are told in seconds from now. */
export function pageError(parts: Parts, error: SekishoError, field: string | null): PageError {
  const { core } = parts;
  const seconds = error.retryAt === undefined ? 0 : secondsUntil(error.retryAt, core.clock.now());
  return {
    code: error.code,
    ...(error instanceof MalformedCode ? { malformation: error.malformation } : {}),
    values: {
      seconds,
      minutes: Math.ceil(seconds / 60),
      length: core.options.code.length,
      ...(error instanceof CodeRefused && error.triesLeft !== undefined
        ? { triesLeft: error.triesLeft }
        : {}),
    },
    field,
  };
}

const secondsUntil = (time: number, now: number): number => Math.max(0, Math.ceil((time - now) / 1000));

/** The page that asks for a code. */
export async function codePage(
  parts: Parts,
  look: Look,
  visit: Visit,
  error: PageError | null,
): Promise<CodePage> {
  const { core, gateway } = parts;
  const { flow } = visit;
  const now = core.clock.now();
  const [base, challenge, tally, delivery] = await Promise.all([
    basePage(parts, look, visit.locale, visit, error),
    readChallenge(core, flow),
    core.store.readTally(tallyKey(flow), now),
    flow.challengeId === null ? ('sending' as const) : readDelivery(core, flow.tag, flow.challengeId),
  ]);
  const e164 = flowNumber(core, visit.uid, flow)!;
  const changeable = flow.authenticatorId === null;
  const status = visit.url.searchParams.get('sent');
  return {
    ...base,
    sent: challenge !== undefined,
    number: changeable ? readable(e164, core.options.countries[0]) : maskPhone(e164),
    changeable,
    length: core.options.code.length,
    secondsLeft: challenge ? secondsUntil(challenge.expiresAt, now) : 0,
    channel: challenge?.channel ?? 'sms',
    delivery,
    channels: sendable(core.options.code.sends, challenge) ? waysTo(parts, e164, gateway.channels) : [],
    sendWait: sendWait(core.options.sends.cooldown, challenge, now, error),
    tryWait: secondsUntil(tally.notBefore, now),
    trustDays: offersTrust(parts, visit) ? core.options.trustedBrowser.days : null,
    status: status === 'again' ? 'status.sent_again' : status === 'called' ? 'status.called' : null,
  };
}

/** A number as people write it: 090-1234-5678 at home, +44 7400 123456 for any other country. */
function readable(e164: string, home: string | undefined): string {
  const number = parsePhoneNumberFromString(e164);
  if (!number) return e164;
  return number.country === home ? number.formatNational() : number.formatInternational();
}

const sendable = (most: number, challenge: ChallengeState | undefined): boolean =>
  challenge === undefined || (challenge.status === 'live' && challenge.sends < most);

function waysTo({ core }: Parts, e164: string, available: readonly Channel[]): readonly Channel[] {
  try {
    return readPhone(e164, core.options.countries).channels.filter((channel) => available.includes(channel));
  } catch {
    return []; // its country was closed since; the page then offers the other ways
  }
}

/** An estimate for the button; the limits decide when it is pressed. */
function sendWait(
  cooldown: readonly number[],
  challenge: ChallengeState | undefined,
  now: number,
  error: PageError | null,
): number {
  if (error?.code === 'send_too_early') return Number(error.values['seconds']);
  if (!challenge) return 0;
  const pause = cooldown[Math.min(challenge.sends, cooldown.length) - 1] ?? 0;
  return secondsUntil(challenge.issuedAt + pause * 1000, now);
}

function offersTrust(parts: Parts, { flow }: Visit): boolean {
  const policy = policyOf(parts, flow.clientId);
  return (
    parts.core.options.trustedBrowser.enabled &&
    flow.purpose !== 'signup' &&
    !flow.requested &&
    !policy.alwaysAsk &&
    policy.mfa !== 'requested'
  );
}

/** The page that asks for a number; `value` is what was typed before. */
export async function numberPage(
  parts: Parts,
  look: Look,
  visit: Visit,
  error: PageError | null,
  value: string,
): Promise<NumberPage> {
  const country = parts.core.options.countries[0] as CountryCode;
  return {
    ...(await basePage(parts, look, visit.locale, visit, error)),
    value,
    example: getExampleNumber(country, examples)?.formatNational() ?? '',
    signUp: visit.flow.purpose === 'signup',
  };
}

export async function signUpPage(
  parts: Parts,
  look: Look,
  visit: Visit,
  error: PageError | null,
  typed: { login: string; name: string },
): Promise<SignUpPage> {
  return { ...(await basePage(parts, look, visit.locale, visit, error)), ...typed };
}

export async function problemPage(
  parts: Parts,
  look: Look,
  locale: string,
  visit: Visit | undefined,
  code: ErrorCode,
): Promise<ProblemPage> {
  const base = await basePage(parts, look, locale, visit);
  return { ...base, code, way: visit === undefined ? 'restart' : wayOn(code) };
}

const RETRIABLE: ReadonlySet<ErrorCode> = new Set([
  'code_used',
  'interaction_mismatch',
  'request_forged',
  'request_malformed',
  'request_too_large',
  'request_timeout',
  'media_type',
  'store_unavailable',
  'internal',
]);
const wayOn = (code: ErrorCode): ProblemPage['way'] => (RETRIABLE.has(code) ? 'retry' : 'return');
