import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  acceptedSecondFactor,
  deriveAssurance,
  type Fact,
  liveSecondFactors,
  newest,
  provedTogether,
  readRequirement,
} from '../../src/domain/assurance.ts';
import { decide } from '../../src/domain/decision.ts';

const acr = { mfa: 'urn:mfa', sfa: 'urn:sfa' };
const general = { acr, maxAge: 86_400, idle: 3600 };
const policy = { mfa: 'always' as const, minimum: 'sfa' as const, alwaysAsk: false };
const requirement = (params: Record<string, unknown>, more = {}) =>
  readRequirement(params, { ...policy, ...more }, general);
const essential = (claim: object) => JSON.stringify({ id_token: { acr: { essential: true, ...claim } } });
const HOUR = 3_600_000;

describe('what a request needs', () => {
  it('is MFA when the essential acr, acr_values or the minimum of the client say so', () => {
    assert.equal(requirement({}).mfa, false);
    assert.equal(requirement({ claims: essential({ value: 'urn:mfa' }) }).mfa, true);
    assert.equal(requirement({ claims: essential({ values: ['urn:x', 'urn:mfa'] }) }).mfa, true);
    assert.equal(requirement({ acr_values: 'urn:x urn:mfa' }).mfa, true);
    assert.equal(requirement({ acr_values: 'urn:mfa urn:sfa' }).mfa, false, 'one factor would do as well');
    assert.equal(requirement({}, { minimum: 'mfa' }).mfa, true);
  });

  it('is impossible when an essential claim names no value that can be reached (OID-03)', () => {
    assert.equal(requirement({ claims: essential({ values: ['urn:x'] }) }).impossible, true);
    assert.equal(
      requirement({ claims: essential({ value: 'urn:x' }), acr_values: 'urn:mfa' }).impossible,
      true,
    );
    assert.equal(requirement({ claims: essential({ values: ['urn:x', 'urn:mfa'] }) }).impossible, false);
    assert.equal(requirement({ claims: '{broken' }).impossible, false);
  });

  it('is what it would be without them when acr_values names nothing that can be reached (G.11)', () => {
    assert.deepEqual(requirement({ acr_values: 'urn:x urn:y' }), requirement({}));
    assert.deepEqual(requirement({ acr_values: 'urn:x urn:mfa' }), requirement({ acr_values: 'urn:mfa' }));
    assert.deepEqual(
      requirement({ acr_values: 'urn:x' }, { minimum: 'mfa' }),
      requirement({}, { minimum: 'mfa' }),
    );
  });
});

describe('acr and amr', () => {
  it('never claim more than was proved, whatever a trusted browser or a low risk says (SES-05, RST-06, OTP-18)', () => {
    const fact = fc.record({
      method: fc.constantFrom('pwd', 'sms', 'tel'),
      at: fc.integer({ min: 0, max: 10 * HOUR }),
    });
    fc.assert(
      fc.property(fc.array(fact), fc.boolean(), (facts, hasSecond) => {
        const first: Fact[] = [{ method: 'pwd', at: 0 }, ...facts.filter(({ method }) => method === 'pwd')];
        const second = hasSecond ? facts.find(({ method }) => method !== 'pwd') : undefined;
        const said = deriveAssurance(first, second, { acr, requested: [] });
        assert.equal(said.acr, second ? 'urn:mfa' : 'urn:sfa');
        assert.equal(said.amr.includes('mfa'), second !== undefined);
        for (const method of ['hwk', 'swk', 'pop', 'phr', 'phrh']) assert.ok(!said.amr.includes(method));
        assert.ok(said.authTime <= (second?.at ?? 0) / 1000);
      }),
    );
  });

  it('answer a request for one factor with one factor', () => {
    const said = deriveAssurance(
      [{ method: 'pwd', at: 0 }],
      { method: 'sms', at: 0 },
      { acr, requested: ['urn:sfa'] },
    );
    assert.equal(said.acr, 'urn:sfa');
  });
});

describe('a second factor', () => {
  const facts = [{ method: 'sms', at: 0, authenticator: 'bound' }];
  const live = (now: number, lastSeen: number) =>
    newest(liveSecondFactors(facts, { now, lastSeen, authenticator: 'bound' }, general));

  it('counts for 24 hours at most, and for 1 hour without use (SES-01)', () => {
    assert.ok(live(24 * HOUR, 24 * HOUR - 1));
    assert.equal(live(24 * HOUR + 1, 24 * HOUR), undefined);
    assert.ok(live(5 * HOUR, 4 * HOUR));
    assert.equal(live(5 * HOUR + 1, 4 * HOUR), undefined);
  });

  it('is bound by max_age like the first, and is none where all has to be new (OID-07)', () => {
    const accepted = (params: object, now: number) =>
      acceptedSecondFactor(facts, requirement(params as never), now);
    assert.ok(accepted({ max_age: 60 }, 60_000));
    assert.equal(accepted({ max_age: 60 }, 60_001), undefined);
    assert.ok(accepted({}, 60_001));
    assert.equal(accepted({ prompt: 'login' }, 0), undefined);
  });

  it('and the first have one time when one interaction proved both, and their own otherwise (G.3, OID-07)', () => {
    const times = (began: number, ended: number) =>
      provedTogether([{ method: 'pwd', at: 1000 }], began, ended).map(({ at }) => at);
    assert.deepEqual(times(1000, 9000), [9000]);
    assert.deepEqual(times(1001, 9000), [1000]);
  });

  it('counts while its authenticator is bound, and not where none is named (BND-08, lesson 15)', () => {
    const nameless = [{ method: 'sms', at: 0 }];
    for (const authenticator of ['another', undefined])
      for (const proved of [facts, nameless])
        assert.deepEqual(liveSecondFactors(proved, { now: 1, lastSeen: 1, authenticator }, general), []);
  });
});

describe('the decision', () => {
  const never = async () => false;
  const quiet = async () => [];
  const judge = (params: object, more: object, circumstances: object = {}) =>
    decide({
      requirement: requirement(params as never, more),
      second: undefined,
      trusted: never,
      risk: quiet,
      ...circumstances,
    });

  it('lets nothing stand in for a factor that was demanded (SES-05)', async () => {
    const trusted = { trusted: async () => true };
    assert.equal((await judge({ acr_values: 'urn:mfa' }, {}, trusted)).outcome, 'asked');
    assert.equal((await judge({}, { minimum: 'mfa' }, trusted)).outcome, 'asked');
    assert.equal((await judge({ prompt: 'login' }, {}, trusted)).outcome, 'asked');
    assert.equal((await judge({}, {}, trusted)).outcome, 'skipped');
  });

  it('asks at the first sign of anything unusual, and for nothing where nobody asks', async () => {
    assert.equal((await judge({}, { mfa: 'risk' })).outcome, 'skipped');
    assert.equal(
      (await judge({}, { mfa: 'risk' }, { risk: async () => [{ reason: 'x' }] })).outcome,
      'asked',
    );
    assert.equal((await judge({}, { mfa: 'requested' })).outcome, 'skipped');
    assert.equal((await judge({}, {})).outcome, 'asked');
  });
});
