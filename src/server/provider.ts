import type { EventEmitter } from 'node:events';
import Provider, {
  type ClientMetadata,
  type Configuration,
  errors,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { ConfigurationError, SekishoError } from '../errors.ts';
import { nameField } from '../oidc/client-name.ts';
import type { Log } from '../options.ts';
import type { Accounts } from '../ports/accounts.ts';
import type { Sekisho } from '../sekisho.ts';
import { basePath } from './address.ts';
import { CLAIMS, scopeOf } from './claims.ts';
import type { ServerConfig } from './config.ts';
import { protectLibraryPages } from './headers.ts';
import { type Keys, signingJwks } from './keys.ts';
import { libraryPages } from './pages/library.ts';
import type { ServerPages } from './pages.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Seconds. All of them are named, because the library warns about each that is left to it. */
const TTL = {
  AccessToken: HOUR,
  AuthorizationCode: 60,
  ClientCredentials: 600,
  Grant: 14 * DAY,
  IdToken: 300,
  Interaction: HOUR,
  RefreshToken: 14 * DAY,
  Session: 14 * DAY,
};

/** What the provider is made of. */
export interface ProviderParts {
  config: ServerConfig;
  keys: Keys;
  sekisho: Sekisho;
  accounts: Accounts;
  pages: ServerPages;
  log: Log;
}

/** Makes the OpenID provider of the server. */
export function createProvider(parts: ProviderParts): Provider {
  const { config, sekisho, log } = parts;
  const provider = new Provider(config.issuer, sekisho.configure(configuration(parts)));
  // The one header it then believes was set by us, whatever the request said; see address.ts.
  provider.proxy = true;
  provider.use(protectLibraryPages(config.issuer.startsWith('https:')));
  provider.on('server_error', (ctx, error) =>
    log.error(describeError(error, ctx.oidc?.route), 'server_error'),
  );
  (provider as EventEmitter).on('error', (error: unknown) => log.error(describeError(error), 'server_error'));
  return provider;
}

function configuration({ config, keys, sekisho, accounts, pages }: ProviderParts): Configuration {
  const base = basePath(config.issuer);
  const firstParty = new Set(
    config.clients.flatMap(({ client_id: id, firstParty }) => (firstParty ? [id] : [])),
  );
  return {
    clients: config.clients.map(({ firstParty: _, sekisho: __, ...metadata }) => metadata as ClientMetadata),
    jwks: signingJwks(keys) as NonNullable<Configuration['jwks']>,
    cookies: cookies(config.issuer, keys.cookieKeys),
    scopes: ['openid', 'profile', 'email', 'phone', 'offline_access'],
    claims: CLAIMS,
    responseTypes: ['code'],
    pkce: { required: () => true },
    ttl: TTL,
    features: {
      introspection: { enabled: true },
      revocation: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, ...libraryPages(pages).logout },
    },
    interactions: { url: (_ctx, { uid }) => `${base}/interaction/${uid}` },
    renderError: libraryPages(pages).renderError,
    extraClientMetadata: clientNames(pages.locales),
    findAccount: findAccount(accounts, sekisho),
    async loadExistingGrant(ctx) {
      const { client, session, result, provider } = ctx.oidc;
      const grantId = result?.consent?.grantId ?? session?.grantIdFor(client!.clientId);
      if (grantId) return provider.Grant.find(grantId);
      return firstParty.has(client!.clientId) ? grantAll(ctx) : undefined;
    },
  };
}

/** A client may have a name for each language of the pages, beside the one for all (OpenID Connect Registration 2.1). */
function clientNames(locales: readonly string[]): NonNullable<Configuration['extraClientMetadata']> {
  return {
    properties: locales.map(nameField),
    validator(_ctx, field, name) {
      if (name === undefined || (typeof name === 'string' && name.trim() !== '')) return;
      throw new errors.InvalidClientMetadata(`${field} must be a non-empty string if provided`);
    },
  };
}

/** `__Host-` is for the path `/` alone; the other two cookies live below a path (WEB-07). */
function cookies(issuer: string, keys: string[]): NonNullable<Configuration['cookies']> {
  const secure = issuer.startsWith('https:');
  const names = secure
    ? { session: '__Host-session', interaction: '__Secure-interaction', resume: '__Secure-resume' }
    : { session: 'session', interaction: 'interaction', resume: 'resume' };
  const attributes = { signed: true, httpOnly: true, sameSite: 'lax' as const };
  return { keys, names, long: attributes, short: attributes };
}

function findAccount(accounts: Accounts, sekisho: Sekisho): NonNullable<Configuration['findAccount']> {
  return async (_ctx, accountId) => {
    const account = await accounts.find(accountId);
    if (!account) return undefined;
    return {
      accountId,
      async claims(_use, scope, requested) {
        const { login, name, email } = account;
        // The number is opened only for who may see it (PRV-03, PRV-09).
        const phone = [...scope.split(' '), ...Object.keys(requested).map(scopeOf)].includes('phone');
        return {
          sub: accountId,
          preferred_username: login,
          ...(name === undefined ? {} : { name }),
          ...(email === undefined ? {} : { email, email_verified: false }),
          ...(phone ? await sekisho.phoneClaims(accountId) : {}),
        };
      },
    };
  };
}

/** An application of the operator's own gets what it asks for; the policy still asks where the request says prompt=consent. */
async function grantAll(ctx: KoaContextWithOIDC) {
  const { client, session, provider, requestParamScopes, requestParamClaims } = ctx.oidc;
  const grant = new provider.Grant({ clientId: client!.clientId, accountId: session!.accountId! });
  grant.addOIDCScope([...requestParamScopes].join(' '));
  grant.addOIDCClaims([...requestParamClaims]);
  await grant.save();
  return grant;
}

/**
 * Looks at every client as the library will when it is used.
 *
 * @throws ConfigurationError naming each client that it will refuse.
 */
export async function assertClients(provider: Provider, config: ServerConfig): Promise<void> {
  const problems = await Promise.all(
    config.clients.map(async ({ client_id: id }, at) => {
      try {
        await provider.Client.find(id);
        return [];
      } catch (error) {
        const { error_description: reason = 'is not usable' } = error as { error_description?: string };
        return [
          {
            field: `clients.${at} (${id})`,
            reason,
            fix: 'See OpenID Connect Dynamic Client Registration, section 2',
          },
        ];
      }
    }),
  );
  if (problems.flat().length > 0) throw new ConfigurationError(problems.flat());
}

/** What a log may hold of an unforeseen error: what it is and where, not what it says, which may quote data (LOG-02). */
export function describeError(error: unknown, route?: string): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error, route };
  const { name, stack = '' } = error;
  const code = (error as { code?: unknown }).code;
  const where = stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 5)
    .map((line) => line.trim());
  return {
    error: name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error instanceof SekishoError ? { reason: error.message } : {}),
    ...(route === undefined ? {} : { route }),
    where,
  };
}
