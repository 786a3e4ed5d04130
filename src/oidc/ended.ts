import { type Configuration, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Core } from '../domain/core.ts';
import { findAuthenticator } from '../domain/enrolment.ts';
import { isPhone } from '../domain/factors.ts';
import { readRemedies } from '../domain/remedies.ts';
import { restsOnPhone } from './account-records.ts';
import type { Parts } from './parts.ts';
import { signedInAt } from './result.ts';
import { readStanding } from './standing.ts';

const { Check } = interactionPolicy;
type FindAccount = NonNullable<Configuration['findAccount']>;

/** What is looked at of a token. Times are in seconds since the epoch. */
interface Token {
  kind?: string;
  accountId?: string;
  sessionUid?: string;
  acr?: string;
  amr?: string[];
  authTime?: number;
  iat?: number;
  /** Of a refresh token: when the first of its line was issued. */
  iiat?: number;
  /** Of an access token: what `extraTokenClaims` gave it. */
  extra?: { auth_time?: number };
}

/**
 * Answers no account for a token that a remedy ended, so that the library refuses it: a refresh token and a code with
 * `invalid_grant`, an access token at userinfo with `invalid_token` (fault A.8, lesson 15). In our store such tokens are gone
 * already; this is for a storage adapter of the host's own, and for a token that was being written at that moment.
 */
export function withoutEndedTokens({ core }: Pick<Parts, 'core'>, find: FindAccount): FindAccount {
  return async (ctx, accountId, token) => {
    const [account, ended] = await Promise.all([
      find(ctx, accountId, token),
      token !== undefined && isEnded(core, accountId, token as Token),
    ]);
    return ended ? undefined : account;
  };
}

/**
 * Looks once more when a token request was answered: tokens that were made while a remedy was applied are younger than it,
 * and it did not see them. Nobody gets them.
 */
export function withholdEndedTokens({ core }: Pick<Parts, 'core'>) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const source = ctx.oidc?.route === 'token' && ctx.status === 200 ? tokenSource(ctx) : undefined;
    if (source?.accountId === undefined || !(await isEnded(core, source.accountId, source))) return;
    ctx.status = 400;
    ctx.body = { error: 'invalid_grant', error_description: 'grant request is invalid' };
  };
}

/** What the tokens of a token request are issued for; a refresh token that stands beside a code is one of those tokens. */
export function tokenSource({ oidc }: KoaContextWithOIDC): Token | undefined {
  const { AuthorizationCode, RotatedRefreshToken, RefreshToken, DeviceCode } = oidc.entities as Sources;
  return AuthorizationCode ?? DeviceCode ?? RotatedRefreshToken ?? RefreshToken;
}
type Sources = Partial<
  Record<'AuthorizationCode' | 'RotatedRefreshToken' | 'RefreshToken' | 'DeviceCode', Token>
>;

/**
 * By when it was proved: a refresh token is held against the first of its line, for refreshing proves nothing, and a code
 * against its session, for it may be made a moment after what it rests on was ended. The code of a device is older than the
 * sign-in, so its own age says nothing.
 */
async function isEnded(core: Core, accountId: string, token: Token): Promise<boolean> {
  const onPhone = restsOnPhone(token);
  const isCode = token.kind === 'AuthorizationCode' || token.kind === 'DeviceCode';
  const [{ sessions, factor }, phoneGone] = await Promise.all([
    readRemedies(core, accountId),
    onPhone && isCode && isPhoneGone(core, accountId, token.sessionUid),
  ]);
  const { iat = 0, iiat = iat, authTime = token.extra?.auth_time ?? iiat } = token;
  const issued = token.kind === 'DeviceCode' ? Number.POSITIVE_INFINITY : Math.min(iat, iiat) * 1000;
  // In whole seconds: what was proved or issued in the second of the remedy is refused too.
  return phoneGone || Math.min(issued, authTime * 1000) <= sessions || (onPhone && issued <= factor);
}

/** Whether the number that is bound now was never proved in the session. */
async function isPhoneGone(core: Core, accountId: string, sessionUid = ''): Promise<boolean> {
  const [phone, standing] = await Promise.all([
    findAuthenticator(core, accountId),
    readStanding(core, accountId, sessionUid),
  ]);
  return !standing?.facts.some((fact) => isPhone(fact) && fact.authenticator === phone?.id);
}

/**
 * A session from before the account was signed out everywhere wants its login anew (SES-11), and so does a sign-in that was
 * proved before and is taken up only now: an interaction with its result waits for an hour.
 */
export function signedOutEverywhere({ core }: Pick<Parts, 'core'>): interactionPolicy.Check {
  return new Check('signed_out_everywhere', 'the account was signed out everywhere', async ({ oidc }) => {
    const accountId = oidc.session?.accountId;
    if (!accountId) return Check.NO_NEED_TO_PROMPT;
    const { sessions } = await readRemedies(core, accountId);
    return signedInAt(oidc, accountId) <= sessions;
  });
}
