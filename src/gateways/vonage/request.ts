import type { OutboundMessage } from '../../ports/gateway.ts';
import { invite } from './ncco.ts';
import type { VonageSettings } from './settings.ts';

/** A call ends by then, whatever happens in it (GWY-08). Seconds. */
const LONGEST_CALL = 60;

/** Seconds; the shortest time to live that the Messages API documents (for RCS), and the longest. */
const TTL = { least: 300, most: 259_200 };

/** Vonage writes numbers without plus; sender names have none. */
const bare = (number: string | undefined): string | undefined => number?.replace(/^\+/, '');

/** The body that sends a text message. */
export function messageBody(message: OutboundMessage, settings: VonageSettings, now: number): object {
  const seconds = Math.ceil((message.expiresAt - now) / 1000);
  return {
    channel: 'sms',
    message_type: 'text',
    to: bare(message.to),
    from: bare(message.sender ?? settings.from),
    text: message.text,
    client_ref: message.id,
    ...(message.webhookUrl === undefined ? {} : { webhook_url: message.webhookUrl, webhook_version: 'v1' }),
    // A code that is dead helps nobody, so it had better not arrive.
    ...(settings.ttl ? { ttl: Math.min(Math.max(TTL.least, seconds), TTL.most) } : {}),
    sms: { encoding_type: settings.encoding },
  };
}

/** The body that makes a call; undefined where nothing can be asked after a key press, so that no call is made. */
export function callBody(message: OutboundMessage, settings: VonageSettings): object | undefined {
  const { call, locale, webhookUrl } = message;
  const from = bare(message.sender ?? settings.callFrom);
  if (call?.answerUrl === undefined) return undefined;
  return {
    to: [{ type: 'phone', number: bare(message.to) }],
    from: { type: 'phone', number: from },
    // Inline, so that no address of ours gives out what a call says.
    ncco: invite(call, call.answerUrl, locale, settings),
    ...(webhookUrl === undefined ? {} : { event_url: [webhookUrl], event_method: 'POST' }),
    ringing_timer: settings.ringFor,
    length_timer: LONGEST_CALL,
    ...(settings.machineDetection ? { machine_detection: 'hangup' } : {}),
  };
}
