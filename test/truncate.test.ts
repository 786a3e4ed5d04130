import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { truncate } from '../src/truncate.ts';
import { blank, committedFiles, read } from './support/source-text.ts';

const FAMILY = '👨‍👩‍👧';

/** Text of people, and what only broken programs send. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 120 }),
  fc.string({ unit: 'binary', maxLength: 120 }),
  fc
    .array(
      fc.constantFrom(
        'a',
        '漢',
        '😀',
        FAMILY,
        '🇯🇵',
        'é',
        'が',
        '\ud83d',
        '\ude00',
        '\u200d',
        '\u0301',
        'न्दी',
      ),
      {
        maxLength: 120,
      },
    )
    .map((parts) => parts.join('')),
);

describe('cutting people’s text (lesson 33)', () => {
  it('never leaves half a character, whatever the text and the room', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 130 }), (whole, max) => {
        const cut = truncate(whole, max);
        assert.ok(cut.isWellFormed());
        assert.ok(cut.length <= max);
        assert.ok(whole.toWellFormed().startsWith(cut));
      }),
      { numRuns: 500 },
    );
  });

  it('ends where a reader sees the end of a character', () => {
    const segments = (all: string) =>
      [...new Intl.Segmenter('und').segment(all)].map(({ segment }) => segment);
    fc.assert(
      fc.property(text, fc.integer({ min: 30, max: 130 }), (whole, max) => {
        const all = segments(whole.toWellFormed());
        fc.pre(all.every((segment) => segment.length <= max));
        const cut = truncate(whole, max);
        assert.deepEqual(segments(cut), all.slice(0, segments(cut).length));
        const next = all[segments(cut).length];
        assert.ok(next === undefined || cut.length + next.length > max, 'cut too early');
      }),
      { numRuns: 500 },
    );
  });

  it('keeps what fits, and cuts an emoji, a family, a flag and an accent as a whole', () => {
    assert.equal(truncate('花子', 80), '花子');
    assert.equal(truncate(`${'a'.repeat(79)}😀`, 80), 'a'.repeat(79));
    assert.equal(truncate(`ab${FAMILY}`, 9), 'ab');
    assert.equal(truncate('ab🇯🇵', 5), 'ab');
    assert.equal(truncate('e\u0301e\u0301', 3), 'e\u0301');
    assert.equal(truncate(`e${'\u0301'.repeat(100)}`, 5), `e${'\u0301'.repeat(4)}`);
    assert.equal(truncate('😀', 1), '');
  });

  it('is done by this function alone: no name, login or text is cut at an index', () => {
    const cutting = committedFiles()
      .filter((path) => /^src\/.*\.ts$/.test(path) && !/^src\/(simulator|testing)\//.test(path))
      .flatMap((path) =>
        blank(read(path), { strings: false })
          .split('\n')
          .filter((line) => /\.(?:slice\(0, \d{2,}\)|substring\(|substr\()/.test(line))
          .map((line) => `${path}: ${line.trim()}`),
      )
      .filter((line) => !OF_OURS.some((known) => line.includes(known)));
    assert.deepEqual(cutting, []);
  });
});

/** Cuts of what is ASCII by how it was made: digests, dates, words of letters and digits, language tags. */
const OF_OURS = [
  "hash('sha256', text, 'base64url').slice(0, 22)",
  ".digest('hex').slice(0, 16)",
  ".digest('hex').slice(0, 32)",
  ').slice(0, 12)',

  'toISOString().slice(0, 10)',
  'toISOString().slice(0, 19)',
  'iso.slice(0, 10)',
  'src/texts.ts',
  'src/gateways/wire/outcome.ts',
  'src/gateways/wire/exchange.ts',
];
