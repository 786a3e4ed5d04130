import type {
  SendTextMessageRequest,
  SendVoiceMessageRequest,
  VoiceId,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { XMLBuilder } from 'fast-xml-parser';
import type { OutboundMessage } from '../../ports/gateway.ts';
import type { AwsSettings } from './settings.ts';

/** Seconds that AWS takes for `TimeToLive`. */
const LEAST_SECONDS = 5;
const MOST_SECONDS = 259_200;

/** `SendTextMessage` for a message. */
export function textRequest(
  message: OutboundMessage,
  settings: AwsSettings,
  now: number,
): SendTextMessageRequest {
  return {
    ...commonOf(message, settings, now),
    OriginationIdentity: message.sender ?? settings.sender,
    MessageBody: message.text,
    MessageType: 'TRANSACTIONAL',
    MaxPrice: settings.maxPrice,
  };
}

/** `SendVoiceMessage` for a message. Nobody can be asked for a key press, so the invitation is not said. */
export function voiceRequest(
  message: OutboundMessage,
  settings: AwsSettings,
  now: number,
): SendVoiceMessageRequest {
  return {
    ...commonOf(message, settings, now),
    OriginationIdentity: message.sender ?? settings.voiceSender,
    MessageBody: ssml(message.text),
    MessageBodyTextType: 'SSML',
    VoiceId: voiceOf(message.locale, settings.voices),
    MaxPricePerMinute: settings.maxPricePerMinute,
  };
}

const commonOf = (
  { id, to, expiresAt }: OutboundMessage,
  { configurationSet, protectConfiguration }: AwsSettings,
  now: number,
) => ({
  DestinationPhoneNumber: to,
  ConfigurationSetName: configurationSet,
  ProtectConfigurationId: protectConfiguration,
  TimeToLive: Math.min(MOST_SECONDS, Math.max(LEAST_SECONDS, Math.floor((expiresAt - now) / 1000))),
  Context: { id },
});

const builder = new XMLBuilder({ ignoreAttributes: false, suppressEmptyNode: true });

/** A pause, because a phone is at the ear only a second after it was picked up; then the text, as text (GWY-08). */
function ssml(text: string): string {
  // XML cannot hold other control characters, not even escaped.
  const speakable = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, ' ');
  return builder.build({ speak: { break: { '@_time': '1s' }, p: speakable } });
}

/** A voice that speaks the language, from the Polly voices that `SendVoiceMessage` takes. */
const VOICES: Readonly<Record<string, VoiceId>> = {
  ja: 'MIZUKI',
  en: 'JOANNA',
  de: 'VICKI',
  es: 'LUCIA',
  fr: 'LEA',
  it: 'BIANCA',
  ko: 'SEOYEON',
  pt: 'CAMILA',
  zh: 'ZHIYU',
};

function voiceOf(locale: string, chosen: Readonly<Record<string, string>>): VoiceId {
  const language = locale.split('-')[0]!.toLowerCase();
  const own = Object.hasOwn(chosen, language) ? chosen[language] : undefined;
  const known = Object.hasOwn(VOICES, language) ? VOICES[language] : undefined;
  return (own as VoiceId | undefined) ?? known ?? 'JOANNA';
}
