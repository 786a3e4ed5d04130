import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { ConfigurationError } from '../../../../src/errors.ts';
import { ed25519Scheme, signEd25519 } from '../../../../src/gateways/wire/schemes/ed25519.ts';
import { type Subject, signed, withstands } from './attack-7.ts';

const TIME = 'telnyx-timestamp';
const KEYS = {
  new: generateKeyPairSync('ed25519'),
  old: generateKeyPairSync('ed25519'),
  other: generateKeyPairSync('ed25519'),
};
const raw = (key: ReturnType<typeof createPublicKey>) =>
  key.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
const scheme = ed25519Scheme({ publicKeys: [raw(KEYS.new.publicKey), raw(KEYS.old.publicKey)] });
const subject: Subject = {
  scheme,
  header: 'telnyx-signature-ed25519',
  body: '{"data":{"event_type":"message.finalized"}}',
  type: 'application/json',
  covers: { url: false, time: true, body: true },
  sign({ body, at }, secret) {
    const timestamp = String(Math.floor(at / 1000));
    return {
      'telnyx-signature-ed25519': signEd25519(KEYS[secret].privateKey, timestamp, body),
      [TIME]: timestamp,
    };
  },
};

describe('a webhook signed with Ed25519 (Telnyx)', () => {
  withstands(subject);

  it('is signed as its documentation describes', () => {
    const seed = Buffer.from(Array.from({ length: 32 }, (_, at) => at));
    const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
    const key = createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' });
    assert.equal(raw(createPublicKey(key)), 'A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=');
    assert.equal(
      signEd25519(key, '1700000000', subject.body),
      'LhN3MIGk9cmb3dnYnff5iMTHrW35qZFb7JZ12PHvgI0YnPxwMnMdtxhqDg6tu14XL6YM3QpsXZORwlzAJqAxCA==',
    );
  });

  it('covers its time stamp, which is digits (attack 7)', async () => {
    const request = await signed(subject);
    const value = request.headers[TIME] as string;
    for (const [other, reason] of [
      [undefined, 'missing'],
      [[value, value], 'mismatch'],
      [`${value}|`, 'mismatch'],
      [`0${value}`, 'mismatch'],
      [String(Number(value) + 1), 'mismatch'],
      ['', 'missing'],
    ] as const) {
      const auth = await scheme.verify({ ...request, headers: { ...request.headers, [TIME]: other } });
      assert.deepEqual(auth, { result: 'refused', reason }, String(other));
    }
  });

  it('proves nothing without a body, because the address is not signed (attack 7)', async () => {
    const auth = await scheme.verify(await signed(subject, { body: '' }));
    assert.deepEqual(auth, { result: 'refused', reason: 'mismatch' });
  });

  it('needs a public key, and quotes none that is wrong', () => {
    for (const wrong of ['', 'c2hvcnQ=', 'x'.repeat(44), raw(KEYS.new.publicKey).slice(4)]) {
      assert.throws(
        () => ed25519Scheme({ publicKeys: [wrong] }),
        (error: Error) =>
          error instanceof ConfigurationError && (wrong === '' || !error.message.includes(wrong)),
      );
    }
  });
});
