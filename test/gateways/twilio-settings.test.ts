import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ConfigurationError } from '../../src/errors.ts';
import { createTwilioGateway } from '../../src/gateways/twilio.ts';

const SECRET = 'canary-secret-3141';
const good = {
  accountSid: `AC${'0'.repeat(32)}`,
  authToken: SECRET,
  from: '+815012345678',
  callFrom: '+815012345678',
};

/** Field and reason of everything that is wrong. */
function problemsOf(settings: unknown): [string, string][] {
  try {
    createTwilioGateway(settings);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    assert.ok(!inspect(error).includes(SECRET), 'no secret in an error (GWY-06)');
    for (const { fix } of error.problems) assert.ok(fix.length > 0);
    return error.problems.map(({ field, reason }) => [field, reason]);
  }
  return [];
}

describe('the settings of the Twilio gateway', () => {
  it('are few, and the rest is chosen', async () => {
    const gateway = createTwilioGateway(good);
    assert.equal(gateway.name, 'twilio');
    assert.deepEqual(gateway.channels, ['sms', 'voice']);
    assert.equal(gateway.callGuard, 'key-press');
    assert.equal(gateway.maxUnits, 1600);
    await gateway.close!();
  });

  it('say what it can do: without a caller there are no calls, without a sender no text messages', () => {
    const { callFrom, ...texts } = good;
    const { from, ...calls } = good;
    assert.deepEqual(createTwilioGateway(texts).channels, ['sms']);
    assert.equal(createTwilioGateway(texts).callGuard, undefined);
    assert.deepEqual(createTwilioGateway(calls).channels, ['voice']);
    assert.equal(createTwilioGateway(calls).maxUnits, undefined);
    assert.ok(callFrom && from);
  });

  const WRONG: readonly [string, object, string, RegExp][] = [
    ['no account', { accountSid: undefined }, 'accountSid', /^is missing$/],
    ['an account that is none', { accountSid: 'AC12' }, 'accountSid', /AC and 32 hexadecimal digits/],
    ['no token', { authToken: undefined }, 'authToken', /^is missing$/],
    ['three tokens', { authToken: [SECRET, SECRET, SECRET] }, 'authToken', /list of the new one and the old/],
    [
      'half an API key',
      { apiKeySecret: SECRET },
      'apiKeySid',
      /is missing: an API key is a SID and a secret/,
    ],
    ['the other half', { apiKeySid: `SK${'0'.repeat(32)}` }, 'apiKeySecret', /is missing/],
    ['two senders', { messagingServiceSid: `MG${'0'.repeat(32)}` }, 'messagingServiceSid', /set one of them/],
    ['no sender at all', { from: undefined, callFrom: undefined }, 'from', /is missing: set from/],
    ['a sender that is none', { from: 'sender with a long name' }, 'from', /sender name of up to 11/],
    ['a caller that is no number', { callFrom: 'MIRAI' }, 'callFrom', /E\.164/],
    ['a retention that is none', { contentRetention: 'forget' }, 'contentRetention', /retain or discard/],
    ['a voice that is mark-up', { voices: { ja: '"/><Dial>' } }, 'voices.ja', /must be a voice/],
    ['a long ring', { ringFor: 600 }, 'ringFor', /60/],
    ['what is no setting', { autToken: SECRET }, 'autToken', /is not a setting/],
    ['an address without TLS', { baseUrl: 'http://api.twilio.com' }, 'baseUrl', /https:/],
    [
      'an address with a password',
      { baseUrl: `https://u:${SECRET}@api.twilio.com` },
      'baseUrl',
      /credentials/,
    ],
  ];
  for (const [what, changes, field, reason] of WRONG) {
    it(`refuse ${what}, and name ${field}`, () => {
      const problems = problemsOf({ ...good, ...changes });
      assert.equal(problems.length, 1);
      assert.equal(problems[0]![0], `gateway twilio.${field}`);
      assert.match(problems[0]![1], reason);
    });
  }

  it('warn of what Twilio keeps, until it keeps nothing', () => {
    const found = (own: object) => createTwilioGateway({ ...good, ...own }).findings!({ production: true });
    const [finding, ...more] = found({});
    assert.equal(finding?.severity, 'warning');
    assert.match(finding?.fix ?? '', /Message Redaction/);
    assert.equal(more.length, 0);
    assert.equal(found({ contentRetention: 'discard' }).length, 1);
    assert.deepEqual(found({ contentRetention: 'discard', addressRetention: 'obfuscate' }), []);
    assert.deepEqual(found({ from: undefined }), []);
    assert.equal(found({ insecure: true })[0]?.severity, 'fatal');
  });
});
