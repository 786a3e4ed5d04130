import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { type Requirement, readRequirement } from '../domain/assurance.ts';
import { identifyBrowser } from '../domain/browser-identity.ts';
import { type Decision, decide } from '../domain/decision.ts';
import { isTrusted } from '../domain/devices.ts';
import { acceptedFacts, type Fact, OUR_METHODS } from '../domain/factors.ts';
import { isStillKnown } from '../domain/remedies.ts';
import { assessRisk } from '../domain/risk.ts';
import { bindBrowser, isSameBrowser } from './browser-binding.ts';
import { signedOutEverywhere } from './ended.ts';
import { isSecure, type Parts, policyOf } from './parts.ts';
import { copyPolicy } from './policy-copy.ts';
import { userAgentOf } from './request.ts';
import { assured, type Interaction, isUnmet, provedIn, signedInAt } from './result.ts';
import { type Known, keptFacts, readKnown } from './session-facts.ts';
import { saveStanding } from './standing.ts';

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
    login.checks.add(signedOutEverywhere(parts));
    login.checks.add(reachableAcr(parts));
    login.checks.add(factorGone(parts));
    login.checks.add(freshLoginToBind(parts));
  }
  const after = policy.indexOf(login!) + 1;
  policy.splice(after, 0, new Prompt({ name: 'mfa' }, browser as never, secondFactorOwed(parts)));
  if (parts.core.options.signUp)
    policy.unshift(new Prompt({ name: 'create', requestable: true }, browser as never, nobodyNamed()));
  policy[0]!.checks.add(sameBrowser(secure), 0);
  policy[0]!.checks.add(deviceAsksAnew(), 0);
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

/**
 * The library turns `max_age=0` into `prompt=login` before it looks at a session. It keeps that with the code of a device, and
 * then leaves it out when the person comes, because a device may send no `prompt` itself. Checks begin in order: this one
 * is first, so all others read it.
 */
function deviceAsksAnew(): interactionPolicy.Check {
  return new Check('device_asks_anew', 'max_age=0 of a device wants a login', ({ oidc }) => {
    const { prompt } = (oidc.entities.DeviceCode?.params ?? {}) as { prompt?: string };
    if (prompt !== undefined) Object.assign(oidc.params!, { prompt });
    return Check.NO_NEED_TO_PROMPT;
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

/**
 * Ends a request at once whose essential acr nobody can reach here (OID-03). One of the host's own values takes a login of
 * the host that reaches it: one, and then the request ends as well (OID-04).
 */
function reachableAcr(parts: Parts): interactionPolicy.Check {
  return new Check('acr_out_of_reach', 'requested acr is not supported', 'login_required', (ctx) => {
    const requirement = requirementIn(parts, ctx);
    const { result } = ctx.oidc;
    if (!isUnmet(requirement, result?.login)) return Check.NO_NEED_TO_PROMPT;
    if (requirement.essential === 'host' && !result?.login) return Check.REQUEST_PROMPT;
    refuse(parts, ctx, 'acr_unreachable');
  });
}

function refuse(parts: Parts, ctx: KoaContextWithOIDC, reason: string): never {
  const decided = { type: 'gate.decided', decision: 'unmet', reason } as const;
  parts.core.emit(decided, { client: ctx.oidc.client!.clientId });
  throw new errors.UnmetAuthenticationRequirements('the requested authentication cannot be reached');
}

/** A session that rested on an authenticator of the host alone ends with it (BND-08). */
function factorGone(parts: Parts): interactionPolicy.Check {
  return new Check(
    'factor_gone',
    'what the session was proved with is gone',
    'login_required',
    async (ctx) => {
      if (!ctx.oidc.session?.accountId) return Check.NO_NEED_TO_PROMPT;
      return (await standingOf(parts, ctx)).gone;
    },
  );
}

function freshLoginToBind(parts: Parts): interactionPolicy.Check {
  return new Check('login_to_bind', 'a recent login is needed to bind a phone number', async (ctx) => {
    const accountId = ctx.oidc.session?.accountId;
    if (!accountId) return Check.NO_NEED_TO_PROMPT;
    const age = parts.core.clock.now() - signedInAt(ctx.oidc, accountId);
    if (age <= FRESH_ENOUGH_TO_BIND) return Check.NO_NEED_TO_PROMPT;
    const { decision, binds } = await standingOf(parts, ctx);
    return decision.outcome === 'asked' && binds;
  });
}

function secondFactorOwed(parts: Parts): interactionPolicy.Check {
  const check = async (ctx: KoaContextWithOIDC) => {
    parts.wiring.examined(ctx);
    if (!ctx.oidc.session?.accountId) return Check.NO_NEED_TO_PROMPT;
    const { decision, facts, requirement } = await standingOf(parts, ctx);
    // Also for a request that needs no second factor: what the tokens say is derived anew for each (SES-02).
    applyAssurance(ctx, facts, requirement);
    if (decision.outcome === 'unmet') refuse(parts, ctx, decision.reason);
    return decision.outcome === 'asked';
  };
  const details = async (ctx: KoaContextWithOIDC) => markBinding((await standingOf(parts, ctx)).binds);
  return new Check(
    'second_factor',
    'a second factor is required',
    'interaction_required',
    check,
    details as never,
  );
}

const BINDS = 'sekishoBinds';
const markBinding = (binds: boolean) => ({ [BINDS]: binds });

/** Whether a number was to be bound when the request came: then the first factor of the session was a recent one (BND-01). */
export const mayBind = ({ prompt }: Pick<Interaction, 'prompt'>): boolean => prompt.details[BINDS] === true;

interface StandingNow {
  requirement: Requirement;
  /** What counts for this request; never empty, unless all is gone. */
  facts: Fact[];
  /** Whether a number would have to be bound: the account has no second factor, here or at the host. */
  binds: boolean;
  gone: boolean;
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
  const known = await readKnown(parts, accountId, session.uid, proved?.facts);
  const { phone } = known;
  const inSession = sessionFacts(ctx, known);
  const facts = proved ? known.live(proved.facts) : acceptedFacts(inSession, requirement, now);
  const gone = facts.length === 0;
  // What stood in for the code was looked at before the result waited to be taken up; it may have been ended since.
  const skipped = proved?.facts.every(({ at }) => isStillKnown(known.remedies, at)) && proved.skipped;
  const kept = proved ? keptFacts(facts, known.session) : inSession;
  const [decision] = await Promise.all([
    decide({
      requirement: proved ? { ...requirement, fresh: false } : requirement,
      facts,
      trusted: async () => skipped === 'trusted_browser' || trustedNow(parts, ctx, accountId, phone?.id),
      risk: async () =>
        skipped === 'low_risk' ? [] : assessRisk(core, parts.signals, await signInOf(parts, ctx)),
    }),
    // Written over, the record would be one without facts, which is what a login without the gate has.
    gone ? undefined : saveStanding(core, accountId, session.uid, { facts: kept, lastSeen: now }),
  ]);
  return { requirement, facts, binds: phone === undefined && known.ofHost.size === 0, gone, decision };
}

/** What the session has; a login that did not come through the gate takes the place of its first factor. */
function sessionFacts(ctx: KoaContextWithOIDC, { session, gone }: Known): Fact[] {
  const { session: login, result } = ctx.oidc;
  if (!result?.login && (gone || session.length > 0)) return session;
  const methods = (login!.amr ?? []).filter((method) => !OUR_METHODS.has(method));
  const at = (login!.loginTs ?? 0) * 1000;
  const first = methods.length > 0 ? methods.map((method) => ({ method, at })) : [{ method: '', at }];
  return keptFacts(first, session);
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

const signInOf = async ({ core, addressOf, cookies }: Parts, ctx: KoaContextWithOIDC) => ({
  accountId: ctx.oidc.session!.accountId!,
  clientId: ctx.oidc.client!.clientId,
  ip: addressOf(ctx.req),
  userAgent: userAgentOf(ctx.req),
  browserId: await identifyBrowser(core, cookies.browser(ctx.req)),
});

function requirementIn(parts: Parts, ctx: KoaContextWithOIDC): Requirement {
  const { params, client } = ctx.oidc;
  const policy = policyOf(parts, client!.clientId);
  return readRequirement(params ?? {}, policy, parts.core.options.assurance, parts.acrOfHost());
}

function applyAssurance(ctx: KoaContextWithOIDC, facts: readonly Fact[], requirement: Requirement): void {
  const session = ctx.oidc.session!;
  const { acr, amr, ts } = assured(facts, requirement, ctx.oidc.result?.login);
  session.acr = acr;
  session.amr = amr;
  session.loginTs = ts;
}
