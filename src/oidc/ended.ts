import { type Configuration, interactionPolicy } from 'oidc-provider';
import type { Core } from '../domain/core.ts';
import { oldestOf } from '../domain/factors.ts';
import { readRemedies } from '../domain/remedies.ts';
import { restsOnPhone } from './account-records.ts';
import type { Parts } from './parts.ts';
import { provedIn } from './result.ts';

const { Check } = interactionPolicy;
type FindAccount = NonNullable<Configuration['findAccount']>;
type Token = Parameters<FindAccount>[2];

/**
 * Answers no account for a token that a remedy ended, so that the library refuses it: a refresh token and a code with
 * `invalid_grant`, an access token at userinfo with `invalid_token` (fault A.8, lesson 15). In our store such tokens are gone
 * already; this is for a storage adapter of the host's own, and for a token that was being written at that moment.
 */
export function withoutEndedTokens({ core }: Pick<Parts, 'core'>, find: FindAccount): FindAccount {
  return async (ctx, accountId, token) => {
    const [account, ended] = await Promise.all([
      find(ctx, accountId, token),
      token !== undefined && isEnded(core, accountId, token),
    ]);
    return ended ? undefined : account;
  };
}

async function isEnded(core: Core, accountId: string, token: NonNullable<Token>): Promise<boolean> {
  const { sessions, factor } = await readRemedies(core, accountId);
  const { iat } = token as { iat?: number };
  // In whole seconds: what was issued in the second of the remedy is refused too.
  return (iat ?? 0) * 1000 <= Math.max(sessions, restsOnPhone(token as never) ? factor : 0);
}

/**
 * A session from before the account was signed out everywhere wants its login anew (SES-11), and so does a sign-in that was
 * proved before and is taken up only now: an interaction with its result waits for an hour.
 */
export function signedOutEverywhere({ core }: Pick<Parts, 'core'>): interactionPolicy.Check {
  return new Check('signed_out_everywhere', 'the account was signed out everywhere', async ({ oidc }) => {
    const { session, result } = oidc;
    if (!session?.accountId) return Check.NO_NEED_TO_PROMPT;
    const { sessions } = await readRemedies(core, session.accountId);
    const proved = provedIn(result, session.accountId);
    const at = proved ? oldestOf(proved.facts) : (session.loginTs ?? 0) * 1000;
    return at <= sessions;
  });
}
