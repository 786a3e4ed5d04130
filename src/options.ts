import { z } from 'zod';
import { type Found, readInput } from './errors/issues.ts';
import { ConfigurationError, type Problem } from './errors.ts';
import { gatewayRules, missingGateway } from './options/gateways.ts';
import { noticeRules } from './options/notices.ts';
import { optionsSchema } from './options/schema.ts';
import type { Gateway } from './ports/gateway.ts';

export type { Log, StoreIdentity } from './options/schema.ts';

/** What `createSekisho` takes; see README for the options in prose. */
export type SekishoOptions = z.input<typeof optionsSchema>;
/** The same, complete and checked. */
export type Options = Omit<Parsed, 'gateway' | 'gateways'> & {
  /** All of them, the best first; never empty. */
  gateways: readonly Gateway[];
};
/** As the schema leaves them. */
export type Parsed = z.output<typeof optionsSchema>;
export type Route = Options['routes'][number];
export type Leg = Route['via'][number];
export type ClientPolicy = Options['defaultClient'];
export type Brand = Options['brand'];

/** The name of the service in a language. */
export const serviceName = ({ name, names }: Brand, locale: string): string =>
  Object.hasOwn(names, locale) ? names[locale]! : name;

/** What the configuration says about a client, or about all that it does not name. */
export const clientPolicy = (options: Options, clientId: string): ClientPolicy =>
  Object.hasOwn(options.clients, clientId) ? options.clients[clientId]! : options.defaultClient;

/**
 * Parses and checks the options once.
 *
 * @throws ConfigurationError naming every unknown, wrong or unsafe option with its reason and fix.
 */
export function parseOptions(input: unknown): Options {
  const { data, found } = readInput(optionsSchema, input, 'option');
  if (found) throw new ConfigurationError([...found.map(explain), ...missingGateway(input)]);
  const problems = unsafe(data);
  if (problems.length > 0) throw new ConfigurationError(problems);
  const { gateway, gateways, code, ...rest } = data;
  return {
    ...rest,
    code: code.length < 6 ? { ...code, tries: Math.min(code.tries, 3) } : code,
    gateways: gateways ?? [gateway!],
  };
}

/** JSON Schema of the options, for `plugin-manifest.json`. Parts that are objects in code have no JSON form. */
export function optionsJsonSchema(): unknown {
  return z.toJSONSchema(optionsSchema, { io: 'input', unrepresentable: 'any' });
}

function explain({ path, reason, fix }: Found): Problem {
  const field = path.join('.') || 'options';
  const words = field.startsWith('secrets.') ? 'is not usable' : reason;
  return { field, reason: words, fix: fix ?? fixFor(field) };
}

const FIXES: Record<string, string> = {
  issuer: 'Give the issuer URL of your provider',
  secrets: 'Make one with: npx sekisho keys secret',
  countries: "Name the countries you send to, such as ['JP']",
  'code.ttl': 'Choose 30 to 600 seconds; 300 is the default',
  store: 'Open one with openSqliteStore or openRedisStore and pass it in',
  gateway: 'Pass a gateway, such as createHandset() while developing',
  notices: 'Pass { notifier: createEmailNotifier({ host, from }), find }',
};
const fixFor = (field: string): string =>
  FIXES[field] ?? FIXES[field.split('.')[0] ?? ''] ?? 'See this option in the README';

type Rule = (options: Parsed) => Problem | undefined;
const RULES: Rule[] = [
  ({ secrets }) =>
    secrets.some((secret) => Buffer.from(secret, 'base64url').length < 32)
      ? { field: 'secrets', reason: 'every secret needs at least 32 bytes', fix: FIXES['secrets']! }
      : undefined,
  ({ code }) =>
    code.length < 6 && !code.allowShortCodes
      ? {
          field: 'code.length',
          reason: `${code.length} digits are too easy to guess (OTP-01)`,
          fix: 'Use 6 to 10, or set code.allowShortCodes if you accept the risk',
        }
      : undefined,
  ({ issuer, production }) =>
    production && !issuer.startsWith('https://')
      ? {
          field: 'issuer',
          reason: 'production needs https',
          fix: 'Serve the provider over https and say so here',
        }
      : undefined,
  ({ failures, code }) =>
    failures.ceiling < code.tries
      ? {
          field: 'failures.ceiling',
          reason: 'is lower than code.tries',
          fix: 'Raise it, or lower code.tries, so that one challenge cannot pass it',
        }
      : undefined,
  ({ assurance }) =>
    assurance.acr.mfa === assurance.acr.sfa
      ? { field: 'assurance.acr', reason: 'both values are the same', fix: 'Give two different acr values' }
      : undefined,
  ({ assurance, clients }) =>
    [assurance.acr, ...Object.values(clients).flatMap((client) => client.acr ?? [])].some((acr) =>
      /\bphrh?\b/.test(acr.mfa),
    )
      ? {
          field: 'assurance.acr.mfa',
          reason: 'a code by SMS or telephone is not phishing-resistant (OTP-18)',
          fix: 'Use another acr value',
        }
      : undefined,
  ({ alternative, issuer }) =>
    alternative?.authenticators &&
    !(alternative.url.includes('{uid}') && new URL(alternative.url).origin === new URL(issuer).origin)
      ? {
          field: 'alternative.url',
          reason: 'does not lead to a page of this issuer that knows the interaction',
          fix: 'Put it below the issuer, with {uid} in it, such as https://id.example.com/login/{uid}/passkey',
        }
      : undefined,
  ({ signUp, accounts }) =>
    signUp && !accounts
      ? { field: 'signUp', reason: 'sign-up needs a directory to put accounts in', fix: 'Pass accounts' }
      : undefined,
];

function unsafe(options: Parsed): Problem[] {
  return [...RULES.flatMap((rule) => rule(options) ?? []), ...gatewayRules(options), ...noticeRules(options)];
}
