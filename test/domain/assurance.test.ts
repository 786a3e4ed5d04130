import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { deriveAssurance, readRequirement } from '../../src/domain/assurance.ts';
import { decide } from '../../src/domain/decision.ts';
import {
  acceptedFacts,
  type Fact,
  isSecondFactor,
  liveFacts,
  provedTogether,
} from '../../src/domain/factors.ts';

const acr = { mfa: 'urn:mfa', sfa: 'urn:sfa' };
const general = { acr, maxAge: 86_400, idle: 3600 };
const policy = { mfa: 'always' as const, minimum: 'sfa' as const, alwaysAsk: false };
const requirement = (params: Record<string, unknown>, more = {}) =>
  readRequirement(params, { ...policy, ...more }, general, ['urn:host']);
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
    const wanted = (claims: string, more = {}) => requirement({ claims, ...more }).essential;
    assert.equal(wanted(essential({ values: ['urn:x'] })), 'none');
    assert.equal(wanted(essential({ value: 'urn:x' }), { acr_values: 'urn:mfa' }), 'none');
    assert.equal(wanted(essential({ values: ['urn:x', 'urn:mfa'] })), 'ours');
    assert.equal(wanted(essential({ values: ['urn:x', 'urn:host'] })), 'host');
    assert.equal(wanted('{broken', { acr_values: 'urn:x' }), undefined);
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
  const wanted = { acr, requested: [] };

  it('never claim more than was proved, whatever a trusted browser or a low risk says (SES-05, RST-06, OTP-18)', () => {
    const fact = fc.record({
      method: fc.constantFrom('pwd', 'sms', 'tel'),
      at: fc.integer({ min: 0, max: 10 * HOUR }),
    });
    fc.assert(
      fc.property(fc.array(fact), (more) => {
        const facts: Fact[] = [{ method: 'pwd', at: 0 }, ...more];
        const codes = facts.filter(({ method }) => method !== 'pwd').map(({ at }) => at);
        const derived = deriveAssurance(facts, wanted);
        assert.equal(derived.acr, codes.length > 0 ? 'urn:mfa' : 'urn:sfa');
        assert.equal(derived.amr.includes('mfa'), codes.length > 0);
        for (const method of ['hwk', 'swk', 'pop', 'phr', 'phrh']) assert.ok(!derived.amr.includes(method));
        assert.ok(derived.authTime <= Math.max(0, ...codes) / 1000);
      }),
    );
  });

  it('answer a request for one factor with one factor', () => {
    const facts = [
      { method: 'pwd', at: 0 },
      { method: 'sms', at: 0 },
    ];
    assert.equal(deriveAssurance(facts, { acr, requested: ['urn:sfa'] }).acr, 'urn:sfa');
  });

  const key = { method: 'hwk', at: 0, authenticator: 'key' };
  const verified = { ...key, userVerified: true as const, userPresent: true as const };
  const facts: Record<string, Fact> = {
    ...{ pwd: { method: 'pwd', at: 0 }, sms: { method: 'sms', at: 0 }, hwk: key, verified },
    ...{ otp: { method: 'otp', at: 0, authenticator: 'app' }, face: { method: 'face', at: 0 } },
    ...{
      stale: { ...verified, stale: true },
      named: { method: 'hwk', at: 0 },
      user: { method: 'user', at: 0 },
    },
    ...{ unknown: { method: 'urn:host:card', at: 0 } },
  };
  for (const [names, amr] of [
    ['pwd', ['pwd']],
    ['pwd sms', ['pwd', 'sms', 'mfa']],
    ['pwd otp', ['pwd', 'otp', 'mfa']],
    ['unknown sms', ['urn:host:card', 'sms', 'mfa']],
    ['verified', ['hwk', 'user', 'mfa']],
    ['verified sms', ['hwk', 'user', 'sms', 'mfa']],
    ['stale', ['hwk', 'user']],
    ['stale sms', ['hwk', 'user', 'sms', 'mfa']],
    ['hwk', ['hwk']],
    ['hwk sms', ['hwk', 'sms']],
    ['otp sms', ['otp', 'sms']],
    ['hwk face', ['hwk', 'face', 'mfa']],
    ['pwd face', ['pwd', 'face']],
    ['pwd named', ['pwd', 'hwk']],
    ['named user sms', ['hwk', 'user', 'sms']],
  ] as const) {
    it(`of ${names} are two factors only where two kinds were proved (OID-01, RST-02)`, () => {
      const derived = deriveAssurance(
        names.split(' ').map((name) => facts[name]!),
        wanted,
      );
      assert.deepEqual(derived.amr, amr);
      assert.equal(derived.acr, amr.includes('mfa' as never) ? 'urn:mfa' : 'urn:sfa');
    });
  }

  it('have the time of the pair that holds longest (OID-07)', () => {
    const time = (...some: Fact[]) => deriveAssurance(some, wanted).authTime;
    const [pwd, sms] = [facts['pwd']!, { method: 'sms', at: 20_000 }];
    assert.equal(time(pwd, sms), 0);
    assert.equal(time({ ...verified, at: 9000 }, sms, pwd), 9);
    assert.equal(time({ ...verified, at: 30_000 }, pwd), 30);
    assert.equal(time({ ...key, at: 5000 }, sms), 5);
  });
});

describe('a second factor', () => {
  const facts = [{ method: 'sms', at: 0, authenticator: 'bound' }];
  const ofHost = new Set(['key']);
  const live = (now: number, lastSeen: number) =>
    liveFacts(facts, { now, lastSeen, phone: 'bound', ofHost }, general)[0];

  it('counts for 24 hours at most, and for 1 hour without use (SES-01)', () => {
    assert.ok(live(24 * HOUR, 24 * HOUR - 1));
    assert.equal(live(24 * HOUR + 1, 24 * HOUR), undefined);
    assert.ok(live(5 * HOUR, 4 * HOUR));
    assert.equal(live(5 * HOUR + 1, 4 * HOUR), undefined);
  });

  it('is bound by max_age like the first, and is none where all has to be new (OID-07)', () => {
    const accepted = (params: object, now: number) =>
      acceptedFacts(facts, requirement(params as never), now)[0];
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
    for (const phone of ['another', undefined])
      for (const proved of [facts, nameless])
        assert.deepEqual(liveFacts(proved, { now: 1, lastSeen: 1, phone, ofHost }, general), []);
  });

  const key: Fact = { method: 'hwk', at: 0, authenticator: 'key', userVerified: true };
  const pwd: Fact = { method: 'pwd', at: 0 };
  const present = { now: 1, lastSeen: 1, phone: undefined, ofHost };

  it('of the host counts while the host lists it, and ends the session that rests on it alone (BND-08, RST-02)', () => {
    const without = { ...present, ofHost: new Set(['other']) };
    assert.deepEqual(liveFacts([pwd, key], present, general), [pwd, key]);
    assert.deepEqual(liveFacts([pwd, key], without, general), [pwd]);
    assert.deepEqual(liveFacts([key], without, general), []);
  });

  it('of the host grows as old as a code, and is then what the session began with, if nothing else is (SES-01)', () => {
    const idle = { ...present, now: 2 * HOUR, lastSeen: HOUR - 1 };
    assert.deepEqual(liveFacts([pwd, key], idle, general), [pwd]);
    const [began] = liveFacts([key], idle, general);
    assert.equal(began!.stale, true);
    assert.equal(isSecondFactor(began!), false);
    const again = { ...present, now: 2 * HOUR, lastSeen: 2 * HOUR };
    assert.equal(liveFacts([began!], again, general)[0]!.stale, true, 'and stays that');
  });
});

describe('the decision', () => {
  const never = async () => false;
  const quiet = async () => [];
  const judge = (params: object, more: object, circumstances: object = {}) =>
    decide({
      requirement: requirement(params as never, more),
      facts: [{ method: 'pwd', at: 0 }],
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

  it('knows that a code by phone does not make two factors of a key (OID-01)', async () => {
    const held = { facts: [{ method: 'hwk', at: 0, authenticator: 'key' }] };
    assert.equal((await judge({ acr_values: 'urn:mfa' }, {}, held)).outcome, 'unmet');
    assert.equal((await judge({}, {}, held)).outcome, 'asked');
  });
});
