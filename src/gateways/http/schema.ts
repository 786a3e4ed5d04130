import { z } from 'zod';
import { commonSettings, secret } from '../wire/settings.ts';
import { answerShape } from './answer.ts';
import { mapSchema } from './event.ts';
import { pathSchema, pathsSchema } from './path.ts';
import { predicateSchema } from './predicate.ts';
import { checkAnswer, checkRequest, checkWhole } from './schema-checks.ts';
import type { Template } from './template.ts';
import { POLL_KINDS, SEND_KINDS } from './values.ts';
import { leavesQueryOpen, verifySchema } from './verify.ts';

const PRINTABLE = /^[\x20-\x7e]+$/;
const NOT_PRINTABLE = { error: 'must be printable ASCII without line breaks' };
const printable = (what: string) => secret(what).regex(PRINTABLE, NOT_PRINTABLE);
/** No secret, so it may look like a placeholder. */
const word = (most: number) => z.string().min(1).max(most).regex(PRINTABLE, NOT_PRINTABLE).optional();
const contentType = word(255);
const headerName = z.string().regex(/^[\w-]{1,60}$/, { error: 'must be the name of a header' });
const credentials = z.record(z.string().min(1), secret('Value'));

const auth = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('basic'), username: secret('Name'), password: secret('Password') }),
  z.strictObject({ type: z.literal('bearer'), token: printable('Token') }),
  z.strictObject({ type: z.literal('header'), name: headerName, value: printable('Whole value') }),
  z.strictObject({ type: z.literal('query'), values: credentials }),
  z.strictObject({ type: z.literal('body'), values: credentials }),
]);

const template = z.custom<Template>((value) => value !== undefined, { error: 'is missing' });
const requestShape = {
  method: z.enum(['GET', 'POST']).optional().describe('POST unless the fields stand in the query'),
  url: z
    .string()
    .describe('Address, or what follows baseUrl when it begins with /; placeholders in path and query'),
  headers: z.record(headerName, z.string()).optional().describe('Further headers, with placeholders'),
  encoding: z.enum(['json', 'form', 'query', 'xml']).default('json').describe('How the fields travel'),
  fields: z.record(z.string(), template).default({}).describe('What is sent, as JSON with placeholders'),
  response: z.enum(['json', 'xml', 'form', 'text']).default('json').describe('How the vendor answers'),
};

const send = z
  .strictObject({ ...requestShape, ...answerShape })
  .superRefine((request, context) => checkRequest(request, SEND_KINDS, context));

const poll = z
  .strictObject({
    ...requestShape,
    channel: z.enum(['sms', 'voice']).optional().describe('Only for these; both unless said'),
    by: z.enum(['id', 'vendorId']).describe('What has to be known to ask'),
    success: predicateSchema.default({ status: '2xx' }).describe('Which answers say anything'),
    items: pathSchema.default('$').describe('Where the messages are'),
    map: mapSchema,
  })
  .superRefine((request, context) => checkRequest(request, POLL_KINDS, context));

const words = z.array(z.string().min(1).max(60)).min(1).optional();
const inbound = z.strictObject({
  when: predicateSchema.optional().describe('Which items are texts from a person; all unless said'),
  from: pathsSchema.describe('Number of the phone'),
  text: pathsSchema.describe('What the person wrote'),
  stop: words.describe('Instead of the usual words'),
  start: words.describe('Instead of the usual words'),
});

const answer = z
  .strictObject({
    pressed: predicateSchema.describe('Whether a key was pressed'),
    encoding: z.enum(['xml', 'json']).default('xml'),
    type: contentType,
    read: z.record(z.string(), template).describe('What is said then; {{text}} holds the code'),
    otherwise: z.record(z.string(), template).describe('What is said before, and when nobody presses a key'),
  })
  .superRefine(checkAnswer);

const webhook = z
  .strictObject({
    verify: z
      .array(verifySchema)
      .min(1)
      .default([{ scheme: 'url-secret' }])
      .describe('All of them must hold'),
    payload: z
      .union([
        z.enum(['json', 'form', 'query', 'xml', 'any']),
        z.strictObject({ field: z.string().min(1), format: z.enum(['json', 'xml']) }),
      ])
      .default('json')
      .describe('What the vendor sends; any: what its content type says, or the query'),
    items: pathSchema.default('$').describe('Where the news are'),
    map: mapSchema.optional().describe('Receipts and news of calls'),
    inbound: inbound.optional().describe('Texts from persons'),
    reply: z
      .strictObject({
        status: z.int().min(200).max(299).default(200),
        type: contentType,
        body: z.string().max(2000).optional(),
      })
      .optional()
      .describe('What the vendor wants to hear; 200 without a body unless said'),
    answer: answer.optional().describe('For vendors that ask what a call is to say'),
  })
  .refine(({ verify }) => verify.length === 1 || verify.every(({ scheme }) => scheme !== 'url-secret'), {
    error:
      'may not hold url-secret beside a scheme that proves something: the address is checked in any case',
    path: ['verify'],
  })
  .refine(({ verify, payload }) => !((payload === 'query' || payload === 'any') && leavesQueryOpen(verify)), {
    error:
      'reads a query, but the signature covers the body alone: use json, form or xml, or a scheme that signs the address, such as hmac with {url}',
    path: ['payload'],
  })
  .refine(({ map, inbound, answer }) => map ?? inbound ?? answer, {
    error: 'must hold at least one of map, inbound and answer',
  });

const units = z.int().min(1).max(2000);

/** All settings of the declarative gateway, after its preset was filled in. */
export const schema = z
  .strictObject({
    ...commonSettings,
    baseUrl: z.string().optional().describe('Address that relative ones follow (GWY-01)'),
    ownHosts: z
      .array(
        z.string().regex(/^[a-z0-9.:[\]-]{1,253}$/, { error: 'must be a host in lower case, without port' }),
      )
      .min(1)
      .optional()
      .describe('Hosts of your own network that it may send to, over http as well (GWY-01)'),
    channels: z
      .array(z.enum(['sms', 'voice']))
      .min(1)
      .default(['sms'])
      .describe('What it can do'),
    callGuard: z
      .enum(['key-press', 'machine-detection', 'none'])
      .optional()
      .describe('What keeps a code off an answering machine; required for voice'),
    idempotent: z.boolean().optional().describe('The vendor takes the same id only once (GWY-02)'),
    correlation: z.enum(['id', 'vendorId']).optional().describe('What receipts name a message by'),
    maxUnits: z
      .union([units, z.strictObject({ ascii: units, other: units, lineBreak: units.max(2).optional() })], {
        error: 'must be a number from 1 to 2000, or ascii and other, with such a number each',
      })
      .optional()
      .describe('Most UTF-16 units of an SMS; two numbers where ASCII alone may be longer'),
    sender: word(40).describe('Sender, unless a route names one'),
    number: z.enum(['e164', 'e164-no-plus', 'national']).default('e164').describe('How numbers are written'),
    timeOffset: z
      .string()
      .regex(/^(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/, { error: 'must be Z or an offset such as +09:00' })
      .default('Z')
      .describe('Of times that name no zone'),
    auth: z.array(auth).default([]).describe('How the vendor knows us'),
    send: send.describe('The request that sends'),
    voice: send.optional().describe('The request that calls, where it is another'),
    poll: z.array(poll).min(1).optional().describe('Requests that ask how a message got on, in order'),
    webhook: webhook.optional().describe('What the vendor tells us'),
  })
  .superRefine(checkWhole);

/** Settings as they were read. */
export type HttpGatewaySettings = z.output<typeof schema>;
export type PollSettings = z.output<typeof poll>;
export type WebhookSettings = z.output<typeof webhook>;
