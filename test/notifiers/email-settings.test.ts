import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigurationError } from '../../src/errors.ts';
import { createEmailNotifier } from '../../src/notifiers/email.ts';
import { makeCertificate } from './mail-server.ts';

const GOOD = { host: 'mail.example', from: 'no-reply@id.example' };
const BROKEN = '-----BEGIN CERTIFICATE-----\ncanary\n-----END CERTIFICATE-----';

/** Fields that are named, after a look that no value is (GWY-06). */
function refused(settings: unknown): string[] {
  let found: string[] = [];
  assert.throws(
    () => createEmailNotifier(settings),
    (error: unknown) => {
      assert.ok(error instanceof ConfigurationError);
      assert.doesNotMatch(error.message, /canary/);
      for (const { reason, fix } of error.problems) assert.ok(reason && fix);
      found = error.problems.map(({ field }) => field.replace('notifier email.', ''));
      return true;
    },
  );
  return found;
}

describe('settings of the e-mail notifier', () => {
  it('need a server and a sender, and say so', () => {
    for (const nothing of [undefined, null, {}]) assert.deepEqual(refused(nothing), ['host', 'from']);
    assert.equal(createEmailNotifier(GOOD).name, 'email');
  });

  const wrong: [settings: object, field: string][] = [
    [{ host: 'https://canary.example' }, 'host'],
    [{ host: 'canary.example\r\nRCPT' }, 'host'],
    [{ port: 0 }, 'port'],
    [{ port: '25' }, 'port'],
    [{ tls: 'none' }, 'tls'],
    [{ tls: false }, 'tls'],
    [{ ca: 'canary' }, 'ca'],
    [{ ca: BROKEN }, 'ca'],
    [{ ca: `${makeCertificate().cert}${BROKEN}` }, 'ca'],
    [{ user: 'canary' }, 'password'],
    [{ password: 'canary' }, 'user'],
    [{ user: 'canary', password: '' }, 'password'],
    [{ user: 'canary', password: 12345678 }, 'password'],
    [{ from: 'canary' }, 'from'],
    [{ from: 'canary <a@id.example>' }, 'from'],
    [{ from: 'a@id.example\r\nBcc: canary@id.example' }, 'from'],
    [{ fromName: 'canary\r\nBcc: b@id.example' }, 'fromName'],
    [{ fromName: 'canary\u202e' }, 'fromName'],
    [{ connectTimeout: 3001 }, 'connectTimeout'],
    [{ totalTimeout: 8001 }, 'totalTimeout'],
    [{ insecure: 'yes' }, 'insecure'],
    [{ insecure: true }, 'insecure'],
    [{ insecure: true, host: '128.0.0.1' }, 'insecure'],
    [{ insecure: true, host: '127.evil.example' }, 'insecure'],
    [{ requireTLS: false }, 'requireTLS'],
    [{ rejectUnauthorized: false }, 'rejectUnauthorized'],
    [{ channels: ['sms'] }, 'channels'],
  ];
  for (const [settings, field] of wrong) {
    it(`are refused at ${field} for ${JSON.stringify(settings).slice(0, 60)}, without a value (GWY-06)`, () => {
      assert.deepEqual(refused({ ...GOOD, ...settings }), [field]);
    });
  }

  it('take every certificate of a bundle', () => {
    const ca = `# ours\n${makeCertificate().cert}\n${makeCertificate().cert}`;
    assert.equal(createEmailNotifier({ ...GOOD, ca }).name, 'email');
  });

  it('permit clear text to this machine only', () => {
    for (const host of ['localhost', '127.0.0.1', '127.9.9.9', '::1'])
      assert.equal(createEmailNotifier({ ...GOOD, host, insecure: true }).name, 'email');
  });
});
