import { randomUUID } from 'node:crypto';
import { equalText } from '../../../equal-text.ts';
import type {
  Network,
  Refusal,
  SimChange,
  SimMessage,
  SimReply,
  SimRequest,
  StandIn,
} from '../../stand-in.ts';

/*
 * INVENTED. Nothing of this is known of any vendor: no specification of SMSLINK, Mico SMS or T-Macss is public. It is a
 * plain shape that lets their configurations be tried before the contract documents are at hand:
 *
 *     POST /messages or /calls   Authorization: Bearer …   { requestId, phone, text }
 *       202 { requestId }   409 { requestId, error: "duplicate" }   4xx { requestId, error }
 *     later, to the configured address:
 *       { requestId, result: "delivered" | "undelivered", reason? }                            for an SMS
 *       { requestId, result: "answered" | "busy" | "noanswer" | "failed", playedTimes }        for a call
 */

const AT_ONCE: readonly Refusal[] = ['unknown-number', 'throttled'];
const ERRORS: Partial<Record<Refusal, number>> = { 'unknown-number': 422, throttled: 429 };
const RESULTS: Partial<Record<SimChange['state'], string>> = {
  completed: 'answered',
  busy: 'busy',
  'no-answer': 'noanswer',
  undelivered: 'failed',
};

/** @param channel What the vendor does; its path follows from it. */
export function createNeutralStandIn(vendor: string, channel: 'sms' | 'voice'): StandIn {
  const credentials = { token: `simulated-${vendor}-token` };
  const path = channel === 'sms' ? '/messages' : '/calls';
  return {
    vendor,
    credentials,
    answer(request, network) {
      if (!equalText(request.headers.authorization ?? '', `Bearer ${credentials.token}`))
        return json(401, { error: 'unauthorized' });
      if (request.method !== 'POST' || request.path !== path) return json(404, { error: 'not-found' });
      return take(request, network, channel);
    },
    report(message, change, { webhook }) {
      const told = channel === 'sms' ? receiptOf(message, change) : resultOf(message, change);
      if (webhook === undefined || told === undefined) return undefined;
      return {
        method: 'POST',
        url: webhook,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(told),
      };
    },
  };
}

function take({ json: body }: SimRequest, network: Network, channel: 'sms' | 'voice'): SimReply {
  const { requestId, phone, text } = (body ?? {}) as Record<string, unknown>;
  const whole = [requestId, phone, text].every((field) => typeof field === 'string' && field !== '');
  if (!whole || !/^0\d{9,10}$/.test(String(phone))) return json(422, { requestId, error: 'invalid' });
  const reference = String(requestId);
  if (network.find({ reference })) return json(409, { requestId, error: 'duplicate' });
  const to = `+81${String(phone).slice(1)}`;
  const submitted = network.submit(
    { vendorId: randomUUID(), channel, to, from: 'invented', text: String(text), reference },
    AT_ONCE,
  );
  if (submitted.taken) return json(202, { requestId });
  const refused = json(ERRORS[submitted.refusal] ?? 400, { requestId, error: submitted.refusal });
  return submitted.refusal === 'throttled' ? { ...refused, headers: { 'retry-after': '5' } } : refused;
}

function receiptOf({ reference: requestId }: SimMessage, { state, reason }: SimChange): object | undefined {
  if (state !== 'delivered' && state !== 'undelivered') return undefined;
  return { requestId, result: state, ...(reason ? { reason } : {}) };
}

/** One notification, when the call is over. */
function resultOf({ reference: requestId }: SimMessage, { state }: SimChange): object | undefined {
  const result = RESULTS[state];
  if (result === undefined) return undefined;
  return { requestId, result, playedTimes: result === 'answered' ? 2 : 0 };
}

const json = (status: number, body: unknown): SimReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
