import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import calculator from 'sms-segments-calculator';
import { lengthFor, sizeOf } from '../../src/domain/segments.ts';

describe('the size of an SMS', () => {
  const cases: [string, string, number][] = [
    ['70 Japanese characters', 'あ'.repeat(70), 1],
    ['71', 'あ'.repeat(71), 2],
    ['134', 'あ'.repeat(134), 2],
    ['135', 'あ'.repeat(135), 3],
    ['660', 'あ'.repeat(660), 10],
    ['80 euro signs, which cost two septets each', '€'.repeat(80), 1],
    ['81 euro signs', '€'.repeat(81), 2],
    ['35 emoji, which are two units each', '😀'.repeat(35), 1],
    ['36 emoji', '😀'.repeat(36), 2],
    ['160 plain letters', 'a'.repeat(160), 1],
    ['161 plain letters', 'a'.repeat(161), 2],
    ['half-width kana, which are not in the GSM alphabet', 'ｱ'.repeat(71), 2],
    ['nothing', '', 1],
  ];
  for (const [what, text, segments] of cases) {
    it(`is ${segments} for ${what}`, () => assert.equal(sizeOf(text).segments, segments));
  }

  it('is what another implementation counts', () => {
    const character = fc.oneof(
      fc.constantFrom(...'aZ0 @£_\n^{}\\[~]|€éñü', 'あ', '漢', '😀', '’', 'ç', 'Ç'),
      fc.string({ minLength: 1, maxLength: 1 }),
    );
    const { SegmentedMessage } = calculator;
    fc.assert(
      fc.property(fc.array(character, { minLength: 1, maxLength: 400 }), (characters) => {
        const text = characters.join('').replace(/\r/g, '');
        fc.pre(text !== '');
        const other = new SegmentedMessage(text, 'auto', false);
        const ours = sizeOf(text);
        assert.equal(ours.alphabet, other.encodingName === 'GSM-7' ? 'gsm-7' : 'ucs-2');
        assert.equal(ours.segments, other.segmentsCount);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the length of an SMS as a vendor counts it', () => {
  const limit = { ascii: 140, other: 70, lineBreak: 2 };

  it('has another limit as soon as one character is not ASCII, be it half as wide', () => {
    for (const [text, units, most] of [
      ['', 0, 140],
      ['a'.repeat(141), 141, 140],
      [`${'a'.repeat(70)}é`, 71, 70],
      ['ｱ', 1, 70],
      ['😀', 2, 70],
      ['a\n\nb', 6, 140],
      ['あ\n\nb', 6, 70],
    ] as const)
      assert.deepEqual(lengthFor(limit, text), { units, most }, text);
  });

  it('is UTF-16 units where the vendor has one limit', () => {
    assert.deepEqual(lengthFor(660, 'あ\n😀'), { units: 4, most: 660 });
    assert.deepEqual(lengthFor({ ascii: 9, other: 5 }, 'a\nb'), { units: 3, most: 9 });
  });
});
