import type { OutboundMessage } from '../../ports/gateway.ts';
import type { InfobipSettings } from './settings.ts';
import { speechOf } from './speech.ts';

/** Where a message is posted, and what. */
export interface InfobipRequest {
  path: string;
  body: unknown;
}

/**
 * Writes a text message or a call. Our id is the vendor's `messageId` and its `callbackData`, so that receipts, logs and
 * inquiries all name it.
 *
 * @param now Milliseconds since the epoch.
 */
export function requestFor(message: OutboundMessage, settings: InfobipSettings, now: number): InfobipRequest {
  if (message.channel === 'sms') return smsRequest(message, settings, now);
  return settings.voice?.scenarios
    ? scenarioRequest(message, settings, now)
    : speechRequest(message, settings, now);
}

const destinationOf = ({ to, id }: OutboundMessage) => ({ to: to.slice(1), messageId: id });
const minutesLeft = ({ expiresAt }: OutboundMessage, now: number): number =>
  Math.max(1, Math.ceil((expiresAt - now) / 60_000));

/** The vendor's languages; whatever is not Japanese is spoken in English. */
const languageOf = ({ locale }: OutboundMessage): 'ja' | 'en' => (/^ja\b/i.test(locale) ? 'ja' : 'en');

/** With a notification profile the receipts go where the profile says, and signed. */
const reportTo = ({ webhookUrl }: OutboundMessage, { webhook }: InfobipSettings) =>
  webhook ? undefined : webhookUrl;

function smsRequest(message: OutboundMessage, settings: InfobipSettings, now: number): InfobipRequest {
  const url = reportTo(message, settings);
  const delivery = url === undefined ? {} : { delivery: { url, intermediateReport: true } };
  return {
    path: '/sms/3/messages',
    body: {
      messages: [
        {
          sender: message.sender ?? settings.sender,
          destinations: [destinationOf(message)],
          content: { text: message.text },
          options: { validityPeriod: { amount: minutesLeft(message, now), timeUnit: 'MINUTES' } },
          webhooks: { ...delivery, contentType: 'application/json', callbackData: message.id },
        },
      ],
    },
  };
}

/** What both kinds of calls say about themselves; 60 seconds end any of them (GWY-08). */
function callFields(message: OutboundMessage, settings: InfobipSettings, now: number) {
  const notifyUrl = reportTo(message, settings);
  return {
    from: message.sender ?? settings.voice!.from,
    destinations: [destinationOf(message)],
    ringTimeout: settings.voice!.ringTimeout,
    callTimeout: 60,
    validityPeriod: minutesLeft(message, now),
    callbackData: message.id,
    ...(notifyUrl === undefined ? {} : { notifyUrl }),
    notifyContentType: 'application/json',
    notifyContentVersion: 2,
  };
}

function scenarioRequest(message: OutboundMessage, settings: InfobipSettings, now: number): InfobipRequest {
  const { call, text } = message;
  return {
    path: '/voice/ivr/1/messages',
    body: {
      messages: [
        {
          scenarioId: settings.voice!.scenarios![languageOf(message)],
          ...callFields(message, settings, now),
          parameters: {
            invitation: speechOf(call?.invitation ?? ''),
            message: speechOf(text),
            farewell: speechOf(call?.farewell ?? ''),
          },
        },
      ],
    },
  };
}

/** Nobody can be asked for a key here, so the invitation, which asks for one, is left out. */
function speechRequest(message: OutboundMessage, settings: InfobipSettings, now: number): InfobipRequest {
  return {
    path: '/tts/3/advanced',
    body: {
      messages: [
        {
          ...callFields(message, settings, now),
          text: speechOf(message.text),
          language: languageOf(message),
          machineDetection: 'hangup',
        },
      ],
    },
  };
}
