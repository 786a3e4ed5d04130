import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ConfigurationError } from '../../src/errors.ts';
import { createVonageGateway } from '../../src/gateways/vonage.ts';
import { createVonageStandIn } from '../../src/simulator/vendors/vonage.ts';

const SECRET = 'canary-secret-3141';
const { applicationId, privateKey } = createVonageStandIn().credentials;
const good = {
  applicationId,
  privateKey,
  signatureSecret: SECRET,
  from: 'MIRAI',
  callFrom: '+815012345678',
};
const pem = (type: 'rsa' | 'ec') => {
  const pair =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 1024 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
};

/** Field and reason of everything that is wrong. */
function problemsOf(settings: unknown): [string, string][] {
  try {
    createVonageGateway(settings);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    const words = inspect(error);
    assert.ok(!words.includes(SECRET) && !words.includes('PRIVATE KEY'), 'no secret in an error (GWY-06)');
    for (const { fix } of error.problems) assert.ok(fix.length > 0);
    return error.problems.map(({ field, reason }) => [field, reason]);
  }
  return [];
}

describe('the settings of the Vonage gateway', () => {
  it('are few, and the rest is chosen', async () => {
    const gateway = createVonageGateway(good);
    assert.equal(gateway.name, 'vonage');
    assert.deepEqual(gateway.channels, ['sms', 'voice']);
    assert.equal(gateway.callGuard, 'key-press');
    assert.equal(gateway.maxUnits, 1000);
    assert.deepEqual(gateway.findings!({ production: true }), []);
    await gateway.close!();
  });

  it('say what it can do: without a caller there are no calls, without a sender no text messages', () => {
    const { callFrom, ...texts } = good;
    const { from, ...calls } = good;
    assert.deepEqual(createVonageGateway(texts).channels, ['sms']);
    assert.equal(createVonageGateway(texts).callGuard, undefined);
    assert.deepEqual(createVonageGateway(calls).channels, ['voice']);
    assert.ok(callFrom && from);
  });

  const application = { applicationId: undefined, privateKey: undefined };
  const key = { apiKey: 'abcd1234', apiSecret: SECRET };
  const WRONG: readonly [string, object, string, RegExp][] = [
    ['no signature secret', { signatureSecret: undefined }, 'signatureSecret', /^is missing$/],
    ['an application that is none', { applicationId: 'x' }, 'applicationId', /UUID/],
    ['an application without key', { privateKey: undefined }, 'privateKey', /is missing: .*belong together/],
    [
      'a key without application',
      { applicationId: undefined, callFrom: undefined },
      'applicationId',
      /together/,
    ],
    ['a key that is none', { privateKey: SECRET }, 'privateKey', /RSA private key of 2048 bits/],
    ['a key that is too short', { privateKey: pem('rsa') }, 'privateKey', /2048 bits/],
    ['a key of another kind', { privateKey: pem('ec') }, 'privateKey', /RSA/],
    ['half an API key', { apiKey: 'abcd1234' }, 'apiSecret', /belong together/],
    ['no login at all', { ...application, callFrom: undefined }, 'applicationId', /or apiKey and apiSecret/],
    ['calls without an application', { ...application, ...key }, 'callFrom', /needs an application/],
    ['no sender at all', { from: undefined, callFrom: undefined }, 'from', /is missing: set from/],
    ['a caller that is no number', { callFrom: 'MIRAI' }, 'callFrom', /E\.164/],
    ['an encoding that is none', { encoding: 'utf-8' }, 'encoding', /auto, unicode or text/],
    ['what is no setting', { signaturSecret: SECRET }, 'signaturSecret', /is not a setting/],
    ['an address without TLS', { baseUrl: 'http://api.nexmo.com' }, 'baseUrl', /https:/],
  ];
  for (const [what, changes, field, reason] of WRONG) {
    it(`refuse ${what}, and name ${field}`, () => {
      const problems = problemsOf({ ...good, ...changes });
      assert.equal(problems.length, 1, JSON.stringify(problems));
      assert.equal(problems[0]![0], `gateway vonage.${field}`);
      assert.match(problems[0]![1], reason);
    });
  }

  it('take a new secret and an old one, and are fatal in production where they allow http', () => {
    const gateway = createVonageGateway({ ...good, signatureSecret: [SECRET, 'old'], insecure: true });
    assert.deepEqual(
      gateway.findings!({ production: true }).map(({ severity }) => severity),
      ['fatal'],
    );
  });
});
