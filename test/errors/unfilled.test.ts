import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unfilled } from '../../src/errors/unfilled.ts';
import { ConfigurationError } from '../../src/errors.ts';
import { createHttpGateway } from '../../src/gateways/http.ts';
import { createEmailNotifier } from '../../src/notifiers/email.ts';
import { GATEWAYS, makeGateway } from '../support/made-gateways.ts';

const curly = (name: string) => `$\{${name}}`;
const UNFILLED = [
  ...[
    '$TWILIO_TOKEN',
    curly('TWILIO_TOKEN'),
    curly('token:-x'),
    '$(cat token)',
    '%TWILIO_TOKEN%',
    '{{ token }}',
    '{SECRET}',
  ],
  ...['<API key>', '<your token>', 'your-api-key', 'YOUR_AUTH_TOKEN', 'your-api-key-here', 'changeme'],
  ...['change-me', 'ReplaceMe', 'TODO', 'xxxxxxxx', '********', '...'],
  ...['s3cret-value\n', 's3cret-value\r\n', ' s3cret-value', 's3cret-value '],
];
const SECRETS = [
  ...[
    'password',
    'secret',
    'token',
    'key',
    '$ecret',
    '$2b$10$abcdefghijklmnop',
    `a${curly('b')}`,
    `${curly('a')}b`,
    'a%b%c',
  ],
  ...[
    '100%sure%',
    '<<x>>',
    'a<b>c',
    'p<a>',
    'your',
    'yourtown9',
    'changeme2026!',
    'xx',
    'x'.repeat(24).concat('y'),
  ],
  ...['with a blank inside', '0123456789abcdef0123456789abcdef', '{"json":1}', 'パスワード', '$', '%', '<>'],
];

describe('a secret that was never filled in', () => {
  for (const secret of UNFILLED) {
    it(`is told from one that was: ${JSON.stringify(secret)}`, () => {
      const wrong = unfilled(secret);
      assert.ok(wrong);
      assert.ok(wrong.fix.length > 10);
    });
  }

  it('is never seen in what may be a secret: only the whole value counts', () => {
    for (const secret of SECRETS) assert.equal(unfilled(secret), undefined, secret);
  });

  const send = { url: 'https://sms.vendor.example/', fields: { to: '{{to}}' }, success: { status: 200 } };
  const http = (more: object) => () => createHttpGateway({ send, ...more });
  const made = (type: string, more: object) => () => makeGateway(type, { ...GATEWAYS[type]![0], ...more });
  const vendorAuth = (secret: string, password = secret) => [{ type: 'basic', username: 'us', password }];
  /** Every place that takes a secret, as a word of it: the field, and who reads it. */
  const PLACES: readonly [field: string, make: (secret: string) => () => unknown][] = [
    ['gateway twilio.authToken', (authToken) => made('twilio', { authToken })],
    ['gateway twilio.authToken.1', (old) => made('twilio', { authToken: ['new-token', old] })],
    ['gateway vonage.signatureSecret', (signatureSecret) => made('vonage', { signatureSecret })],
    ['gateway infobip.apiKey', (apiKey) => made('infobip', { apiKey })],
    ['gateway aws.secretAccessKey', (one) => made('aws', { accessKeyId: 'AKIA', secretAccessKey: one })],
    ['gateway karaden.token', (token) => made('karaden', { token })],
    ['gateway zettai-reach.token', (token) => made('zettai-reach', { token })],
    ['gateway smpp.password', (password) => made('smpp', { password })],
    ['gateway http.auth.0.password', (secret) => http({ auth: vendorAuth(secret) })],
    ['gateway http.auth.0.token', (token) => http({ auth: [{ type: 'bearer', token }] })],
    ['gateway http.auth.0.values.key', (key) => http({ auth: [{ type: 'query', values: { key } }] })],
    [
      'gateway http.authToken',
      (authToken) => () => createHttpGateway({ preset: 'xoxzo', sid: 'sid', authToken, sender: 'MIRAI' }),
    ],
    [
      'notifier email.password',
      (password) => () =>
        createEmailNotifier({ host: 'mail.example', from: 'a@b.example', user: 'u', password }),
    ],
  ];
  for (const [field, make] of PLACES) {
    it(`is refused as ${field}, which says how one is given, and quotes nothing (LOG-02)`, () => {
      for (const secret of [curly('MY_CANARY'), '<canary>', 'canary-0123456789-0123456789\n']) {
        assert.throws(make(secret), (error: Error) => {
          assert.ok(error instanceof ConfigurationError, String(error));
          assert.deepEqual(
            error.problems.map((problem) => problem.field),
            [field],
          );
          assert.match(
            error.message,
            secret.startsWith('canary') ? /line break/ : /"env": "NAME".*process\.env/,
          );
          assert.ok(!/canary/i.test(error.message));
          return true;
        });
      }
    });
  }

  it('is no private key that ends in a line break, as all of them do', async () => {
    await made('vonage', {})().close?.();
  });
});
