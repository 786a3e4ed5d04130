import type { GatewayContext, OutboundMessage, SendOutcome } from '../../ports/gateway.ts';
import type { HttpCall } from '../wire/client.ts';
import { outcomeOf, rejected } from '../wire/outcome.ts';
import { readAnswer } from './answer.ts';
import type { Clients } from './clients.ts';
import { minutesOf } from './dates.ts';
import { writeRequest } from './encode.ts';
import type { HttpGatewaySettings } from './schema.ts';
import { Unwritable } from './template.ts';
import { sendValues, type Writing } from './values.ts';

/** Hands a message to the vendor. What cannot be written is refused before anything leaves. */
export async function send(
  settings: HttpGatewaySettings,
  clients: Clients,
  writing: Writing,
  message: OutboundMessage,
  { now, signal }: GatewayContext,
): Promise<SendOutcome> {
  if (!settings.channels.includes(message.channel)) return rejected('permanent', 'channel');
  // A vendor that cannot ask would be told nothing, or all of it (lesson 25).
  const mustAsk = message.channel === 'voice' && settings.webhook?.answer !== undefined;
  if (mustAsk && message.call?.answerUrl === undefined) return rejected('permanent', 'no_answer_url');
  const request = (message.channel === 'voice' ? settings.voice : undefined) ?? settings.send;
  let call: HttpCall;
  try {
    const whole = { ...request, url: clients.resolve(request.url) };
    const values = sendValues(message, now, writing);
    call = writeRequest(whole, settings.auth, values, minutesOf(settings.timeOffset));
  } catch (error) {
    return rejected('permanent', error instanceof Unwritable ? error.code : 'unwritable');
  }
  const transported = await clients.call({ ...call, signal });
  return outcomeOf(transported, (answer) => readAnswer(answer, request, message));
}
