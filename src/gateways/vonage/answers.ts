import type { SendOutcome } from '../../ports/gateway.ts';
import type { HttpAnswer } from '../wire/client.ts';
import { byStatus, rejected, retryAfterOf } from '../wire/outcome.ts';
import { classOf, codeOf } from './errors.ts';
import { nameOf } from './events.ts';

/**
 * What became of a request to send or to call. Without a name for the message nobody knows, whatever the status says.
 *
 * @param field Where the answer names the message: `message_uuid`, or `uuid` for a call.
 */
export function sendOutcomeOf(answer: HttpAnswer, field: 'message_uuid' | 'uuid'): SendOutcome {
  const body = answer.json();
  if (answer.status < 200 || answer.status > 299) return refusalOf(answer, body);
  const vendorId = nameOf((body as Record<string, unknown> | null | undefined)?.[field]);
  return vendorId === undefined ? byStatus(answer) : { outcome: 'accepted', vendorId };
}

/** Vonage's own number decides where it means something to us, otherwise the HTTP status. */
function refusalOf(answer: HttpAnswer, body: unknown): SendOutcome {
  const judged = byStatus(answer);
  const code = codeOf(body);
  if (judged.outcome !== 'rejected' || code === undefined) return judged;
  return rejected(classOf(code) ?? judged.class, code, judged.retryAfter ?? retryAfterOf(answer.headers));
}
