import type { Texts } from '../../texts.ts';
import type { AppSession, Claims } from './sessions.ts';

export interface HomeParts {
  handset: string;
  accounts: readonly { login: string; password: string }[];
}

/** How the page looks to whom. */
export interface HomeLook {
  locale: string;
  /** The language was chosen; links keep it. */
  chosen: boolean;
  nonce: string;
  css: string;
  js: string;
}

/** Ids of the application at the provider: one for each policy. */
export const CLIENTS = ['demo', 'demo-risk', 'demo-requested'];
/** Claims of the ID token that are explained; the others are for machines. */
const TOKEN_CLAIMS = ['acr', 'amr', 'auth_time', 'sub', 'aud', 'iss'];
const ERRORS = [
  'login_required',
  'interaction_required',
  'access_denied',
  'unmet_authentication_requirements',
  'lost',
];
const EXAMPLE = '090-1234-5678';

/** What the view of the application gets. */
export function homePage(
  { handset, accounts }: HomeParts,
  texts: Texts,
  look: HomeLook,
  { signedIn, failure }: AppSession,
  client: string,
  signedOut: boolean,
): object {
  const { locale, chosen, ...rest } = look;
  const t = (key: string, values?: Record<string, string | number>) => texts.say(locale, key, values);
  const query = (values: Record<string, string>) =>
    `?${new URLSearchParams({ ...values, ...(chosen ? { ui_locales: locale } : {}) })}`;
  return Object.assign(Object.create(null), rest, {
    lang: locale,
    t,
    brand: { name: t('server.demo.app') },
    error: null,
    onward: undefined,
    languages: texts.locales.map((tag) => ({
      tag,
      label: texts.say(tag, 'language.name'),
      href: `/?${new URLSearchParams({ client, ui_locales: tag })}`,
      current: tag === locale,
    })),
    handset: `${handset}${chosen ? query({}) : ''}`,
    accounts,
    example: EXAMPLE,
    client,
    clients: CLIENTS.map((id) => ({ id, href: `/${query({ client: id })}`, current: id === client })),
    query: query({ client }),
    signedOut,
    failure: failure && { ...failure, key: ERRORS.includes(failure.error) ? failure.error : 'other' },
    signedIn: signedIn && {
      login: String(signedIn.userinfo['preferred_username'] ?? signedIn.claims['sub']),
      strong: Array.isArray(signedIn.claims['amr']) && signedIn.claims['amr'].includes('mfa'),
      token: rows(pick(signedIn.claims), locale, t),
      userinfo: rows(signedIn.userinfo, locale, t),
    },
  });
}

const pick = (claims: Claims): Claims =>
  Object.fromEntries(
    TOKEN_CLAIMS.flatMap((name) => (claims[name] === undefined ? [] : [[name, claims[name]]])),
  );

/** One line for each claim: name, value as JSON, and a word about it where there is one. */
function rows(
  claims: Claims,
  locale: string,
  t: (key: string, values?: Record<string, string | number>) => string,
) {
  const time = (value: unknown) =>
    new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(new Date(Number(value) * 1000));
  const notes: Record<string, (value: unknown) => string> = {
    acr: () => t('server.demo.claim_acr'),
    amr: () => t('server.demo.claim_amr'),
    auth_time: (value) => t('server.demo.claim_auth_time', { time: time(value) }),
    phone_number_verified: () => t('server.demo.claim_phone_number_verified'),
  };
  return Object.entries(claims).map(([name, value]) => ({
    name,
    value: JSON.stringify(value),
    note: Object.hasOwn(notes, name) ? notes[name]!(value) : '',
  }));
}
