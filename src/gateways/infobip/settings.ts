import { z } from 'zod';
import { withCountry } from '../wire/sender.ts';
import { commonSettings, rotating, secret } from '../wire/settings.ts';

/** Header values: a line break at the end of a secret's file is the usual mistake. */
const credential = (what: string) =>
  secret(what).regex(/^[\x21-\x7e]+$/, {
    error: 'must be printable ASCII without spaces or line breaks',
  });

const scenarioId = (language: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, { error: 'must be the id that creating the scenario answered' })
    .describe(`Scenario that speaks ${language}`);

const voiceSettings = z.strictObject({
  from: withCountry(
    z.string().regex(/^\d{3,15}$/, { error: 'must be digits, in international form without plus' }),
    '815012345678',
  ).describe('Number that calls show'),
  scenarios: z
    .strictObject({ ja: scenarioId('Japanese'), en: scenarioId('English') })
    .optional()
    .describe('IVR scenarios that ask for a key press; without them the vendor hangs up on machines instead'),
  ringTimeout: z.int().min(10).max(60).default(30).describe('Seconds that a phone rings'),
});

const webhookSettings = z
  .strictObject({
    basic: z
      .strictObject({
        username: z
          .string()
          .min(1)
          .regex(/^[^:]+$/, { error: 'must not hold a colon' }),
        password: rotating('Password of the notification profile; a list of two while it changes', 24),
      })
      .optional(),
    hmac: z
      .strictObject({
        secret: rotating('Secret key of the notification profile; a list of two while it changes', 24),
        header: z
          .string()
          .regex(/^[A-Za-z0-9-]{1,64}$/, { error: 'must be the name of a header' })
          .describe('Header with the signature: no public document names it, ask the vendor'),
        algorithm: z.enum(['sha256', 'sha512']).default('sha256'),
        encoding: z.enum(['hex', 'base64']).default('hex'),
        prefix: z.string().max(32).default('').describe('What stands before the signature, such as sha256='),
      })
      .optional(),
  })
  .refine(({ basic, hmac }) => (basic === undefined) !== (hmac === undefined), {
    error: 'needs either basic or hmac, as the notification profile says',
  });

/** Settings of `createInfobipGateway`, as they stand in a configuration file. */
export const infobipSettings = z
  .strictObject({
    ...commonSettings,
    baseUrl: z.string().describe('Address of your account, such as https://abc12.api.infobip.com (GWY-01)'),
    apiKey: credential('API key, sent as "App"').optional(),
    basic: z
      .strictObject({
        username: credential('User').regex(/^[^:]+$/, { error: 'must not hold a colon' }),
        password: secret('Password'),
      })
      .optional()
      .describe('User and password instead of an API key'),
    token: credential('OAuth 2 access token, sent as "Bearer"').optional(),
    sender: withCountry(
      z.string().regex(/^[\x20-\x7e]{1,15}$/, { error: 'must be 1 to 15 ASCII characters' }),
      '815012345678',
    ).describe('Sender of text messages, unless the route names one'),
    voice: voiceSettings.optional().describe('Makes the gateway call, too'),
    webhook: webhookSettings
      .optional()
      .describe(
        'Security of a notification profile; with it, messages name no address of their own (GWY-03)',
      ),
  })
  .refine(
    ({ apiKey, basic, token }) => [apiKey, basic, token].filter((one) => one !== undefined).length === 1,
    { error: 'set exactly one of apiKey, basic and token', path: ['apiKey'] },
  );

/** The same, checked and complete. */
export type InfobipSettings = z.output<typeof infobipSettings>;

/** Value of the Authorization header. */
export function authorizationOf({ apiKey, basic, token }: InfobipSettings): string {
  if (apiKey !== undefined) return `App ${apiKey}`;
  if (token !== undefined) return `Bearer ${token}`;
  const pair = `${basic!.username}:${basic!.password}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}
