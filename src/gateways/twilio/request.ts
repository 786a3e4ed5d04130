import type { OutboundMessage } from '../../ports/gateway.ts';
import type { TwilioSettings } from './settings.ts';
import { invite } from './twiml.ts';

/** Longest that Twilio lets a message wait: ten hours. */
const LONGEST_WAIT = 36_000;

/** A call ends by then, whatever happens in it (GWY-08). Seconds. */
const LONGEST_CALL = 60;

/** The form that sends a text message. */
export function messageForm(
  message: OutboundMessage,
  settings: TwilioSettings,
  now: number,
): URLSearchParams {
  const { riskCheck, contentRetention, addressRetention } = settings;
  const seconds = Math.ceil((message.expiresAt - now) / 1000);
  return formOf({
    To: message.to,
    ...senderOf(message.sender ?? settings.messagingServiceSid ?? settings.from),
    Body: message.text,
    StatusCallback: message.webhookUrl,
    // A code that is dead helps nobody, so it had better not arrive.
    ValidityPeriod: String(Math.min(Math.max(1, seconds), LONGEST_WAIT)),
    RiskCheck: riskCheck,
    ContentRetention: contentRetention,
    AddressRetention: addressRetention,
  });
}

/** A route may name a Messaging Service as well as a number. */
const senderOf = (sender: string | undefined): Record<string, string | undefined> =>
  /^MG[0-9a-f]{32}$/i.test(sender ?? '') ? { MessagingServiceSid: sender } : { From: sender };

/** The form that makes a call; undefined where nothing can be asked after a key press, so that no call is made. */
export function callForm(message: OutboundMessage, settings: TwilioSettings): URLSearchParams | undefined {
  const { call, locale } = message;
  if (call?.answerUrl === undefined) return undefined;
  const form = formOf({
    To: message.to,
    From: message.sender ?? settings.callFrom,
    // Inline, so that no address of ours gives out what a call says.
    Twiml: invite(call, call.answerUrl, locale, settings),
    Timeout: String(settings.ringFor),
    TimeLimit: String(LONGEST_CALL),
    StatusCallback: message.webhookUrl,
  });
  if (message.webhookUrl !== undefined) {
    form.set('StatusCallbackMethod', 'POST');
    for (const event of ['ringing', 'answered', 'completed']) form.append('StatusCallbackEvent', event);
  }
  return form;
}

function formOf(fields: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.set(name, value);
  return form;
}
