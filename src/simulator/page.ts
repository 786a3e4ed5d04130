import type { RequestListener } from 'node:http';
import { fileURLToPath } from 'node:url';
import { createHandsetPage, type ShownMessage } from '../gateways/handset/page.ts';
import { loadTexts, type Texts } from '../texts.ts';
import type { Parts } from './simulator.ts';
import type { SimMessage } from './stand-in.ts';

const LOCALES = fileURLToPath(new URL('../../views/simulator/locales', import.meta.url));
/** What a person can look through. */
const MOST = 100;

/** The phones: what arrived, and what did not and never will, the newest first. The look is that of the handset. */
export function createPage({ book, pages }: Pick<Parts, 'book' | 'pages'>): RequestListener {
  const texts = loadTexts(LOCALES);
  return createHandsetPage(
    (lang) =>
      book
        .all()
        .filter((message) => outcomeOf(message) !== undefined)
        .slice(-MOST)
        .reverse()
        .map((message) => shown(message, texts, lang)),
    pages,
    // The person of the simulator has answered by the time that a call stands here.
    0,
  );
}

/** How it ended; undefined while that is open. */
function outcomeOf({ state, channel, arrivedAt, heard, fate }: SimMessage): string | undefined {
  if (arrivedAt !== null) return channel === 'sms' ? 'delivered' : 'answered';
  if (heard.length > 0) return fate === 'machine' ? 'machine' : 'hung-up';
  return ['undelivered', 'busy', 'no-answer'].includes(state) ? state : undefined;
}

function shown(message: SimMessage, texts: Texts, lang: string): ShownMessage {
  const { vendor, vendorId, channel, to, at, arrivedAt, reason } = message;
  const outcome = outcomeOf(message)!;
  const why = reason === undefined ? '' : texts.say(lang, `simulator.reason.${reason}`);
  const heard = message.heard.join('\n');
  const text = channel === 'voice' ? heard : arrivedAt === null ? '' : message.text;
  return {
    ...{ id: `${vendor} ${vendorId}`, to, channel, text, at: arrivedAt ?? at },
    locale: /[\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Han}]/u.test(text) ? 'ja' : 'en',
    code: channel === 'sms' ? (/(?:^|\n)@\S+ #(\w+)$/.exec(text)?.[1] ?? null) : null,
    note: [
      vendor,
      texts.say(lang, `simulator.channel.${channel}`),
      texts.say(lang, `simulator.state.${outcome}`, { reason: why }),
    ].join(' · '),
  };
}
