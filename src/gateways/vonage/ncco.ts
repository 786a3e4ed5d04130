import type { Call, CallScript } from '../../ports/gateway.ts';
import { pick, regional } from '../wire/language.ts';
import { type Element, toXml } from '../wire/xml.ts';
import type { VonageSettings } from './settings.ts';

/** How Vonage is to speak. */
export type Speech = Pick<VonageSettings, 'styles' | 'premium' | 'ssml' | 'rate'>;

/** One action of a call control object. */
export type Action = Readonly<Record<string, unknown>>;

/** Seconds that a key is waited for after the invitation was said for the second time. */
const PATIENCE = 5;

/**
 * The call until a key is pressed: the invitation twice, then the farewell. It holds no code, so that an answering machine
 * records none (lesson 25); after a key, and also without one, Vonage asks `answerUrl` what to do.
 */
export function invite(
  { invitation, farewell }: Call,
  answerUrl: string,
  locale: string,
  speech: Speech,
): Action[] {
  const talk = talker(locale, speech);
  return [
    { ...talk(invitation), bargeIn: true },
    { ...talk(invitation, { pause: true }), bargeIn: true },
    {
      action: 'input',
      type: ['dtmf'],
      dtmf: { maxDigits: 1, timeOut: PATIENCE },
      eventUrl: [answerUrl],
      eventMethod: 'POST',
    },
    // Said where our answer does not come.
    talk(farewell),
  ];
}

/** After a key was pressed: the text with the code, more slowly. The composer says the code twice already (GWY-08). */
export const readOut = ({ text, locale }: CallScript, speech: Speech): Action[] => [
  talker(locale, speech)(text, { pause: true, rate: speech.rate }),
];

/** Nobody pressed a key. */
export const sayFarewell = ({ farewell, locale }: CallScript, speech: Speech): Action[] => [
  talker(locale, speech)(farewell),
];

function talker(locale: string, { styles, premium, ssml }: Speech) {
  const voice = {
    language: regional(locale),
    style: pick(styles, locale) ?? 0,
    ...(premium ? { premium } : {}),
  };
  return (text: string, how: { pause?: boolean; rate?: string } = {}): Action => ({
    action: 'talk',
    text: ssml ? spoken(text, how) : plain(text),
    ...voice,
  });
}

/** Always mark-up, so that a name such as `<speak>` cannot turn text into it (GWY-08). */
function spoken(
  text: string,
  { pause = false, rate = 'medium' }: { pause?: boolean; rate?: string },
): string {
  const words: (Element | string)[] =
    rate === 'medium' ? [text] : [{ name: 'prosody', attributes: { rate }, children: [text] }];
  const before: Element[] = pause ? [{ name: 'break', attributes: { time: '1s' } }] : [];
  return toXml({ name: 'speak', children: [...before, ...words] });
}

/** Text that cannot be taken for mark-up. */
const plain = (text: string): string => text.replace(/[<>]/g, ' ');
