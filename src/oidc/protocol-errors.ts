import type { EventEmitter } from 'node:events';
import type { Client, KoaContextWithOIDC, default as Provider } from 'oidc-provider';
import type { Core } from '../domain/core.ts';
import type { EventKind } from '../events.ts';
import { truncate } from '../truncate.ts';

/** What the provider calls an error of each endpoint; the name of the endpoint is in front of the dot. */
const ENDPOINTS = [
  'authorization',
  'backchannel_authentication',
  'code_verification',
  'device_authorization',
  'device_resume',
  'discovery',
  'end_session',
  'end_session_confirm',
  'end_session_success',
  'grant',
  'introspection',
  'jwks',
  'pushed_authorization_request',
  'registration_create',
  'registration_delete',
  'registration_read',
  'registration_update',
  'revocation',
  'userinfo',
];

/** Reports what the provider answers relying parties with an error, and sign-outs they were not told of (faults G.1, G.5). */
export function reportProtocolErrors(provider: Provider, core: Core): void {
  const events = provider as EventEmitter;
  for (const endpoint of ENDPOINTS)
    events.on(`${endpoint}.error`, (ctx: KoaContextWithOIDC, error: Error) =>
      core.emit(refusal(endpoint, ctx, error), aboutClient(ctx.oidc?.client)),
    );
  events.on('backchannel.error', (_ctx, error: Error, client: Client, account: string) =>
    core.emit(logoutFailure(error), { ...aboutClient(client), account }),
  );
}

const aboutClient = (client: Client | undefined) => (client ? { client: client.clientId } : {});

type Refusal = Extract<EventKind, { type: 'protocol.refused' }>;

function refusal(endpoint: string, ctx: KoaContextWithOIDC, error: Error): Refusal {
  const { error: code = 'server_error' } = error as { error?: string };
  const detail = detailOf(error, ctx);
  const unknownClient = ctx.oidc?.client ? undefined : plain(parameter(ctx, 'client_id'), 64);
  const wrongUri = code === 'invalid_redirect_uri' ? withoutQuery(parameter(ctx, 'redirect_uri')) : undefined;
  return {
    type: 'protocol.refused',
    ...{ endpoint, error: plain(code, 64) ?? 'unknown' },
    ...(detail === undefined ? {} : { detail }),
    ...(unknownClient === undefined ? {} : { unknownClient }),
    ...(wrongUri === undefined ? {} : { redirectUri: wrongUri }),
  };
}

const parameter = (ctx: KoaContextWithOIDC, name: string): string | undefined => {
  const value = ctx.oidc?.params?.[name] ?? ctx.oidc?.body?.[name];
  return typeof value === 'string' ? value : undefined;
};

/** Only what an identifier is made of: what is anything else is not worth a line of a log. */
const plain = (text: string | undefined, most: number): string | undefined =>
  text !== undefined && text.length <= most && /^[\w.~:/@-]+$/.test(text) ? text : undefined;

/** What a relying party registered wrongly, without what it may carry. */
function withoutQuery(text: string | undefined): string | undefined {
  const url = text === undefined ? null : URL.parse(text);
  return url ? plain(`${url.protocol}//${url.host}${url.pathname}`, 160) : undefined;
}

/**
 * What the library says about the error, as far as it quotes nothing that came with the request: names of parameters in quotes
 * stay, everything else in quotes goes, and so does a text that holds the value of a parameter (LOG-02, LOG-03).
 */
function detailOf(error: Error, ctx: KoaContextWithOIDC): string | undefined {
  if (causesOf(error).some(isBlocked))
    return 'an address is in a network that relyingPartyNetworks does not name';
  const { error_detail: inner, error_description: said } = error as Record<string, unknown> & Error;
  const text = [inner, said].find((one) => typeof one === 'string');
  if (typeof text !== 'string') return undefined;
  const sent = [...Object.values({ ...ctx.oidc?.params, ...ctx.oidc?.body }), ctx.get('origin')];
  if (sent.some((value) => typeof value === 'string' && value.length > 5 && text.includes(value)))
    return undefined;
  const quoteless = text.replace(/(["'`]).*?(\1|$)/gs, (quoted) =>
    /^.[a-z_]{1,40}.$/.test(quoted) ? quoted : '…',
  );
  return truncate(quoteless.replace(/[^\w .,:;'"()/…-]/g, ''), 120);
}

type LogoutFailure = Extract<EventKind, { type: 'logout.failed' }>;

const FIXES: Record<LogoutFailure['failure'], string> = {
  blocked: 'Name the network of the relying party in relyingPartyNetworks',
  status: 'Look at the log of the relying party: it has to answer 200',
  timeout: 'Let the relying party answer within 2.5 seconds',
  unreachable: 'See whether backchannel_logout_uri can be reached from this machine',
};

/** A relying party that was not told keeps its session, though the person signed out. */
function logoutFailure(error: Error): LogoutFailure {
  const of = (failure: LogoutFailure['failure'], code?: string): LogoutFailure => ({
    ...{ type: 'logout.failed', failure, fix: FIXES[failure] },
    ...(code === undefined ? {} : { code }),
  });
  const { response } = error as { response?: { status?: number } };
  if (response?.status !== undefined) return of('status', String(response.status));
  const chain = causesOf(error);
  if (chain.some(isBlocked)) return of('blocked');
  if (chain.some(({ name }) => name === 'TimeoutError')) return of('timeout');
  const code = chain.map((one) => (one as { code?: unknown }).code).find((one) => typeof one === 'string');
  return of('unreachable', plain(code as string | undefined, 48));
}

/** Refused by our guard, or by that of the library where the host has a `fetch` of its own. */
const isBlocked = (error: Error): boolean =>
  (error as { code?: unknown }).code === 'address_refused' || /special-use IP/.test(error.message);

function causesOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error && chain.length < 8; at = at.cause) chain.push(at);
  return chain;
}
