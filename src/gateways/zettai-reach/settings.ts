import { z } from 'zod';
import { commonSettings, secret } from '../wire/settings.ts';

const { countries: _, ...common } = commonSettings;

/** Settings of `createZettaiReachGateway`, as they stand in a configuration file. */
export const zettaiReachSettings = z.strictObject({
  ...common,
  baseUrl: z.string().default('https://sms-api.aossms.com').describe('Address of the API (GWY-01)'),
  token: secret('Access key').regex(/^[A-Za-z0-9]{32}$/, { error: 'must be 32 letters and digits' }),
  clientId: z
    .string()
    .regex(/^[1-9][0-9]{0,19}$/, { error: 'must be digits, in quotes' })
    .describe('Client'),
  smsCode: z
    .string()
    .regex(/^[0-9]{5,6}$/, { error: 'must be 5 or 6 digits, in quotes' })
    .describe('Sender, unless the route names one'),
  numberCleaning: z
    .strictObject({
      onCheckError: z
        .enum(['send', 'refuse'])
        .default('send')
        .describe('What to do when the vendor cannot tell'),
    })
    .optional()
    .describe('Asks before each send whether the number has another owner since it was last proved'),
});

/** The same, checked and complete. */
export type ZettaiReachSettings = z.output<typeof zettaiReachSettings>;
