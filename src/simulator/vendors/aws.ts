import { randomUUID } from 'node:crypto';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import type { Network, Refusal, SimReply, SimRequest, StandIn } from '../stand-in.ts';
import { CERTIFICATE_PATH, notification, statusOf } from './aws/notification.ts';
import { PUBLIC_TEST_CERTIFICATE } from './aws/public-test-key.ts';
import { problemOf } from './aws/signature.ts';

/** The key is the one that AWS prints in its own documentation. */
const CREDENTIALS = {
  region: 'ap-northeast-1',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sender: 'phone-00000000000000000000000000000001',
  voiceSender: 'phone-00000000000000000000000000000002',
  configurationSet: 'sekisho',
  topicArn: 'arn:aws:sns:ap-northeast-1:000000000000:sekisho',
};
const VENDOR = 'aws';

/**
 * AWS End User Messaging SMS and Voice v2: AWS JSON 1.0 with Signature Version 4, and SNS with signed notifications. The
 * certificate is served beside the API.
 */
export function createAwsStandIn(): StandIn {
  /** Address of this vendor, as it was last called. */
  let origin: string | undefined;
  const publish = (content: unknown, how: Parameters<typeof notification>[2]) =>
    origin === undefined || content === undefined
      ? undefined
      : notification(content, { topicArn: CREDENTIALS.topicArn, origin }, how);
  return {
    vendor: VENDOR,
    credentials: CREDENTIALS,
    answer(request, network) {
      origin = `http://${request.headers.host}/${VENDOR}`;
      return request.method === 'GET' ? answerSns(request) : answerApi(request, network);
    },
    report: (message, change, how) => publish(statusOf(message, change), how),
    inbound: ({ from, to, text }, how) =>
      publish(
        {
          originationNumber: from,
          destinationNumber: to,
          messageKeyword: 'KEYWORD',
          messageBody: text,
          inboundMessageId: randomUUID(),
        },
        how,
      ),
  };
}

/** The certificate, and a confirmation for our own topic. */
function answerSns({ path, query }: SimRequest): SimReply {
  if (path === CERTIFICATE_PATH) return { status: 200, body: PUBLIC_TEST_CERTIFICATE };
  const confirms =
    query.get('Action') === 'ConfirmSubscription' && query.get('TopicArn') === CREDENTIALS.topicArn;
  if (!confirms || !query.get('Token')) return { status: 404, body: '' };
  const headers = { 'content-type': 'text/xml' };
  return { status: 200, headers, body: '<ConfirmSubscriptionResponse/>' };
}

const common = {
  DestinationPhoneNumber: z.string(),
  ConfigurationSetName: z.string().optional(),
  ProtectConfigurationId: z.string().optional(),
  TimeToLive: z.int().min(5).max(259_200).optional(),
  Context: z.record(z.string(), z.string()).default({}),
};
const text = z.strictObject({
  ...common,
  OriginationIdentity: z.string().default('SHARED'),
  MessageBody: z.string().min(1).max(1600),
  MessageType: z.enum(['TRANSACTIONAL', 'PROMOTIONAL']).optional(),
  MaxPrice: z.string().optional(),
});
const voice = z.strictObject({
  ...common,
  OriginationIdentity: z.string(),
  MessageBody: z.string().min(1).max(6000),
  MessageBodyTextType: z.enum(['TEXT', 'SSML']).default('TEXT'),
  VoiceId: z
    .string()
    .regex(/^[A-Z]+$/)
    .default('MATTHEW'),
  MaxPricePerMinute: z.string().optional(),
});

function answerApi(request: SimRequest, network: Network): SimReply {
  const problem = problemOf(request, `/${VENDOR}${request.path}`, CREDENTIALS);
  if (problem) return failure(problem, { message: 'The request is not signed as it should be.' });
  const target = request.headers['x-amz-target'];
  if (target === 'PinpointSMSVoiceV2.SendTextMessage') {
    return withInput(text, request, (input) => submit(input, input.MessageBody, 'sms', network));
  }
  if (target !== 'PinpointSMSVoiceV2.SendVoiceMessage') return failure('UnknownOperationException', {});
  return withInput(voice, request, (input) => {
    const spoken = input.MessageBodyTextType === 'SSML' ? spokenOf(input.MessageBody) : input.MessageBody;
    if (spoken === undefined) return invalid('MessageBody');
    return submit(input, spoken, 'voice', network);
  });
}

function withInput<S extends z.ZodType>(
  schema: S,
  { body, headers }: SimRequest,
  take: (input: z.output<S>) => SimReply,
): SimReply {
  if (headers['content-type'] !== 'application/x-amz-json-1.0') return failure('SerializationException', {});
  const parsed = schema.safeParse(JSON.parse(body.toString('utf8')));
  return parsed.success ? take(parsed.data) : invalid(String(parsed.error.issues[0]?.path[0] ?? ''));
}

interface Input {
  DestinationPhoneNumber: string;
  OriginationIdentity: string;
  Context: Record<string, string>;
  TimeToLive?: number;
}

function submit(input: Input, said: string, channel: 'sms' | 'voice', network: Network): SimReply {
  const { DestinationPhoneNumber: to, OriginationIdentity: from, Context: context } = input;
  if (!/^\+[1-9]\d{6,14}$/.test(to)) return invalid('DestinationPhoneNumber');
  const vendorId = randomUUID();
  const message = {
    vendorId,
    channel,
    to,
    from,
    text: said,
    reference: context['id'],
    extra: { expiresAt: String(network.now() + (input.TimeToLive ?? 259_200) * 1000) },
  };
  const submitted = network.submit(message, ['opted-out', 'throttled']);
  if (!submitted.taken) return REFUSED[submitted.refusal as 'opted-out' | 'throttled'];
  return reply(200, { MessageId: vendorId });
}

/** What the voice says; undefined for what is no SSML. */
function spokenOf(ssml: string): string | undefined {
  if (XMLValidator.validate(ssml) !== true || !/^<speak[\s>]/.test(ssml)) return undefined;
  const pieces: string[] = [];
  const parser = new XMLParser({
    tagValueProcessor: (_, value) => void pieces.push(value),
    trimValues: true,
  });
  parser.parse(ssml);
  return pieces.join(' ');
}

const reply = (status: number, content: unknown): SimReply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(content),
});

const failure = (name: string, more: Record<string, unknown>): SimReply =>
  reply(400, { __type: `com.amazonaws.pinpointsmsvoicev2#${name}`, ...more });

const invalid = (field: string): SimReply =>
  failure('ValidationException', {
    Message: '1 validation error detected',
    Reason: 'FIELD_VALIDATION_FAILED',
    Fields: [{ Name: field, Message: 'is not valid' }],
  });

const REFUSED: Record<Extract<Refusal, 'opted-out' | 'throttled'>, SimReply> = {
  'opted-out': failure('ConflictException', {
    Message: 'The destination phone number is opted out',
    Reason: 'DESTINATION_PHONE_NUMBER_OPTED_OUT',
    ResourceType: 'opted-out-number',
  }),
  throttled: failure('ThrottlingException', { Message: 'Rate exceeded' }),
};
