import type { EventEmitter } from 'node:events';
import Provider, { type Configuration, errors } from 'oidc-provider';
import { ConfigurationError, SekishoError } from '../errors.ts';
import { nameField } from '../oidc/client-name.ts';
import type { Log } from '../options.ts';
import type { Accounts } from '../ports/accounts.ts';
import type { Sekisho } from '../sekisho.ts';
import { basePath } from './address.ts';
import { CLAIMS, scopeOf } from './claims.ts';
import { loadGrant, offlineAccess } from './clients/grants.ts';
import { clientRules, schemesOf } from './clients/rules.ts';
import type { ServerConfig } from './config.ts';
import { protectLibraryPages } from './headers.ts';
import { type Keys, signingJwks } from './keys.ts';
import { libraryPages, showNotFound } from './pages/library.ts';
import type { ServerPages } from './pages.ts';
import { describeSignOut } from './sign-out.ts';

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
  const { config, sekisho, pages, log } = parts;
  const provider = new Provider(config.issuer, sekisho.configure(configuration(parts)));
  // The one header it then believes was set by us, whatever the request said; see address.ts.
  provider.proxy = true;
  provider.use(protectLibraryPages(schemesOf(config)));
  provider.use(describeSignOut(provider));
  provider.use(showNotFound(pages));
  provider.on('server_error', (ctx, error) =>
    log.error(describeError(error, ctx.oidc?.route), 'server_error'),
  );
  (provider as EventEmitter).on('error', (error: unknown) => log.error(describeError(error), 'server_error'));
  return provider;
}

function configuration({ config, keys, sekisho, accounts, pages }: ProviderParts): Configuration {
  const base = basePath(config.issuer);
  const rules = clientRules(config.clients);
  const ownPages = libraryPages(pages, schemesOf(config));
  return {
    clients: rules.metadata,
    jwks: signingJwks(keys) as NonNullable<Configuration['jwks']>,
    cookies: cookies(config.issuer, keys.cookieKeys),
    scopes: ['openid', 'profile', 'email', 'phone', 'offline_access'],
    claims: CLAIMS,
    responseTypes: ['code'],
    pkce: { required: (_ctx, { clientId }) => rules.needsPkce(clientId) },
    clientBasedCORS: ({ oidc }, origin, client) => rules.takesOrigin(client, origin, oidc.route),
    extraParams: offlineAccess(rules.isFirstParty),
    ttl: lifetimesOf(config),
    features: {
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, { clientId }, token) => rules.mayIntrospect(clientId, token.clientId),
      },
      // RFC 7009 section 2.1: a client revokes its own tokens; what it says of others changes nothing.
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, { clientId }, token) => token.clientId === clientId,
      },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, ...ownPages.logout },
    },
    interactions: { url: (_ctx, { uid }) => `${base}/interaction/${uid}` },
    renderError: ownPages.renderError,
    extraClientMetadata: clientNames(pages.locales),
    findAccount: findAccount(accounts, sekisho),
    loadExistingGrant: (ctx) => loadGrant(ctx, rules.isFirstParty(ctx.oidc.client!.clientId)),
  };
}

/** Seconds. All of them are named, because the library warns about each that is left to it. */
function lifetimesOf({ lifetimes }: ServerConfig): NonNullable<Configuration['ttl']> {
  const { session, authorizationCode, accessToken, idToken, refreshToken } = lifetimes;
  return {
    AccessToken: accessToken,
    AuthorizationCode: authorizationCode,
    ClientCredentials: 600,
    // What was granted ends no sooner than what rests on it.
    Grant: Math.max(session, refreshToken),
    IdToken: idToken,
    Interaction: 3600,
    RefreshToken: refreshToken,
    Session: session,
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

const METADATA = 'See OpenID Connect Dynamic Client Registration, section 2';
const NO_SECRET =
  'Give it one, or set token_endpoint_auth_method to none: a public client, such as a single-page or native application';

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
            fix: /^client_secret is mandatory/.test(reason) ? NO_SECRET : METADATA,
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
