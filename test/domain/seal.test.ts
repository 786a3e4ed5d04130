import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { createKeyRing } from '../../src/domain/keys.ts';
import { seal, unseal } from '../../src/domain/seal.ts';

const [old, current] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
const NUMBER = '+819012345678';

describe('a number at rest', () => {
  it('opens again, also after the secret was changed (PRV-01)', () => {
    const before = seal(createKeyRing([old]), NUMBER, 'phone alice');
    assert.equal(unseal(createKeyRing([current, old]), before, 'phone alice'), NUMBER);
    assert.throws(() => unseal(createKeyRing([current]), before, 'phone alice'), {
      code: 'store_unavailable',
    });
  });

  it('does not open for another account, or when a bit was changed (PRV-01)', () => {
    const ring = createKeyRing([current]);
    const sealed = seal(ring, NUMBER, 'phone alice');
    assert.throws(() => unseal(ring, sealed, 'phone bob'), { code: 'store_unavailable' });
    for (const at of [10, 20, 30, sealed.length - 3]) {
      const flipped = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
      assert.throws(() => unseal(ring, flipped, 'phone alice'), { code: 'store_unavailable' });
    }
    assert.throws(() => unseal(ring, 'nonsense', 'phone alice'), { code: 'store_unavailable' });
  });

  it('is never sealed the same way twice, and holds nothing of the number', () => {
    const ring = createKeyRing([current]);
    const [a, b] = [seal(ring, NUMBER, 'x'), seal(ring, NUMBER, 'x')];
    assert.notEqual(a, b);
    for (const form of [
      NUMBER,
      NUMBER.slice(1),
      Buffer.from(NUMBER).toString('hex'),
      Buffer.from(NUMBER).toString('base64url'),
    ]) {
      assert.ok(!a.includes(form));
    }
  });

  it('is not quoted in the error when it does not open (LOG-02)', () => {
    const ring = createKeyRing([current]);
    const sealed = seal(ring, NUMBER, 'phone alice');
    assert.throws(
      () => unseal(ring, sealed, 'phone bob'),
      (error: Error) => !error.message.includes(sealed) && !String(error.cause).includes(NUMBER),
    );
  });
});
