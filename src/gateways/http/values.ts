import { isGsm7 } from '../../alphabet.ts';
import type { CallScript, OutboundMessage, RawWebhook, SentMessage } from '../../ports/gateway.ts';

import { type NumberForm, writeNumber } from './number.ts';
import { type Kinds, Unwritable, type Values } from './template.ts';

/** How a gateway writes numbers, and who sends unless a route says so. */
export interface Writing {
  number: NumberForm;
  country: string | undefined;
  sender: string | undefined;
}

/** Placeholders of a send. */
export const SEND_KINDS: Kinds = {
  to: 'text',
  text: 'text',
  id: 'text',
  sender: 'text',
  locale: 'text',
  language: 'text',
  webhookUrl: 'text',
  invitation: 'text',
  farewell: 'text',
  answerUrl: 'text',
  digits: 'text',
  expiresAt: 'time',
  provedAt: 'time',
  now: 'time',
  validity: 'seconds',
  gsm7: 'flag',
  ucs2: 'flag',
};

/** What the placeholders of a send stand for. */
export function sendValues(message: OutboundMessage, now: number, writing: Writing): Values {
  const { text, locale, call, expiresAt } = message;
  const gsm7 = isGsm7(text);
  return {
    to: numberIn(message.to, writing),
    ...{ text, id: message.id, locale, webhookUrl: message.webhookUrl },
    language: locale.split('-')[0],
    sender: message.sender ?? writing.sender,
    invitation: call?.invitation,
    farewell: call?.farewell,
    answerUrl: call?.answerUrl,
    // What names the code must not go out without it.
    digits: message.digits ?? { lacks: 'no_digits' },
    expiresAt: { time: expiresAt },
    provedAt: message.provedAt === undefined ? undefined : { time: message.provedAt },
    now: { time: now },
    validity: { seconds: Math.max(1, Math.floor((expiresAt - now) / 1000)) },
    gsm7: { flag: gsm7 },
    ucs2: { flag: !gsm7 },
  };
}

function numberIn(to: string, { number, country }: Writing): string {
  const written = writeNumber(to, number, country);
  if (written === undefined) throw new Unwritable('country');
  return written;
}

/** Placeholders of a poll. */
export const POLL_KINDS: Kinds = { to: 'text', id: 'text', vendorId: 'text', sentAt: 'time', now: 'time' };

/** What the placeholders of a poll stand for. */
export const pollValues = (message: SentMessage, now: number, writing: Writing): Values => ({
  to: writeNumber(message.to, writing.number, writing.country),
  id: message.id,
  vendorId: message.vendorId,
  sentAt: { time: message.sentAt },
  now: { time: now },
});

/** Placeholders of the answer to a vendor that asks what to say. */
export const ANSWER_KINDS: Kinds = {
  text: 'text',
  locale: 'text',
  language: 'text',
  farewell: 'text',
  answerUrl: 'text',
};
/** Before a key was pressed there is no `{{text}}`: a template that names it does not pass the settings. */
export const WAITING_KINDS: Kinds = Object.fromEntries(
  Object.entries(ANSWER_KINDS).filter(([name]) => name !== 'text'),
);

/** What the placeholders of an answer stand for. */
export const answerValues = (script: CallScript, request: Pick<RawWebhook, 'method' | 'url'>): Values => ({
  text: script.text,
  locale: script.locale,
  language: script.locale.split('-')[0],
  farewell: script.farewell,
  answerUrl: askedAddress(request),
});

/** The address as we gave it away: what a GET brings is appended to the one parameter that is ours. */
function askedAddress({ method, url }: Pick<RawWebhook, 'method' | 'url'>): string {
  const [ours] = url.searchParams;
  if (method !== 'GET' || ours === undefined) return url.href;
  return `${url.origin}${url.pathname}?${new URLSearchParams([ours])}`;
}
