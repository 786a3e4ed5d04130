import type { Problem } from '../errors.ts';
import type { Wording } from './wording.ts';

/** An address with a scheme, however it is spaced, `www.`, the address of a machine, and what a phone makes a call of. */
const LINK =
  /:\s*\/\s*\/|\bhttps?\s*:|\b(?:tel|mailto|sms|smsto|facetime):|www\.|\b\d{1,3}(?:\.\d{1,3}){3}\b/iu;
/** A dot with a word right behind it ends a host name in some language or other. `e.g.` and `2.0` end none. */
const HOST = /(?<!\.)\.\p{L}[\p{L}\p{M}]/u;
const DIGIT = '[\\p{Nd}〇零一二三四五六七八九]';
const digits = (least: number) =>
  new RegExp(`${DIGIT}(?:[\\s().・/-]{0,3}${DIGIT}){${least - 1},}|[#*]\\p{Nd}{3}`, 'u');
/** Digits in whatever groups, or a code to dial. No text needs so many: a code is no part of what is looked at. */
const NUMBER = digits(5);
/** A name may be a number, but no whole telephone number. */
const NUMBER_IN_NAME = digits(8);
/** Stands where the name of the service does while such are looked for. */
const SOME_NAME = 'X';

/**
 * Filters of carriers hold back what has a link or a telephone number in it, and so does a person who was taught well. The
 * name of the service may look like a host or a short number, so these are looked for with another name in its place.
 *
 * @param compose Makes the text, here without a code.
 */
export function contentProblems(
  field: string,
  wording: Wording,
  compose: (wording: Wording) => string,
): Problem[] {
  const codeless = { ...wording, code: '' };
  const text = plainly(compose(codeless));
  const words = plainly(compose({ ...codeless, service: SOME_NAME }));
  const found = /\{\w+\}/.exec(words)?.[0];
  const problem = (reason: string, fix: string): Problem[] => [{ field, reason, fix }];
  return [
    ...(LINK.test(text) || HOST.test(words)
      ? problem(
          'holds a link',
          'Take it out: filters hold such messages back (OTP-17). Where a sentence ends, write a space or 。 after it',
        )
      : []),
    ...(NUMBER.test(words) || NUMBER_IN_NAME.test(text)
      ? problem(
          'holds a telephone number',
          'Take it out of the text, or of the name of the service: filters hold back whatever has five digits in a row',
        )
      : []),
    ...(found
      ? problem(`holds ${found}, which nothing is filled in for`, 'Correct the spelling, or take it out')
      : []),
  ];
}

/**
 * One way to write what looks alike: full-width letters and digits, and every sign that stands for the dash of a telephone
 * number, the one that makes a vowel long and the minus included.
 */
const plainly = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Pd}\u2043\u2212\u2500\u2501\u30fc]/gu, '-');
