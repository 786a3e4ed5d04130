import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { equalText } from '../../../equal-text.ts';
import type { RawWebhook, WebhookAuth } from '../../../ports/gateway.ts';
import { headerOf, jsonOf } from '../request.ts';
import type { Scheme } from './scheme.ts';
import { type CertificateSource, createCertificates } from './sns-certificates.ts';

/** What SNS posts, as text/plain (Amazon SNS Developer Guide, "Parsing HTTP/HTTPS message formats"). */
const message = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string().regex(/^[\w-]{1,100}$/),
  TopicArn: z.string().max(400),
  Subject: z.string().nullish(),
  Message: z.string(),
  Timestamp: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/),
  Token: z.string().max(2000).optional(),
  SubscribeURL: z.string().max(4000).optional(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string().regex(/^[A-Za-z0-9+/]{1,1400}={0,2}$/),
  SigningCertURL: z.string().max(400),
});

/** A message of SNS, checked for its form only. */
export type SnsMessage = z.output<typeof message>;

/**
 * Milliseconds a message may be old. SNS signs once and repeats for up to an hour; a delivery is remembered for an hour
 * from its arrival, so with the five minutes that clocks may differ nothing is believed twice (attack 7).
 */
const PAST = 3_300_000;
const FUTURE = 300_000;

/** Notifications of SNS: RSA over the named fields, with a certificate of Amazon's. */
export interface SnsScheme extends Scheme {
  /**
   * Confirms a subscription that a message with a right signature asks for: a GET of an address at SNS of the topic's own
   * region, and of no other address.
   *
   * @returns Whether SNS took it.
   */
  confirm(request: RawWebhook): Promise<boolean>;
}

/**
 * Signature versions 1 (SHA-1) and 2 (SHA-256).
 *
 * @param topicArns Topics that are believed; anybody can have a topic and sign with it.
 * @param client Fetches certificates and confirms.
 * @param origin Of a simulator, instead of SNS of the region.
 */
export function snsScheme({
  topicArns,
  client,
  origin,
}: {
  topicArns: readonly string[];
  client: CertificateSource;
  origin?: string;
}): SnsScheme {
  const certificates = createCertificates(client);
  const placeOf = (topic: string) => origin?.replace(/\/+$/, '') ?? snsOf(topic);
  const check = async (told: SnsMessage, receivedAt: number): Promise<WebhookAuth> => {
    const { TopicArn: topic, SigningCertURL: url } = told;
    if (!topicArns.map((one) => equalText(one, topic)).some(Boolean)) return refused('topic');
    if (!isFresh(told, receivedAt)) return refused('stale');
    // Nothing is fetched for a topic that is not ours.
    if (!isCertificateOf(placeOf(topic), url)) return refused('mismatch');
    const key = await certificates.keyOf(url, receivedAt);
    if (typeof key === 'string') return refused(key);
    if (!isSigned(told, key)) return refused('mismatch');
    // A confirmation that failed has to be looked at again when it is repeated.
    return told.Type === 'Notification' ? { result: 'ok', replayKey: told.MessageId } : { result: 'ok' };
  };
  return {
    async verify(request) {
      const told = readSns(request);
      const type = headerOf(request, 'x-amz-sns-message-type');
      if (!told || type === undefined) return refused(told ? 'missing' : problemOf(request));
      if (type !== told.Type) return refused('mismatch');
      try {
        return await check(told, request.receivedAt);
      } catch {
        return refused('mismatch');
      }
    },
    async confirm(request) {
      const told = readSns(request);
      const url = told && confirmationOf(told, placeOf(told.TopicArn));
      if (url === undefined) return false;
      const asked = await client.call({ method: 'GET', url });
      return asked.sent === 'answered' && asked.answer.status === 200;
    },
  };
}

/** What a webhook holds, whoever sent it; undefined where it is no message of SNS. */
export const readSns = (request: RawWebhook): SnsMessage | undefined =>
  message.safeParse(jsonOf(request)).data;

/**
 * Signs a message the way SNS does; for simulators and tests.
 *
 * @param key Private RSA key in PEM.
 */
export function signSns(told: Omit<SnsMessage, 'Signature'>, key: string | KeyObject): string {
  return sign(DIGESTS[told.SignatureVersion], Buffer.from(signedText(told), 'utf8'), key).toString('base64');
}

const refused = (reason: 'missing' | 'mismatch' | 'topic' | 'stale' | 'unavailable'): WebhookAuth => ({
  result: 'refused',
  reason,
});

/** What is wrong with something that is no message of SNS. */
function problemOf(request: RawWebhook): 'missing' | 'mismatch' {
  const json = jsonOf(request);
  const isSigned = typeof json === 'object' && json !== null && Object.hasOwn(json, 'Signature');
  return isSigned ? 'mismatch' : 'missing';
}

const DIGESTS = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' } as const;

/** Name, line end, value, line end, in the order of the names; which names depends on the type. */
function signedText(told: Omit<SnsMessage, 'Signature'>): string {
  const names =
    told.Type === 'Notification'
      ? (['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const)
      : (['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const);
  return names.map((name) => (typeof told[name] === 'string' ? `${name}\n${told[name]}\n` : '')).join('');
}

const isSigned = (told: SnsMessage, key: KeyObject): boolean =>
  verify(
    DIGESTS[told.SignatureVersion],
    Buffer.from(signedText(told), 'utf8'),
    key,
    Buffer.from(told.Signature, 'base64'),
  );

function isFresh({ Timestamp: time }: SnsMessage, receivedAt: number): boolean {
  const age = receivedAt - Date.parse(time);
  return age <= PAST && age >= -FUTURE;
}

/** SNS of the region that the topic is in. */
function snsOf(topicArn: string): string {
  const [, partition, , region] = topicArn.split(':');
  return `https://sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
}

/**
 * Certificates lie beside addresses whose answers anybody can shape, so the whole path counts and not just the host.
 */
function isCertificateOf(place: string, url: string): boolean {
  if (!url.startsWith(`${place}/`)) return false;
  return /^SimpleNotificationService-[0-9a-f]{32}\.pem$/.test(url.slice(place.length + 1));
}

/** Made anew from what was signed, after the address that came was found to say the same. */
function confirmationOf(told: SnsMessage, place: string): string | undefined {
  const { Type: type, SubscribeURL: given = '', Token: token, TopicArn: topic } = told;
  if (type !== 'SubscriptionConfirmation' || token === undefined || !given.startsWith(`${place}/?`)) return;
  const query = new URLSearchParams(given.slice(place.length + 2));
  if (query.get('Action') !== 'ConfirmSubscription' || query.get('Token') !== token) return;
  if (query.get('TopicArn') !== topic) return;
  const wanted = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: topic, Token: token });
  return `${place}/?${wanted}`;
}
