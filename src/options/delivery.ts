import { z } from 'zod';

const country = z.string().regex(/^[A-Z]{2}$/, { error: 'must be an ISO 3166 code such as JP' });
const gatewayName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, {
  error: 'must be lower-case letters, digits and dashes',
});
/** A number, a short code or an alphanumeric sender; it comes from the configuration only (GWY-07). */
const sender = z.string().regex(/^[+A-Za-z0-9][A-Za-z0-9 ._-]{0,19}$/, {
  error: 'must be a number, a short code or a name of at most 20 letters',
});

const legSchema = z.strictObject({
  gateway: gatewayName,
  weight: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('Share of the messages this gateway gets first, where order is weighted'),
  sender: sender.optional().describe('Sender or short code on this route'),
  originLine: z
    .boolean()
    .optional()
    .describe('Whether an SMS ends with the origin-bound line; that of sms unless said'),
});

/** Which gateways serve a number: the first route that fits is taken. */
export const routesSchema = z
  .array(
    z.strictObject({
      countries: z.array(country).min(1).optional().describe('Countries of the number; any unless said'),
      types: z
        .array(z.enum(['mobile', 'fixed', 'voip']))
        .min(1)
        .optional()
        .describe('Kinds of numbers; any unless said'),
      channels: z
        .array(z.enum(['sms', 'voice']))
        .min(1)
        .optional()
        .describe('Ways to reach it; any unless said'),
      order: z
        .enum(['listed', 'weighted'])
        .default('listed')
        .describe('weighted: who comes first is drawn by weight, for each message anew'),
      via: z
        .array(z.union([gatewayName.transform((gateway) => legSchema.parse({ gateway })), legSchema]))
        .describe('Gateways, the best first; the next one is asked when one refuses for a reason of its own'),
    }),
  )
  .default([]);

const step = z.enum(['gateway', 'voice']);
const unlike = (all: readonly string[]): boolean => new Set(all).size === all.length;

/** What happens to a code that does not arrive. */
export const fallbackSchema = z
  .strictObject({
    undelivered: z
      .array(step)
      .max(2)
      .refine(unlike, { error: 'names a step twice' })
      .default(['gateway', 'voice'])
      .describe(
        'After a receipt that says undelivered, the same code goes by another gateway, or by a call, by itself; empty: the person is asked. A number that is being bound is called only when asked for',
      ),
    late: z
      .array(step)
      .max(2)
      .refine(unlike, { error: 'names a step twice' })
      .default([])
      .describe(
        'The same when the usual delivery time has passed without a receipt. The first message may still arrive, so it is empty unless said: the page then offers the call',
      ),
    lateAfter: z
      .int()
      .min(20)
      .max(120)
      .default(30)
      .describe('Seconds that count as late until enough receipts of a network tell its usual time'),
  })
  .prefault({});

export const smsSchema = z
  .strictObject({
    maxSegments: z
      .int()
      .min(1)
      .max(10)
      .default(1)
      .describe('Segments a message may take: 70 UTF-16 units, or 160 of GSM-7, are one'),
    originLine: z
      .boolean()
      .default(true)
      .describe('Ends every SMS with @host #code, so that a phone offers the code on no other site (OTP-17)'),
  })
  .prefault({});

export const voiceSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Whether codes are read out by telephone at all'),
    perNumberDay: z.int().min(1).default(5).describe('Calls to a number a day, besides the limits of sends'),
    allowUnguarded: z
      .boolean()
      .default(false)
      .describe('Permits gateways that read the code to whatever picks up, an answering machine too'),
  })
  .prefault({});

export const webhooksSchema = z
  .strictObject({
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .refine((text) => /^https?:\/\/[^/?#@]+\/?$/.test(text), {
        error: 'must be scheme and host alone: what follows comes from mountPath',
      })
      .optional()
      .describe('Address vendors reach us at, without path; scheme and host of the issuer unless said'),
  })
  .prefault({});

/** Messages a second that a gateway takes from all processes together. */
export const ratesSchema = z
  .record(gatewayName, z.int().min(1).max(1000))
  .default({})
  .describe('Most messages a second for a gateway, over all processes: { "main": 10 }');

/** Messages under way at a gateway in one process. */
export const concurrencySchema = z
  .record(gatewayName, z.int().min(1).max(1000))
  .default({})
  .describe(
    'Most messages under way at a gateway at a time, in each process: { "main": 50 }; 100 unless said',
  );

export const androidAppHash = z
  .string()
  .regex(/^[A-Za-z0-9+/]{11}$/, { error: 'must be the 11 characters of an app hash' })
  .optional()
  .describe('For this client an SMS ends with this hash of its Android app in place of the origin line');
