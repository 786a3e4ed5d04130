import type { GatewayEvent, SendOutcome } from '../../ports/gateway.ts';
import type { HttpAnswer } from '../wire/client.ts';
import { byStatus, rejected, retryAfterOf } from '../wire/outcome.ts';
import { classOf, codeOf } from './errors.ts';
import { callOf, dateOf, receiptOf } from './events.ts';

interface Body {
  sid?: unknown;
  status?: unknown;
  code?: unknown;
  error_code?: unknown;
  date_updated?: unknown;
}

const bodyOf = (answer: HttpAnswer): Body => {
  const body = answer.json();
  return typeof body === 'object' && body !== null ? body : {};
};

/** SIDs are letters and digits; what else a broken answer holds is no name for a message. */
const sidOf = ({ sid }: Body): string | undefined =>
  typeof sid === 'string' && /^[A-Z]{2}\w{1,60}$/.test(sid) ? sid : undefined;

/**
 * What became of a request to send or to call. Without a SID nobody knows, whatever the status says; a message can also be
 * taken and have failed in the same breath.
 */
export function sendOutcomeOf(answer: HttpAnswer): SendOutcome {
  const body = bodyOf(answer);
  if (answer.status < 200 || answer.status > 299) return refusalOf(answer, body);
  const sid = sidOf(body);
  if (sid === undefined) return byStatus(answer);
  if (body.status !== 'failed' && body.status !== 'undelivered')
    return { outcome: 'accepted', vendorId: sid };
  const code = codeOf(body.error_code);
  return rejected(classOf(code) ?? 'unknown', code);
}

/** Twilio's own number decides where it means something to us, otherwise the HTTP status. */
function refusalOf(answer: HttpAnswer, body: Body): SendOutcome {
  const judged = byStatus(answer);
  const code = codeOf(body.code);
  if (judged.outcome !== 'rejected' || code === undefined) return judged;
  return rejected(classOf(code) ?? judged.class, code, judged.retryAfter ?? retryAfterOf(answer.headers));
}

/** What an answer to a question says about a message or a call. */
export function newsOf(answer: HttpAnswer, channel: 'sms' | 'voice', now: number): GatewayEvent[] {
  if (answer.status !== 200) return [];
  const body = bodyOf(answer);
  const sid = sidOf(body);
  if (sid === undefined || typeof body.status !== 'string') return [];
  const told = { sid, status: body.status, errorCode: body.error_code, at: dateOf(body.date_updated, now) };
  const event = channel === 'sms' ? receiptOf(told) : callOf(told);
  return event ? [event] : [];
}
