import { nearest } from '../../errors/nearest.ts';

/** Metadata of a client that this provider acts on, or that only describes the client (OpenID Connect Registration 2). */
const SUPPORTED: ReadonlySet<string> = new Set([
  'application_type',
  'backchannel_logout_session_required',
  'backchannel_logout_uri',
  'client_id',
  'client_id_issued_at',
  'client_name',
  'client_secret',
  'client_secret_expires_at',
  'client_uri',
  'contacts',
  'default_acr_values',
  'default_max_age',
  'dpop_bound_access_tokens',
  'grant_types',
  'id_token_signed_response_alg',
  'initiate_login_uri',
  'jwks',
  'jwks_uri',
  'logo_uri',
  'policy_uri',
  'post_logout_redirect_uris',
  'redirect_uris',
  'require_auth_time',
  'require_pushed_authorization_requests',
  'response_modes',
  'response_types',
  'scope',
  'subject_type',
  'token_endpoint_auth_method',
  'token_endpoint_auth_signing_alg',
  'tos_uri',
]);

/** What a person reads; these may stand there once for each language (OpenID Connect Registration 2.1). */
const IN_LANGUAGES: ReadonlySet<string> = new Set([
  'client_name',
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
]);

/** Registered names of what is off here. Taking them would promise something that nobody does (fault G.9). */
const OFF: readonly [names: RegExp, what: string][] = [
  [/^tls_client_|^use_mtls_/, 'mutual TLS'],
  [/_encrypted_response_(alg|enc)$|^request_object_encryption_/, 'encryption of tokens and answers'],
  [/^request_object_signing_alg$|^require_signed_request_object$|^request_uris$/, 'request objects (JAR)'],
  [/^authorization_signed_response_alg$/, 'signed authorization responses (JARM)'],
  [/^userinfo_signed_response_alg$|^introspection_signed_response_alg$/, 'signed answers as JWT'],
  [/^frontchannel_logout_/, 'front-channel logout'],
  [/^backchannel_(token_delivery|client_notification|authentication|user_code)_/, 'CIBA'],
  [/^authorization_details_types$/, 'rich authorization requests'],
  [/^sector_identifier_uri$/, 'the pairwise subject type'],
  [/^software_(id|version|statement)$/, 'dynamic registration'],
];

/** What is wrong with one field of a client; undefined where it may stand there. No value is quoted. */
export function metadataProblem(
  name: string,
  value: unknown,
  own: readonly string[],
): { reason: string; fix: string } | undefined {
  const [plain = '', language] = name.split('#');
  if (language === undefined ? SUPPORTED.has(name) : IN_LANGUAGES.has(plain)) return undefined;
  const off = OFF.find(([names]) => names.test(name));
  // Spelled out, it asks for nothing.
  if (off && value === false) return undefined;
  if (off) return { reason: `asks for ${off[1]}, which this server does not offer`, fix: 'Remove it' };
  const meant = nearest(name, [...SUPPORTED, ...own]);
  return {
    reason: 'is no client metadata that this server knows, and would be without effect',
    fix: meant ? `Did you mean ${meant}?` : 'Remove it, or check the spelling',
  };
}
