import { createPrivateKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { withCountry } from '../wire/sender.ts';
import { commonSettings, rotating, secret } from '../wire/settings.ts';

/** RS256 with less than that is refused by those who check it (RFC 7518, 3.3). */
const LEAST_BITS = 2048;

/** What the Vonage gateway is told, in a configuration file or by `createVonageGateway`. */
export const vonageSettings = z
  .strictObject({
    ...commonSettings,
    applicationId: z
      .string()
      .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, { error: 'must be the UUID of an application' })
      .optional()
      .describe('Application ID, from the dashboard; calls need one'),
    // A file of this kind ends in a line break.
    privateKey: z
      .string()
      .min(1)
      .max(4096)
      .describe('Private key of the application, in PEM')
      .transform((pem, { addIssue }): KeyObject => {
        const key = keyOf(pem);
        if (key) return key;
        addIssue(`must be an RSA private key of ${LEAST_BITS} bits or more, in PEM`);
        return z.NEVER;
      })
      .optional(),
    apiKey: z
      .string()
      .regex(/^[0-9A-Za-z]{4,32}$/, { error: 'must be letters and digits, such as abcd1234' })
      .optional()
      .describe('API key, to log in with where there is no application; sends text messages only'),
    apiSecret: secret('Secret of the API key').optional(),
    signatureSecret: rotating('Signature secret of the account: checks what Vonage tells us'),
    from: withCountry(
      z.string().regex(/^(\+?[1-9]\d{2,14}|[A-Za-z0-9 ]{1,11})$/, {
        error: 'must be a number, or a sender name of up to 11 letters and digits',
      }),
    )
      .optional()
      .describe('Sender of text messages'),
    callFrom: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, { error: 'must be a number in E.164 such as +815012345678' })
      .optional()
      .describe('Caller of calls, a number of the application; without it there are none'),
    encoding: z
      .enum(['auto', 'unicode', 'text'], { error: 'must be auto, unicode or text' })
      .default('auto')
      .describe('How text messages are encoded'),
    ttl: z
      .boolean()
      .default(true)
      .describe('Whether Vonage gives up when the code is dead, after five minutes at the earliest'),
    styles: z
      .record(
        z
          .string()
          .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, { error: 'must be a language such as ja or en-GB' }),
        z.int().min(0).max(99),
      )
      .default({})
      .describe('Number of the voice by language; 0 unless said'),
    premium: z.boolean().default(false).describe('Premium voices, which cost more'),
    ssml: z
      .boolean()
      .default(true)
      .describe('Whether the voices take SSML; without it nothing is slowed down'),
    rate: z
      .enum(['x-slow', 'slow', 'medium', 'fast'], { error: 'must be x-slow, slow, medium or fast' })
      .default('slow')
      .describe('How fast a code is read'),
    ringFor: z.int().min(10).max(60).default(30).describe('Seconds until nobody answered'),
    machineDetection: z
      .boolean()
      .default(false)
      .describe('Hangs up on what sounds like an answering machine; costs more, and errs'),
    baseUrl: z.string().default('https://api.nexmo.com').describe('Address of the API'),
  })
  .check(({ value, issues }) => {
    const refuse = (field: string, message: string) =>
      issues.push({ code: 'custom', input: undefined, path: [field], message });
    const both = (one: 'applicationId' | 'apiKey', other: 'privateKey' | 'apiSecret') => {
      if ((value[one] === undefined) === (value[other] === undefined)) return;
      refuse(value[one] === undefined ? one : other, `is missing: ${one} and ${other} belong together`);
    };
    both('applicationId', 'privateKey');
    both('apiKey', 'apiSecret');
    const logins = [value.applicationId, value.privateKey, value.apiKey, value.apiSecret];
    if (logins.every((login) => login === undefined)) {
      refuse('applicationId', 'is missing: set applicationId and privateKey, or apiKey and apiSecret');
    }
    if (value.from === undefined && value.callFrom === undefined) {
      refuse('from', 'is missing: set from to send text messages, callFrom to make calls');
    }
    if (value.callFrom !== undefined && value.applicationId === undefined) {
      refuse('callFrom', 'needs an application: set applicationId and privateKey');
    }
  });

export type VonageSettings = z.output<typeof vonageSettings>;

/** PKCS#8, as the dashboard gives it, or PKCS#1. */
function keyOf(pem: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(pem);
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return key.asymmetricKeyType === 'rsa' && bits >= LEAST_BITS ? key : undefined;
  } catch {
    return undefined;
  }
}
