import type { Purpose } from '../events.ts';
import type { Texts } from '../texts.ts';
import { truncate } from '../truncate.ts';

/** What a message is made from. Nothing of it comes from a request (attack 13). */
export interface Wording {
  texts: Pick<Texts, 'say'>;
  locale: string;
  purpose: Purpose;
  code: string;
  /** Name of the service. */
  service: string;
  /** Minutes a code lives. */
  minutes: number;
}

/** What an SMS ends with: the line that binds the code to our host, the hash of an Android app, or nothing. */
export type Ending = { host: string } | { appHash: string } | null;

/**
 * The text of an SMS (OTP-17). The origin-bound line makes a phone offer the code on no other site; its format is that of
 * the WICG, so it is the last line, and the name of the service can hold nothing that looks like it.
 */
export function composeSms(wording: Wording, ending: Ending): string {
  const words = say(wording, 'sms', wording.code);
  if (ending === null) return words;
  return 'host' in ending ? `${words}\n\n@${ending.host} #${wording.code}` : `${words}\n\n${ending.appHash}`;
}

/**
 * What a call says: an invitation until a key is pressed, then the text with the code digit by digit, twice (GWY-08). In
 * Japanese the digits are kana, because a voice reads 4 as "shi" and 12 as a number otherwise.
 */
export function composeCall(wording: Wording): { text: string; invitation: string; farewell: string } {
  const { texts, locale } = wording;
  return {
    text: say(wording, 'voice', spokenCode(wording)),
    invitation: texts.say(locale, 'call.invitation', { service: plain(wording.service) }),
    farewell: texts.say(locale, 'call.farewell'),
  };
}

/** The code as a call says it, digit by digit. */
export const spokenCode = ({ texts, locale, code }: Pick<Wording, 'texts' | 'locale' | 'code'>): string =>
  [...code].map((digit) => texts.say(locale, `voice.digit.${digit}`)).join(texts.say(locale, 'voice.pause'));

const say = ({ texts, locale, purpose, service, minutes }: Wording, kind: 'sms' | 'voice', code: string) =>
  texts.say(locale, `${kind}.${purpose}`, { service: plain(service), minutes, code });

/** A name without line breaks, controls, direction marks and the signs an origin-bound line starts with (attack 13). */
function plain(name: string): string {
  const clean = name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}@#]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return truncate(clean, 40);
}
