import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { basicScheme, headerScheme, signBasic } from '../../../../src/gateways/wire/schemes/shared-secret.ts';
import { type Subject, signed, withstands } from './attack-7.ts';

const SECRETS = { new: 'new-secret', old: 'old-secret', other: 'other-secret' };
const passwords = [SECRETS.new, SECRETS.old];
const shape = {
  body: '{"results":[]}',
  type: 'application/json',
  covers: { url: false, time: false, body: false },
};

describe('HTTP Basic', () => {
  const subject: Subject = {
    ...shape,
    scheme: basicScheme({ user: 'infobip', passwords }),
    header: 'authorization',
    sign: (_unsigned, secret) => ({ authorization: signBasic('infobip', SECRETS[secret]) }),
  };
  withstands(subject);

  it('is name and password as RFC 7617 writes them', async () => {
    assert.equal(signBasic('Aladdin', 'open sesame'), 'Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
    const request = await signed(subject);
    const given = (authorization: string) =>
      subject.scheme.verify({ ...request, headers: { authorization } });
    assert.equal((await given(signBasic('infobip', SECRETS.new).replace('Basic', 'basic'))).result, 'ok');
    for (const other of [
      signBasic('other', SECRETS.new),
      signBasic('infobip', ''),
      signBasic('', SECRETS.new),
      signBasic('infobip', SECRETS.new).replace('Basic', 'Bearer'),
      'Basic',
      'Basic ',
      SECRETS.new,
    ]) {
      assert.equal((await given(other)).result, 'refused', other);
    }
  });
});

describe('a header with a secret', () => {
  withstands({
    ...shape,
    scheme: headerScheme({ name: 'x-webhook-key', values: passwords }),
    header: 'x-webhook-key',
    sign: (_unsigned, secret) => ({ 'x-webhook-key': SECRETS[secret] }),
  });

  it('that was configured with no secret accepts nobody', async () => {
    const none = headerScheme({ name: 'x-webhook-key', values: [] });
    const auth = await none.verify({
      ...{ method: 'POST', url: new URL('https://op.example/'), body: new Uint8Array(), receivedAt: 0 },
      headers: { 'x-webhook-key': 'undefined' },
    });
    assert.deepEqual(auth, { result: 'refused', reason: 'mismatch' });
  });
});
