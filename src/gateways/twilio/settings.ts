import { z } from 'zod';
import { withCountry } from '../wire/sender.ts';
import { commonSettings, rotating, secret } from '../wire/settings.ts';

const sid = (letters: string) =>
  z.string().regex(new RegExp(`^${letters}[0-9a-f]{32}$`, 'i'), {
    error: `must be ${letters} and 32 hexadecimal digits`,
  });

/** What the Twilio gateway is told, in a configuration file or by `createTwilioGateway`. */
export const twilioSettings = z
  .strictObject({
    ...commonSettings,
    accountSid: sid('AC').describe('Account SID, from the console'),
    authToken: rotating('Auth Token: checks what Twilio tells us, and logs in where there is no API key'),
    apiKeySid: sid('SK').optional().describe('SID of an API key, to log in with instead of the Auth Token'),
    apiKeySecret: secret('Secret of the API key').optional(),
    from: withCountry(
      z.string().regex(/^(\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z0-9 ]{1,11})$/, {
        error: 'must be a number in E.164, a short code, or a sender name of up to 11 letters and digits',
      }),
    )
      .optional()
      .describe('Sender of text messages'),
    messagingServiceSid: sid('MG').optional().describe('Messaging Service that chooses the sender'),
    callFrom: z
      .string()
      .regex(/^\+[1-9]\d{6,14}$/, { error: 'must be a number in E.164 such as +815012345678' })
      .optional()
      .describe('Caller of calls; without it there are none'),
    riskCheck: z
      .enum(['enable', 'disable'], { error: 'must be enable or disable' })
      .default('enable')
      .describe('SMS pumping protection, where the account has it'),
    contentRetention: z
      .enum(['retain', 'discard'], { error: 'must be retain or discard' })
      .optional()
      .describe('Whether Twilio keeps the text; what the account says unless said'),
    addressRetention: z
      .enum(['retain', 'obfuscate'], { error: 'must be retain or obfuscate' })
      .optional()
      .describe('Whether Twilio keeps the number; what the account says unless said'),
    voices: z
      .record(
        z
          .string()
          .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, { error: 'must be a language such as ja or en-GB' }),
        z.string().regex(/^[A-Za-z0-9.-]{1,80}$/, { error: 'must be a voice such as Polly.Takumi-Neural' }),
      )
      .default({ ja: 'Polly.Mizuki', en: 'Polly.Joanna' })
      .describe('Voice by language'),
    rate: z
      .int()
      .min(50)
      .max(120)
      .default(90)
      .describe('Per cent of the usual speed at which a code is read'),
    ringFor: z.int().min(10).max(60).default(30).describe('Seconds until nobody answered'),
    baseUrl: z.string().default('https://api.twilio.com').describe('Address of the API'),
  })
  .check(({ value, issues }) => {
    const refuse = (field: string, message: string) =>
      issues.push({ code: 'custom', input: undefined, path: [field], message });
    if (value.from === undefined && value.messagingServiceSid === undefined && value.callFrom === undefined) {
      refuse(
        'from',
        'is missing: set from or messagingServiceSid to send text messages, callFrom to make calls',
      );
    }
    if (value.from !== undefined && value.messagingServiceSid !== undefined) {
      refuse('messagingServiceSid', 'stands beside from: set one of them');
    }
    if ((value.apiKeySid === undefined) !== (value.apiKeySecret === undefined)) {
      const absent = value.apiKeySid === undefined ? 'apiKeySid' : 'apiKeySecret';
      refuse(absent, 'is missing: an API key is a SID and a secret');
    }
  });

export type TwilioSettings = z.output<typeof twilioSettings>;
