import type { Call, CallScript } from '../../ports/gateway.ts';
import { pick, regional } from '../wire/language.ts';
import { type Element, toXmlDocument } from '../wire/xml.ts';

/** How Twilio is to speak. */
export interface Speech {
  /** Voice by language tag, or by language alone. */
  voices: Readonly<Record<string, string>>;
  /** Per cent of the usual speed, for the text that holds the code. */
  rate: number;
}

/** Seconds that a key is waited for after the invitation was said for the second time. */
const PATIENCE = 5;

/**
 * The call until a key is pressed: the invitation twice, then the farewell. It holds no code, so that an answering machine
 * records none (lesson 25); after a key, Twilio asks `answerUrl` what to say.
 */
export function invite(
  { invitation, farewell }: Call,
  answerUrl: string,
  locale: string,
  speech: Speech,
): string {
  const say = sayer(locale, speech);
  const gather: Element = {
    name: 'Gather',
    attributes: {
      action: answerUrl,
      method: 'POST',
      input: 'dtmf',
      numDigits: 1,
      // Nothing: the hash is a key like the others, and not the end of an empty input.
      finishOnKey: '',
      timeout: PATIENCE,
    },
    children: [say(invitation), pause(2), say(invitation)],
  };
  return respond([gather, say(farewell), hangUp]);
}

/** After a key was pressed: the text with the code, more slowly. The composer says the code twice already (GWY-08). */
export const readOut = ({ text, locale }: CallScript, speech: Speech): string =>
  respond([pause(1), sayer(locale, speech)(text, speech.rate), hangUp]);

/** Nobody pressed a key. */
export const sayFarewell = ({ farewell, locale }: CallScript, speech: Speech): string =>
  respond([sayer(locale, speech)(farewell), hangUp]);

/** What Twilio gets where it asks for TwiML and there is nothing to do. */
export const NOTHING = toXmlDocument({ name: 'Response' });

const respond = (children: Element[]): string => toXmlDocument({ name: 'Response', children });
const pause = (length: number): Element => ({ name: 'Pause', attributes: { length } });
const hangUp: Element = { name: 'Hangup' };

function sayer(locale: string, { voices }: Speech) {
  const voice = pick(voices, locale);
  const attributes = { ...(voice ? { voice } : {}), language: regional(locale) };
  return (text: string, rate = 100): Element => ({
    name: 'Say',
    attributes,
    // Only these voices are known to take SSML; any other would read the mark-up, or fail.
    children:
      rate !== 100 && voice !== undefined && /^(Polly|Google)\./.test(voice)
        ? [{ name: 'prosody', attributes: { rate: `${rate}%` }, children: [text] }]
        : [text],
  });
}
