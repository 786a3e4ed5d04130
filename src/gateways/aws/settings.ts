import { z } from 'zod';
import { ConfigurationError } from '../../errors.ts';
import { withCountry } from '../wire/sender.ts';
import { calledIn, commonSettings, readSettings, secret } from '../wire/settings.ts';

const topicArn = z.string().regex(/^arn:aws(-cn|-us-gov)?:sns:[a-z0-9-]{3,30}:\d{12}:[\w-]{1,256}$/, {
  error: 'must be the ARN of a standard SNS topic',
});
const id = z.string().regex(/^[\w+:/-]{1,256}$/, { error: 'must be a number, an id or an ARN' });
const identity = withCountry(id);
const price = z.string().regex(/^\d{1,3}(\.\d{1,8})?$/, { error: 'must be US dollars, such as 0.10' });

const schema = z.strictObject({
  ...commonSettings,
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'must be a region such as ap-northeast-1' })
    .describe('Region of the origination identities'),
  baseUrl: z
    .string()
    .optional()
    .describe('Address of the API; that of the region unless said. With insecure, SNS is there too'),
  accessKeyId: secret('Access key; the default chain of the SDK is asked unless said').optional(),
  secretAccessKey: secret('Secret of the access key').optional(),
  sessionToken: secret('Session token of temporary credentials').optional(),
  sender: identity.optional().describe('Origination identity of SMS; AWS chooses one unless said'),
  voiceSender: identity.optional().describe('Phone number, or its id, that calls; no calls unless said'),
  voices: z
    .record(z.string().regex(/^[a-z]{2,3}$/), z.string().regex(/^[A-Z]{2,20}$/))
    .default({})
    .describe('Polly voice by language, such as {"ja": "TAKUMI"}'),
  configurationSet: id.optional().describe('Configuration set whose event destination is the topic'),
  protectConfiguration: id.optional().describe('Protect configuration that applies to each send'),
  maxPrice: price.optional().describe('Most US dollars an SMS may cost'),
  maxPricePerMinute: price.optional().describe('Most US dollars a minute of a call may cost'),
  topicArn: z
    .union([topicArn, z.array(topicArn).min(1).max(5)])
    .optional()
    .describe('SNS topics that are believed; no receipts unless said'),
});

/** What the gateway for AWS End User Messaging can be told. */
export type AwsSettings = Omit<z.output<typeof schema>, 'topicArn'> & { topicArns: readonly string[] };

/** @throws ConfigurationError naming every field that is wrong. */
export function readAwsSettings(input: unknown): AwsSettings {
  const { topicArn: topics = [], ...settings } = readSettings(schema, input, 'aws');
  if ((settings.accessKeyId === undefined) !== (settings.secretAccessKey === undefined)) {
    throw new ConfigurationError([
      {
        field: `${calledIn(settings, 'aws')}.accessKeyId`,
        reason: 'comes with secretAccessKey or not at all',
        fix: 'Set both, or neither',
      },
    ]);
  }
  return { ...settings, topicArns: [topics].flat() };
}
