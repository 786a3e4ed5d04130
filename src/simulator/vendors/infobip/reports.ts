import { randomUUID } from 'node:crypto';
import { signHmac } from '../../../gateways/wire/schemes/hmac.ts';
import type { ReportHow, SimCallback, SimChange, SimInbound, SimMessage, SimReason } from '../../stand-in.ts';
import { statusBody } from './replies.ts';

type Seen = Pick<SimChange, 'state' | 'reason'> & { at: number };

const NO_ERROR = { groupId: 0, groupName: 'OK', id: 0, name: 'NO_ERROR', permanent: false };
const ERRORS: Readonly<Record<SimReason, { id: number; name: string; permanent: boolean }>> = {
  unreachable: { id: 27, name: 'EC_ABSENT_SUBSCRIBER', permanent: false },
  'unknown-number': { id: 1, name: 'EC_UNKNOWN_SUBSCRIBER', permanent: true },
  filtered: { id: 13, name: 'EC_CALL_BARRED', permanent: false },
  recycled: { id: 9, name: 'EC_ILLEGAL_SUBSCRIBER', permanent: true },
  'opted-out': { id: 2050, name: 'EC_DEST_ADDRESS_BLACKLISTED', permanent: true },
  throttled: { id: 1158, name: 'EC_NNR_networkCongestion', permanent: false },
};
const NETWORKS = { docomo: '44010', au: '44051', softbank: '44020', rakuten: '44011', other: '0' } as const;

function statusOf({ state, reason }: Seen) {
  if (state === 'undelivered')
    return statusBody(reason === 'filtered' ? 'refused-by-operator' : 'undelivered');
  if (state === 'delivered') return statusBody('delivered');
  return statusBody(state === 'sent' ? 'enroute' : 'accepted');
}

/** One entry of a receipt or a log, of a text message. */
export function messageResult(message: SimMessage, seen: Seen) {
  const { vendorId, to, from, reference, carrier, text } = message;
  const error = ERRORS[seen.reason ?? 'unreachable'];
  return {
    bulkId: `bulk-${vendorId}`,
    messageId: vendorId,
    to: to.slice(1),
    sender: from,
    sentAt: time(message.at),
    doneAt: time(seen.at),
    messageCount: Math.ceil(text.length / 67),
    mccMnc: NETWORKS[carrier],
    callbackData: reference,
    price: { pricePerMessage: 1, currency: 'JPY' },
    status: statusOf(seen),
    error:
      seen.state === 'undelivered'
        ? { groupId: 1, groupName: 'HANDSET_ERRORS', description: 'Simulated', ...error }
        : NO_ERROR,
  };
}

/** Whether a change is told: what is not the end is, where the message asked for it. */
export const isTold = ({ extra }: SimMessage, { state }: Pick<Seen, 'state'>): boolean =>
  state === 'delivered' || state === 'undelivered' || extra?.['intermediate'] === 'true';

const OUTCOMES: Partial<Record<SimChange['state'], readonly [id: number, name: string]>> = {
  completed: [5000, 'VOICE_ANSWERED'],
  busy: [5002, 'EC_VOICE_USER_BUSY'],
  'no-answer': [5003, 'EC_VOICE_NO_ANSWER'],
  undelivered: [5404, 'EC_VOICE_ERROR_DESTINATION_NOT_FOUND'],
};

/** One entry of a receipt or a log, of a call: there is none before it is over. */
export function callResult(message: SimMessage, { state, at }: Pick<Seen, 'state' | 'at'>) {
  const outcome = OUTCOMES[state];
  if (!outcome) return undefined;
  const { vendorId, to, from, reference, carrier, extra = {}, fate } = message;
  const detected = fate === 'machine' && extra['machineDetection'] !== undefined && state === 'completed';
  const [id, name] = detected ? [5001, 'VOICE_ANSWERED_MACHINE'] : outcome;
  const answered = state === 'completed';
  return {
    bulkId: `bulk-${vendorId}`,
    messageId: vendorId,
    to: to.slice(1),
    from,
    sentAt: time(message.at),
    doneAt: time(at),
    mccMnc: NETWORKS[carrier],
    callbackData: reference,
    voiceCall: {
      feature: extra['scenarioId'] ? 'Outbound IVR' : 'Text-to-Speech',
      duration: answered ? 20 : 0,
      dtmfCodes: null,
      ivr: extra['scenarioId']
        ? { scenarioId: extra['scenarioId'], collectedDtmfs: extra['collected'] ?? null, spokenInput: null }
        : null,
    },
    price: { pricePerSecond: 0.5, currency: 'JPY' },
    status: statusBody(answered ? 'delivered' : 'undelivered'),
    error: {
      groupId: answered ? 0 : 2,
      groupName: answered ? 'OK' : 'USER_ERRORS',
      id,
      name,
      permanent: true,
    },
  };
}

/** One entry of what a phone sent. */
export const inboundResult = ({ from, to, text }: SimInbound, now: number) => ({
  messageId: randomUUID(),
  from: from.slice(1),
  to: to.replace(/^\+/, ''),
  text,
  cleanText: text,
  keyword: '',
  receivedAt: time(now),
  smsCount: 1,
  callbackData: null,
});

/**
 * The webhook for one entry.
 *
 * @param own Address of the message: nothing is signed there. Without it, the address for all messages, signed.
 */
export function pushed(
  result: object,
  { webhook, signature }: ReportHow,
  { webhookSecret, webhookHeader }: { webhookSecret: string; webhookHeader: string },
  own?: string,
): SimCallback | undefined {
  const url = own ?? webhook;
  if (url === undefined) return undefined;
  const body = JSON.stringify({ results: [result], messageCount: 1, pendingMessageCount: 0 });
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (own === undefined && signature !== 'none') {
    const secret = signature === 'right' ? webhookSecret : 'another secret, which nobody was told of';
    headers[webhookHeader] = signHmac(
      secret,
      { template: '{body}', digest: 'sha256', encoding: 'hex' },
      { body, url, method: 'POST' },
    );
  }
  return { method: 'POST', url, headers, body };
}

/** `2018-06-25T13:38:14.730+0000` */
const time = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');
