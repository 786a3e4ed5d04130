import type { Problem } from '../errors.ts';
import type { Purpose } from '../events.ts';
import { type Options, serviceName } from '../options.ts';
import type { Texts } from '../texts.ts';
import { lengthFor, sizeOf } from './segments.ts';
import { composeCall, composeSms, type Ending, type Wording } from './wording.ts';

const PURPOSES: readonly Purpose[] = ['signin', 'stepup', 'bind', 'signup'];
/** No text with a telephone number has fewer digits in a row; a code is taken out before. */
const NUMBER = /\p{Nd}(?:[\s().・/-]{0,2}\p{Nd}){7,}/u;
/** An address with a scheme, `www.` or a path, and whatever a phone makes a call or a message of. */
const LINK = /[a-z][a-z\d+.-]*:\/\/|\b(?:tel|mailto|sms|smsto|facetime):|www\.|[\p{L}\d]\.[a-z]{2,}\//iu;
/** Ends of host names that phones make links of. Those that are words, such as `it` and `no`, are left out. */
const ENDINGS =
  'jp|com|net|org|info|biz|io|app|dev|ai|co|me|tv|cc|ly|gl|gg|xyz|top|vip|club|icu|cyou|shop|store|site|online|website|page|link|click|live|cloud|tech|bank|tokyo|example';
/** A host by itself. A name such as Example.com is none where it is the name of the service. */
const HOST = new RegExp(`[\\p{L}\\p{N}-]\\.(?:${ENDINGS})(?![a-z\\d-])`, 'iu');
/** Stands where the name of the service does while hosts are looked for. */
const SOME_NAME = 'X';
const APP_HASH = 'A'.repeat(11);

type Settings = Pick<
  Options,
  'issuer' | 'brand' | 'code' | 'sms' | 'routes' | 'gateways' | 'clients' | 'defaultClient'
>;

/**
 * Looks at every message there can be, with the widest code and our host: too long, a link or a telephone number in it, or
 * without its code is a mistake that is told at the start and not by a carrier (OTP-17).
 */
export function textProblems(settings: Settings, texts: Texts): Problem[] {
  const { code } = settings;
  // Zeros are as wide as any digit, and no telephone number begins with so many.
  const widest = '0'.repeat(code.length);
  return texts.locales.flatMap((locale) =>
    PURPOSES.flatMap((purpose) => {
      const wording = wordingFor(settings, texts, locale, purpose, widest);
      return [
        ...smsProblems(settings, wording, `texts.${locale}.sms.${purpose}`),
        ...callProblems(wording, `texts.${locale}.voice.${purpose}`),
      ];
    }),
  );
}

const wordingFor = (
  { brand, code }: Settings,
  texts: Texts,
  locale: string,
  purpose: Purpose,
  widest: string,
): Wording => ({
  ...{ texts, locale, purpose, code: widest, service: serviceName(brand, locale) },
  minutes: Math.floor(code.ttl / 60),
});

function smsProblems(settings: Settings, wording: Wording, field: string): Problem[] {
  const words = composeSms(wording, null);
  return [
    ...lengthProblem(settings, wording, field),
    ...contentProblems(wording, (one) => composeSms(one, null).replaceAll(one.code, ' '), field),
    ...(words.includes(wording.code)
      ? []
      : [{ field, reason: 'does not say the code', fix: 'Put {code} into it' }]),
  ];
}

function lengthProblem(settings: Settings, wording: Wording, field: string): Problem[] {
  const { sms, gateways } = settings;
  const texts = endingsOf(settings).map((ending) => composeSms(wording, ending));
  const sizes = texts.map(sizeOf);
  const size = sizes.reduce((a, b) => (b.segments > a.segments || b.units > a.units ? b : a));
  const fix = `Shorten the text or the name of the service (brand.names.${wording.locale}), switch sms.originLine off`;
  const long = 'with the longest code, the service name and what ends the message';
  const strict = gateways.flatMap(({ name, channels, maxUnits }) => {
    if (!channels.includes('sms') || maxUnits === undefined) return [];
    return texts.map((text) => ({ name, ...lengthFor(maxUnits, text) }));
  });
  const over = strict.find(({ units, most }) => units > most);
  if (over)
    return [
      {
        field,
        reason: `takes ${over.units}, more than the ${over.most} UTF-16 units of gateway ${over.name}, ${long}`,
        fix: `${fix}, or let the gateway take more where the contract with its vendor says so (long for mediasms, maxUnits for http)`,
      },
    ];
  if (size.segments <= sms.maxSegments) return [];
  const what = size.alphabet === 'gsm-7' ? 'characters' : 'UTF-16 units';
  const room = `${size.segments} segments, where ${sms.maxSegments} of ${size.single} may be used`;
  return [
    {
      field,
      reason: `takes ${size.units} ${what} ${long}: ${room}`,
      fix: `${fix}, or raise sms.maxSegments and pay for it`,
    },
  ];
}

/** All that a message can end with: our host where any route wants it, an app hash where any client has one, or nothing. */
function endingsOf({ issuer, sms, routes, clients, defaultClient }: Settings): Ending[] {
  const lines = [
    sms.originLine,
    ...routes.flatMap(({ via }) => via.map(({ originLine }) => originLine ?? sms.originLine)),
  ];
  const hashes = [defaultClient, ...Object.values(clients)].some(({ androidAppHash }) => androidAppHash);
  return [
    null,
    ...(lines.includes(true) ? [{ host: new URL(issuer).hostname }] : []),
    ...(hashes ? [{ appHash: APP_HASH }] : []),
  ];
}

function callProblems(wording: Wording, field: string): Problem[] {
  const call = composeCall(wording);
  const digits = call.text.split(wording.texts.say(wording.locale, 'voice.digit.0')).length - 1;
  return [
    ...contentProblems(wording, (one) => composeCall(one).text, field),
    ...(digits >= 2 * wording.code.length
      ? []
      : [{ field, reason: 'does not read the code twice (GWY-08)', fix: 'Put {code} into it twice' }]),
  ];
}

/**
 * Filters of carriers hold back what has a link or a telephone number in it, and so does a person who was taught well. The
 * name of the service may look like a host, so hosts are looked for with another name in its place.
 */
function contentProblems(wording: Wording, compose: (wording: Wording) => string, field: string): Problem[] {
  const text = plainly(compose(wording));
  const link = LINK.test(text) || HOST.test(plainly(compose({ ...wording, service: SOME_NAME })));
  return [
    ...(link
      ? [{ field, reason: 'holds a link', fix: 'Take it out: filters hold such messages back (OTP-17)' }]
      : []),
    ...(NUMBER.test(text)
      ? [{ field, reason: 'holds a telephone number', fix: 'Take it out: filters hold such messages back' }]
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
