import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { signSns } from '../../../gateways/wire/schemes/sns.ts';
import type { ReportHow, SimCallback, SimChange, SimMessage } from '../../stand-in.ts';
import { PUBLIC_TEST_KEY } from './public-test-key.ts';

/** Where the certificate for the signatures lies, below the vendor. */
export const CERTIFICATE_PATH = '/SimpleNotificationService-00000000000000000000000000000000.pem';

/**
 * What SNS posts to a subscriber.
 *
 * @param origin Address of this vendor, for the certificate.
 */
export function notification(
  content: unknown,
  { topicArn, origin }: { topicArn: string; origin: string },
  { signature, webhook, now }: ReportHow,
): SimCallback | undefined {
  if (webhook === undefined) return undefined;
  const told = {
    Type: 'Notification' as const,
    MessageId: randomUUID(),
    TopicArn: topicArn,
    Message: JSON.stringify(content),
    Timestamp: new Date(now).toISOString(),
    SignatureVersion: '2' as const,
    SigningCertURL: `${origin}${CERTIFICATE_PATH}`,
  };
  const proof =
    signature === 'none'
      ? {}
      : { Signature: signSns(told, signature === 'right' ? PUBLIC_TEST_KEY : strangersKey()) };
  return {
    method: 'POST',
    url: webhook,
    headers: {
      'content-type': 'text/plain; charset=UTF-8',
      'x-amz-sns-message-type': told.Type,
      'x-amz-sns-topic-arn': topicArn,
    },
    body: JSON.stringify({ ...told, ...proof, UnsubscribeURL: `${origin}/?Action=Unsubscribe` }),
  };
}

let stranger: string | undefined;
function strangersKey(): string {
  stranger ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
  return stranger;
}

/** What a configuration set publishes about a change. */
export function statusOf(message: SimMessage, change: SimChange): Record<string, unknown> | undefined {
  const eventType = message.channel === 'sms' ? textType(change) : VOICE[change.state];
  if (eventType === undefined) return undefined;
  return {
    eventType,
    eventVersion: '1.0',
    eventTimestamp: change.at,
    isFinal: FINAL.has(change.state),
    originationPhoneNumber: message.from,
    destinationPhoneNumber: message.to,
    ...(message.channel === 'sms' ? NETWORKS[message.carrier] : {}),
    messageId: message.vendorId,
    messageRequestTimestamp: message.at,
    messageType: 'TRANSACTIONAL',
    messageStatus: eventType.replace(/^[A-Z]+_/, ''),
    ...(message.reference === undefined ? {} : { context: { id: message.reference } }),
  };
}

const FINAL = new Set<SimChange['state']>(['delivered', 'undelivered', 'completed', 'busy', 'no-answer']);

function textType({ state, reason }: SimChange): string | undefined {
  if (state === 'undelivered') return FAILED[reason ?? 'unreachable'];
  return TEXT[state];
}

const TEXT: Partial<Record<SimChange['state'], string>> = {
  accepted: 'TEXT_QUEUED',
  sent: 'TEXT_SENT',
  delivered: 'TEXT_DELIVERED',
};

const FAILED: Record<NonNullable<SimChange['reason']>, string> = {
  filtered: 'TEXT_CARRIER_BLOCKED',
  'opted-out': 'TEXT_BLOCKED',
  'unknown-number': 'TEXT_INVALID',
  // AWS does not know of former owners.
  recycled: 'TEXT_UNREACHABLE',
  throttled: 'TEXT_CARRIER_UNREACHABLE',
  unreachable: 'TEXT_UNREACHABLE',
};

/** There is no machine detection: a machine has answered like anybody else. */
const VOICE: Partial<Record<SimChange['state'], string>> = {
  accepted: 'VOICE_INITIATED',
  ringing: 'VOICE_RINGING',
  answered: 'VOICE_ANSWERED',
  machine: 'VOICE_ANSWERED',
  completed: 'VOICE_COMPLETED',
  busy: 'VOICE_BUSY',
  'no-answer': 'VOICE_NO_ANSWER',
  undelivered: 'VOICE_FAILED',
};

const NETWORKS: Record<SimMessage['carrier'], { mcc?: string; mnc?: string }> = {
  docomo: { mcc: '440', mnc: '10' },
  au: { mcc: '440', mnc: '50' },
  softbank: { mcc: '440', mnc: '20' },
  rakuten: { mcc: '440', mnc: '11' },
  other: {},
};
