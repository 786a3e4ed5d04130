import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { blind, deriveCode, MalformedCode, readCode } from '../../src/domain/code.ts';
import { createKeyRing } from '../../src/domain/keys.ts';

const { otp } = createKeyRing([randomBytes(32).toString('base64url')]).current;
const seed = (challengeId: string, generation = 1, binding = 'x') => ({ challengeId, generation, binding });

describe('codes', () => {
  it('are uniform over all digits and positions, leading zeros kept (OTP-01)', () => {
    const total = 200_000;
    const counts = Array.from({ length: 6 }, () => Array<number>(10).fill(0));
    for (let at = 0; at < total; at += 1) {
      const code = deriveCode(otp, seed(`challenge ${at}`), 6);
      assert.equal(code.length, 6);
      for (let position = 0; position < 6; position += 1) counts[position]![Number(code[position])]! += 1;
    }
    for (const digits of counts) {
      const expected = total / 10;
      const chi = digits.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      assert.ok(chi < 33.7, `chi-square ${chi} with 9 degrees of freedom, p < 0.0001`);
    }
    const zeros = counts[0]![0]! / total;
    assert.ok(Math.abs(zeros - 0.1) < 0.005, `share of codes with a leading zero is ${zeros}`);
  });

  it('follow from nothing but key, challenge, generation and what they are bound to (OTP-07, OTP-10)', () => {
    const code = deriveCode(otp, seed('a'), 10);
    assert.equal(deriveCode(otp, seed('a'), 10), code);
    for (const other of [seed('b'), seed('a', 2), seed('a', 1, 'y')]) {
      assert.notEqual(deriveCode(otp, other, 10), code);
    }
    const elsewhere = createKeyRing([randomBytes(32).toString('base64url')]).current.otp;
    assert.notEqual(deriveCode(elsewhere, seed('a'), 10), code);
  });

  it('of successive generations do not predict each other (TXN-07)', () => {
    let same = 0;
    for (let at = 0; at < 20_000; at += 1) {
      const [a, b] = [deriveCode(otp, seed('s', at), 6), deriveCode(otp, seed('s', at + 1), 6)];
      same += [...a].filter((digit, position) => digit === b[position]).length;
    }
    assert.ok(Math.abs(same / 120_000 - 0.1) < 0.01);
  });

  it('are made without Math.random anywhere in the sources (OTP-01)', () => {
    const files = readdirSync('src', { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.name.endsWith('.ts'),
    );
    assert.ok(files.length > 30);
    for (const file of files) {
      assert.ok(!readFileSync(join(file.parentPath, file.name), 'utf8').includes('Math.random'), file.name);
    }
  });

  it('are compared as keyed digests of one length, whatever was typed (OTP-11)', () => {
    assert.equal(blind('123456'), blind('123456'));
    assert.notEqual(blind('123456'), blind('123457'));
    assert.equal(blind('1').length, blind('1234567890').length);
  });
});

describe('an entry', () => {
  it('may hold blanks, hyphens, full-width digits and what nobody sees (OTP-16, lesson 31)', () => {
    for (const entry of [
      '１２３ 456',
      '123-456',
      ' 123456\n',
      '123　456',
      '12 34 56',
      '１２３ー４５６',
      '123456',
      '\u2068123456\u2069',
      '123\u200b456',
    ]) {
      assert.equal(readCode(entry, 6), '123456', JSON.stringify(entry));
    }
  });

  it('that is no code says which way it is wrong (OTP-16, A11-13)', () => {
    const cases = {
      '': 'empty',
      '   ': 'empty',
      '12345a': 'not_digits',
      '1e5': 'not_digits',
      '0x1E240': 'not_digits',
      '12345': 'too_short',
      '1234567': 'too_long',
      '123456\u0000': 'not_digits',
      ['9'.repeat(500)]: 'too_long',
    };
    for (const [entry, malformation] of Object.entries(cases)) {
      assert.throws(
        () => readCode(entry, 6),
        (error) => error instanceof MalformedCode && error.malformation === malformation,
        JSON.stringify(entry),
      );
    }
  });
});
