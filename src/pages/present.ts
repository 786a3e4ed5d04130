import { randomBytes } from 'node:crypto';
import type { CountryCode } from 'libphonenumber-js/max';
import { getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { readChallenge } from '../domain/challenge.ts';
import { codeLength } from '../domain/challenge-codes.ts';
import { MalformedCode } from '../domain/code.ts';
import { type Flow, loadFlow } from '../domain/flow.ts';
import { CodeRefused } from '../domain/verification.ts';
import type { ErrorCode, SekishoError } from '../errors.ts';
import { clientNameIn } from '../oidc/client-name.ts';
import { alternativeLink } from '../oidc/leave.ts';
import { type Parts, pagePath } from '../oidc/parts.ts';
import { type Options, serviceName } from '../options.ts';
import { acceptedNumbers } from './accepted.ts';
import { formToken } from './forgery.ts';
import type { NumberPage, PageBase, PageError, ProblemPage, SignUpPage } from './model.ts';
import { secondsUntil } from './progress.ts';
import type { Visit } from './visit.ts';

/** What the pages need besides the parts. */
export interface Look {
  css: string;
  js: string;
}

/** What an address says about its page, so that the page is the same one in the other language. */
const KEPT: ReadonlySet<string> = new Set(['edit', 'said', 'sent', 'trust']);

/** What every page shows; `visit` is undefined for a problem without an interaction. */
export async function basePage(
  parts: Parts,
  look: Look,
  locale: string,
  visit: Visit | undefined,
  error: PageError | null = null,
): Promise<PageBase> {
  const { core } = parts;
  const here = visit ? pagePath(parts, visit.uid) : '';
  const chosen = visit?.url.searchParams.has('ui_locales') ?? false;
  const kept = [...(visit?.url.searchParams ?? [])].filter(([name]) => KEPT.has(name));
  return {
    lang: locale,
    t: (key, values) => core.texts.say(locale, key, values),
    brand: { ...core.options.brand, name: serviceName(core.options.brand, locale) },
    nonce: randomBytes(16).toString('base64'),
    ...look,
    here,
    query: chosen ? `?ui_locales=${encodeURIComponent(locale)}` : '',
    csrf: visit ? formToken(core.ring, visit.uid) : '',
    languages: core.texts.locales.map((tag) => ({
      tag,
      label: core.texts.say(tag, 'language.name'),
      href: `${here}?${new URLSearchParams([['ui_locales', tag], ...kept])}`,
      current: tag === locale,
    })),
    error,
    client: visit ? await clientName(parts, visit) : '',
    // Without an interaction there is nothing that another factor could prove.
    alternative: visit
      ? alternativeOf(core.options.alternative, locale, visit.flow.accountId ? here : undefined)
      : null,
  };
}

function alternativeOf(
  alternative: Options['alternative'],
  locale: string,
  here: string | undefined,
): PageBase['alternative'] {
  const url = alternative && alternativeLink(alternative.url, here);
  if (!alternative || url === undefined) return null;
  return { url, label: alternative.label[locale] ?? Object.values(alternative.label)[0] ?? '' };
}

async function clientName(parts: Parts, visit: Visit): Promise<string> {
  // A page about a failing store must not fail with it.
  const client = await parts
    .provider()
    .Client.find(visit.flow.clientId)
    .catch(() => undefined);
  return client ? clientNameIn(client, visit.locale) : visit.flow.clientId;
}

/** An error as a page says it. Times are told in seconds from now. */
export function pageError(
  parts: Parts,
  error: SekishoError,
  field: string | null,
  { challengeId }: Pick<Flow, 'challengeId'>,
): PageError {
  const { core } = parts;
  const seconds = error.retryAt === undefined ? 0 : secondsUntil(error.retryAt, core.clock.now());
  return {
    code: error.code,
    ...(error instanceof MalformedCode ? { malformation: error.malformation } : {}),
    values: {
      seconds,
      minutes: Math.ceil(seconds / 60),
      length: codeLength(core, challengeId),
      ...(error instanceof CodeRefused && error.triesLeft !== undefined
        ? { triesLeft: error.triesLeft }
        : {}),
    },
    field,
  };
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
    accepted: acceptedNumbers(parts.core, visit.locale),
    example: getExampleNumber(country, examples)?.formatNational() ?? '',
    signUp: visit.flow.purpose === 'signup',
    codeUnderWay: (await readChallenge(parts.core, visit.flow))?.status === 'live',
    sendWait: error?.code === 'send_too_early' ? Number(error.values['seconds']) : 0,
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
  home: string | null = null,
): Promise<ProblemPage> {
  const base = await basePage(parts, look, locale, visit);
  return { ...base, code, way: visit === undefined ? 'restart' : wayOn(code), home };
}

/** Where the relying party of an interaction begins, also when the provider has forgotten the interaction. */
export async function homeOf(parts: Parts, uid: string): Promise<string | null> {
  const flow = await loadFlow(parts.core, uid);
  const client = flow && (await parts.provider().Client.find(flow.clientId));
  return client?.clientUri ?? null;
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
