import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import {
  acceptedSecondFactor,
  deriveAssurance,
  type Fact,
  isSecondFactor,
  liveSecondFactors,
  newest,
  type Requirement,
  readRequirement,
} from '../domain/assurance.ts';
import { type Decision, decide } from '../domain/decision.ts';
import { isTrusted } from '../domain/devices.ts';
import { findAuthenticator } from '../domain/enrolment.ts';
import { assessRisk } from '../domain/risk.ts';
import { bindBrowser, isSameBrowser } from './browser-binding.ts';
import { isSecure, type Parts, policyOf } from './parts.ts';
import { copyPolicy } from './policy-copy.ts';
import { userAgentOf } from './request.ts';
import { provedIn } from './result.ts';
import { readStanding, saveStanding } from './standing.ts';

const { Check, Prompt } = interactionPolicy;
type Policy = interactionPolicy.Prompt[];

/** A session that wants to bind its first number must have given its first factor this recently (BND-01). */
const FRESH_ENOUGH_TO_BIND = 300_000;

/**
 * Puts Sekisho into an interaction policy: the second factor of sessions that exist, the acr rules, and `prompt=create`.
 *
 * The two acr checks of the stock login prompt go: they ask for the password again when only the code is missing, and
 * for ever when the acr cannot be reached (OID-03, OID-04).
 */
export function extendPolicy(parts: Parts, host: readonly interactionPolicy.Prompt[] | undefined): Policy {
  const secure = isSecure(parts);
  const browser = (ctx: KoaContextWithOIDC) => bindBrowser(ctx, secure);
  const policy: Policy = copyPolicy(host ?? interactionPolicy.base(), browser);
  const login = policy.find(({ name }) => name === 'login');
  if (login) {
    login.checks.remove('essential_acrs');
    login.checks.remove('essential_acr');
    login.checks.add(reachableAcr(parts));
    login.checks.add(freshLoginToBind(parts));
  }
  const after = policy.indexOf(login!) + 1;
  policy.splice(after, 0, new Prompt({ name: 'mfa' }, browser as never, secondFactorOwed(parts)));
  if (parts.core.options.signUp)
    policy.unshift(new Prompt({ name: 'create', requestable: true }, browser as never, nobodyNamed()));
  policy[0]!.checks.add(sameBrowser(secure), 0);
  return policy;
}

/**
 * An interaction that began in another browser ends here, before anything comes of it: its login is not taken over into the
 * session of this browser either (fault A.5).
 */
function sameBrowser(secure: boolean): interactionPolicy.Check {
  return new Check('other_browser', 'the interaction began in another browser', ({ req, oidc }) => {
    const interaction = oidc.entities.Interaction;
    if (!interaction || isSameBrowser(req, interaction, secure)) return Check.NO_NEED_TO_PROMPT;
    Object.assign(oidc.session!, { destroyed: true }); // so that it is not saved
    throw new errors.SessionNotFound('the interaction began in another browser');
  });
}

/** Whoever signs up is nobody an ID token was ever issued for (OID-10, fault A.7). */
function nobodyNamed(): interactionPolicy.Check {
  return new Check('create_for_another', 'a new account is nobody id_token_hint can name', ({ oidc }) => {
    if (oidc.entities['IdTokenHint'] && oidc.prompts.has('create') && oidc.promptPending('create'))
      throw new errors.LoginRequired('prompt=create cannot sign in the person id_token_hint names');
    return Check.NO_NEED_TO_PROMPT;
  });
}

/** Ends a request at once whose acr nobody can reach here (OID-03, OID-05). */
function reachableAcr(parts: Parts): interactionPolicy.Check {
  return new Check('acr_out_of_reach', 'requested acr is not supported', (ctx) => {
    if (requirementIn(parts, ctx).impossible) {
      const decided = { type: 'gate.decided', decision: 'unmet', reason: 'acr_unreachable' } as const;
      parts.core.emit(decided, { client: ctx.oidc.client!.clientId });
      throw new errors.UnmetAuthenticationRequirements('none of the requested acr values is supported');
    }
    return Check.NO_NEED_TO_PROMPT;
  });
}

function freshLoginToBind(parts: Parts): interactionPolicy.Check {
  return new Check('login_to_bind', 'a recent login is needed to bind a phone number', async (ctx) => {
    const { session, result } = ctx.oidc;
    if (!session?.accountId || result?.login) return Check.NO_NEED_TO_PROMPT;
    const age = parts.core.clock.now() - (session.loginTs ?? 0) * 1000;
    if (age <= FRESH_ENOUGH_TO_BIND) return Check.NO_NEED_TO_PROMPT;
    const { decision, authenticator } = await standingOf(parts, ctx);
    return decision.outcome === 'asked' && authenticator === undefined;
  });
}

function secondFactorOwed(parts: Parts): interactionPolicy.Check {
  return new Check('second_factor', 'a second factor is required', 'interaction_required', async (ctx) => {
    parts.wiring.examined(ctx);
    if (!ctx.oidc.session?.accountId) return Check.NO_NEED_TO_PROMPT;
    const { decision, first, second, requirement } = await standingOf(parts, ctx);
    // Also for a request that needs no second factor: what the tokens say is derived anew for each (SES-02).
    applyAssurance(ctx, first, second, requirement);
    return decision.outcome === 'asked';
  });
}

interface StandingNow {
  requirement: Requirement;
  first: Fact[];
  second: Fact | undefined;
  authenticator: string | undefined;
  decision: Decision;
}
const answered = new WeakMap<KoaContextWithOIDC, Promise<StandingNow>>();

/** Worked out once for each request, whichever check asks first. */
function standingOf(parts: Parts, ctx: KoaContextWithOIDC): Promise<StandingNow> {
  const known = answered.get(ctx);
  if (known) return known;
  const fresh = workOut(parts, ctx);
  answered.set(ctx, fresh);
  return fresh;
}

async function workOut(parts: Parts, ctx: KoaContextWithOIDC): Promise<StandingNow> {
  const { core } = parts;
  const session = ctx.oidc.session!;
  const accountId = session.accountId!;
  const now = core.clock.now();
  const requirement = requirementIn(parts, ctx);
  const proved = provedIn(ctx.oidc.result, accountId);
  const [standing, bound] = await Promise.all([
    readStanding(core, accountId, session.uid),
    findAuthenticator(core, accountId),
  ]);
  const authenticator = bound?.id;
  const liveOf = (facts: readonly Fact[] | undefined, lastSeen = now) =>
    liveSecondFactors(facts ?? [], { now, lastSeen, authenticator }, core.options.assurance);
  const live = liveOf(standing?.facts, standing?.lastSeen);
  const justProved = liveOf(proved?.facts);
  const first = proved
    ? proved.facts.filter((fact) => !isSecondFactor(fact))
    : firstFactors(ctx, standing?.facts);
  const second = proved ? newest(justProved) : acceptedSecondFactor(live, requirement, now);
  // Whatever this request demands, the next one may take what the session still has (G.10).
  const kept = newest([...justProved, ...live]);
  const [decision] = await Promise.all([
    decide({
      requirement: proved ? { ...requirement, fresh: false } : requirement,
      second,
      trusted: async () =>
        proved?.skipped === 'trusted_browser' || trustedNow(parts, ctx, accountId, authenticator),
      risk: async () =>
        proved?.skipped === 'low_risk' ? [] : assessRisk(core, parts.signals, signInOf(parts, ctx)),
    }),
    saveStanding(core, accountId, session.uid, { facts: [...first, ...(kept ? [kept] : [])], lastSeen: now }),
  ]);
  return { requirement, first, second, authenticator, decision };
}

/** The first factors of the session; after a login that did not come through the gate, those it named. */
function firstFactors(ctx: KoaContextWithOIDC, facts: readonly Fact[] = []): Fact[] {
  const session = ctx.oidc.session!;
  const known = facts.filter((fact) => !isSecondFactor(fact));
  if (known.length > 0 && !ctx.oidc.result?.login) return known;
  const methods = (session.amr ?? []).filter((method) => !['sms', 'tel', 'mfa', 'rba'].includes(method));
  const at = (session.loginTs ?? 0) * 1000;
  return methods.length > 0 ? methods.map((method) => ({ method, at })) : [{ method: '', at }];
}

async function trustedNow(
  { core, cookies }: Parts,
  { req }: KoaContextWithOIDC,
  accountId: string,
  authenticator: string | undefined,
): Promise<boolean> {
  const cookie = cookies.trust(req, accountId);
  if (cookie === undefined || authenticator === undefined) return false;
  return isTrusted(core, { accountId, authenticator, userAgent: userAgentOf(req) }, cookie);
}

const signInOf = ({ addressOf, cookies }: Parts, ctx: KoaContextWithOIDC) => ({
  accountId: ctx.oidc.session!.accountId!,
  clientId: ctx.oidc.client!.clientId,
  ip: addressOf(ctx.req),
  userAgent: userAgentOf(ctx.req),
  browserId: cookies.browserId(ctx.req),
});

function requirementIn(parts: Parts, ctx: KoaContextWithOIDC): Requirement {
  const { params, client } = ctx.oidc;
  return readRequirement(params ?? {}, policyOf(parts, client!.clientId), parts.core.options.assurance);
}

function applyAssurance(
  ctx: KoaContextWithOIDC,
  first: readonly Fact[],
  second: Fact | undefined,
  requirement: Requirement,
): void {
  const session = ctx.oidc.session!;
  const { acr, amr, authTime } = deriveAssurance(first, second, requirement);
  session.acr = acr;
  session.amr = amr.filter(Boolean);
  session.loginTs = authTime;
}
