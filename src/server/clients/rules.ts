import type { Client, ClientMetadata } from 'oidc-provider';
import type { ServerConfig } from '../config.ts';

/** What the configuration says about single clients, as the provider asks for it. */
export interface ClientRules {
  /** What the library knows of them. */
  metadata: ClientMetadata[];
  isFirstParty(clientId: string): boolean;
  /** Every client but a confidential one with `pkce: 'optional'` (fault G.4). */
  needsPkce(clientId: string): boolean;
  /** Whether the client may hear about a token of that client (RFC 7662 section 4, fault G.12). */
  mayIntrospect(clientId: string, owner: string | undefined): boolean;
  /** Whether scripts of that origin may call an endpoint in the name of the client. */
  takesOrigin(client: Client, origin: string, route: string): boolean;
}

export function clientRules(clients: ServerConfig['clients']): ClientRules {
  const byId = new Map(clients.map((client) => [client.client_id, client]));
  return {
    metadata: clients.map(
      ({ firstParty: _, pkce: __, introspect: ___, origins: ____, sekisho: _____, ...metadata }) =>
        metadata as ClientMetadata,
    ),
    isFirstParty: (clientId) => byId.get(clientId)?.firstParty === true,
    needsPkce: (clientId) => byId.get(clientId)?.pkce !== 'optional',
    mayIntrospect: (clientId, owner) => clientId === owner || byId.get(clientId)?.introspect === 'all',
    takesOrigin(client, origin, route) {
      const named = byId.get(client.clientId)?.origins ?? [];
      const isPublic = client.clientAuthMethod === 'none' || route === 'userinfo';
      return named.includes(origin) || (isPublic && originsOf(client).includes(origin));
    },
  };
}

/** Custom schemes have the origin "null", which sandboxed frames of anybody have too. */
const originsOf = ({ redirectUris }: Client): string[] =>
  (redirectUris ?? []).map((uri) => new URL(uri).origin).filter((origin) => origin !== 'null');

/**
 * Schemes that a page of ours leads on to, as sources of a content security policy: Chromium applies `form-action` to every
 * redirect that follows. An intranet or a native application registers others than https (fault G.7).
 */
export function schemesOf({ issuer, clients }: Pick<ServerConfig, 'issuer' | 'clients'>): string {
  const registered = clients.flatMap(({ redirect_uris: uris, post_logout_redirect_uris: after }) =>
    [uris, after].flatMap((list) => (Array.isArray(list) ? list : [])),
  );
  const schemes = [issuer, ...registered].flatMap((uri) =>
    typeof uri === 'string' && URL.canParse(uri) ? new URL(uri).protocol : [],
  );
  return [...new Set(['https:', ...schemes])].join(' ');
}
