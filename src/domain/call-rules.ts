import type { Problem } from '../errors.ts';
import { contentProblems } from './content-rules.ts';
import { composeCall, spokenCode, type Wording } from './wording.ts';

const DIGITS = [...'0123456789'];
/** Gateways end a call by then (GWY-08). Seconds. */
const LONGEST_CALL = 60;
/** Of that, what may pass at most until a key is pressed. */
const LONGEST_WAY_IN = 40;
/** Silence in it: after picking up, between the invitations, and until the key. */
const SILENCE = 8;
/** Gateways read a code a little more slowly than the rest. */
const SLOWED = 0.9;

/**
 * Looks at what all calls of a language are put together from: a digit that says nothing, or the same as another, loses a
 * code.
 */
export function sharedProblems(wording: Wording): Problem[] {
  const { texts, locale } = wording;
  const field = (key: string) => `texts.${locale}.${key}`;
  const sentences: Record<string, (wording: Wording) => string> = {
    'call.invitation': (one) => composeCall(one).invitation,
    'call.farewell': (one) => composeCall(one).farewell,
    'call.expired': () => texts.say(locale, 'call.expired'),
  };
  return [
    ...digitProblems(wording),
    ...Object.entries(sentences).flatMap(([key, compose]) => [
      ...(/\p{L}/u.test(compose(wording))
        ? []
        : [{ field: field(key), reason: 'says nothing', fix: 'Write what is to be said' }]),
      ...contentProblems(field(key), wording, compose),
      ...sentenceProblems(field(key), wording, compose(wording)),
    ]),
  ];
}

/** The invitation is said twice, and the others take the place of the code. */
function sentenceProblems(field: string, { locale }: Wording, text: string): Problem[] {
  const most = field.endsWith('.invitation') ? (LONGEST_WAY_IN - SILENCE) / 2 : LONGEST_CALL - LONGEST_WAY_IN;
  if (secondsOf(text) <= most) return [];
  return [
    {
      field,
      reason: `takes about ${Math.ceil(secondsOf(text))} seconds to say, where ${most} may pass (GWY-08)`,
      fix: `Shorten it, or the name of the service (brand.names.${locale})`,
    },
  ];
}

function digitProblems(wording: Wording): Problem[] {
  const { texts, locale } = wording;
  const fix = 'Write how a voice says it, apart from all others (GWY-08)';
  const field = (key: string) => `texts.${locale}.voice.${key}`;
  const say = (digit: string) => texts.say(locale, `voice.digit.${digit}`);
  const heard = (digit: string) => say(digit).normalize('NFKC').trim().toLowerCase();
  const pause = texts.say(locale, 'voice.pause');
  return [
    ...contentProblems(field('pause'), wording, () => pause),
    ...(pause === '' ? [{ field: field('pause'), reason: 'keeps no digits apart', fix }] : []),
    ...DIGITS.flatMap((digit, at) => {
      const other = DIGITS.slice(0, at).find((one) => heard(one) === heard(digit));
      const silent = !/[\p{L}\p{N}]/u.test(say(digit));
      const reason = silent ? 'says nothing' : other && `says the same as voice.digit.${other}`;
      return [
        ...contentProblems(field(`digit.${digit}`), wording, () => say(digit)),
        ...(reason ? [{ field: field(`digit.${digit}`), reason, fix }] : []),
      ];
    }),
  ];
}

/**
 * Looks at what a call says after a key was pressed: the code twice, nothing that filters hold back, and all of it before the
 * call is ended, with the code that takes the longest.
 */
export function callProblems(field: string, wording: Wording): Problem[] {
  const slowest = { ...wording, code: slowestDigit(wording).repeat(wording.code.length) };
  const { text, invitation } = composeCall(slowest);
  const wayIn = 2 * secondsOf(invitation) + SILENCE;
  const whole = wayIn + secondsOf(text) / SLOWED;
  const twice = text.split(spokenCode(slowest)).length > 2;
  const names = `texts.${wording.locale}.call.invitation or the name of the service (brand.names.${wording.locale})`;
  return [
    ...contentProblems(field, wording, (one) => composeCall(one).text),
    ...(twice
      ? []
      : [{ field, reason: 'does not read the code twice (GWY-08)', fix: 'Put {code} into it twice' }]),
    // An invitation that is too long is told of by itself.
    ...(whole <= LONGEST_CALL || wayIn > LONGEST_WAY_IN
      ? []
      : [
          {
            field,
            reason: `makes a call of about ${Math.ceil(whole)} seconds, with the invitation and the longest code twice each, where ${LONGEST_CALL} end it (GWY-08)`,
            fix: `Shorten it, ${names}`,
          },
        ]),
  ];
}

function slowestDigit(wording: Wording): string {
  const took = (code: string) => secondsOf(spokenCode({ ...wording, code }));
  return DIGITS.reduce((a, b) => (took(b) > took(a) ? b : a));
}

const WIDE = /\p{sc=Han}|\p{sc=Hiragana}|\p{sc=Katakana}|\p{sc=Hangul}|ー/u;

/** About how long a voice takes: what 160 words of English a minute are, and seven or eight morae of Japanese a second. */
function secondsOf(text: string): number {
  const milliseconds = [...text].map((sign) => (/\p{P}/u.test(sign) ? 200 : WIDE.test(sign) ? 165 : 65));
  return milliseconds.reduce((sum, one) => sum + one, 0) / 1000;
}
