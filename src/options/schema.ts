import { z } from 'zod';
import type { SekishoEvent } from '../events.ts';
import type { Accounts } from '../ports/accounts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { SignalFactory } from '../ports/signal.ts';
import type { Store } from '../ports/store.ts';
import {
  androidAppHash,
  concurrencySchema,
  fallbackSchema,
  ratesSchema,
  routesSchema,
  smsSchema,
  voiceSchema,
  webhooksSchema,
} from './delivery.ts';
import { codeSchema, failureSchema, sendSchema } from './limits.ts';
import { noticesSchema } from './notices.ts';

const seconds = (min: number, max: number) => z.int().min(min).max(max);
const part = <T extends object>(name: string) =>
  z.custom<T>((value) => typeof value === 'object' && value !== null, { error: `must be a ${name}` });

/** The part of a pino logger that is used. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Where it is remembered which store this is, outside of the store: a file, a parameter store, a table elsewhere. */
export interface StoreIdentity {
  /** What was written last; undefined the first time. */
  read(): Promise<string | undefined>;
  /** Called once at the first start, and when an operator confirms another store. */
  write(id: string): Promise<void>;
}

/** Colours go into a stylesheet, so only plain hexadecimal ones are taken. */
const colour = z.string().regex(/^#[0-9a-f]{6}$/i, { error: 'must be a colour such as #1a4d8f' });

const brandSchema = z
  .strictObject({
    name: z.string().min(1).max(40).default('Sekisho').describe('Shown on every page and in every message'),
    names: z
      .record(z.string(), z.string().min(1).max(40))
      .default({})
      .describe(
        'The name in single languages, such as { "en": "Mirai Bank" }; an SMS in Latin letters has more room',
      ),
    logo: z
      .string()
      .regex(/^data:image\/(png|svg\+xml|webp);base64,[A-Za-z0-9+/=]+$/, {
        error: 'must be a data: URL of a png, svg or webp',
      })
      .max(8192)
      .optional()
      .describe(
        'Image as a data: URL, at most 8 KiB, so that pages stay small and load nothing from elsewhere',
      ),
    colour: colour.default('#1a4d8f').describe('Buttons and links; must stand out from white'),
    colourDark: colour.default('#8fb8ee').describe('The same in dark mode; must stand out from black'),
    support: z
      .string()
      .max(120)
      .optional()
      .describe('Where a person gets help: a telephone number or an address'),
  })
  .prefault({});

const acrSchema = z.strictObject({
  mfa: z.string().min(1).describe('acr when two factors were proved'),
  sfa: z.string().min(1).describe('acr otherwise'),
});

const assuranceSchema = z
  .strictObject({
    acr: acrSchema.default({ mfa: 'https://refeds.org/profile/mfa', sfa: 'https://refeds.org/profile/sfa' }),
    maxAge: seconds(60, 86_400).default(86_400).describe('Seconds a second factor counts at most (SES-01)'),
    idle: seconds(60, 86_400)
      .default(3600)
      .describe('Seconds without a sign-in after which it counts no more (SES-01)'),
  })
  .prefault({});

const clientSchema = z.strictObject({
  mfa: z
    .enum(['always', 'risk', 'requested'])
    .default('always')
    .describe(
      'When this client wants a code: always, when a signal finds something unusual, or when it asks for it',
    ),
  minimum: z
    .enum(['sfa', 'mfa'])
    .default('sfa')
    .describe('mfa: as if every request asked for the MFA acr; a trusted browser is asked too'),
  alwaysAsk: z.boolean().default(false).describe('A fresh code for every authorization request'),
  acr: acrSchema.optional().describe('The acr values this client knows, in place of the general ones'),
  androidAppHash,
});

/** Every option, with unit, default and bounds; `options.ts` says what may not be combined. */
export const optionsSchema = z.strictObject({
  issuer: z
    .url({ protocol: /^https?$/ })
    .describe('Issuer of the OpenID provider; its host stands in every SMS'),
  mountPath: z
    .string()
    .regex(/^(\/[A-Za-z0-9._~-]+)+$/, { error: 'must be a path such as /sekisho' })
    .default('/sekisho')
    .describe('Where the pages live on the host of the issuer'),
  secrets: z
    .array(z.string())
    .min(1)
    .describe(
      'Keys for codes, numbers and forms: base64url of at least 32 random bytes each, the newest first',
    ),
  store: part<Store>('store, such as await openSqliteStore({ file })'),
  storeIdentity: part<StoreIdentity>('store identity with read and write')
    .optional()
    .describe(
      'Where it is remembered, outside of the store, which store this is: an emptied one lets nobody bind a number',
    ),
  gateway: part<Gateway>('gateway, such as createHandset()')
    .optional()
    .describe('The one gateway; or gateways, where there are several'),
  gateways: z
    .array(part<Gateway>('gateway, such as createHandset()'))
    .min(1, { error: 'must hold at least one gateway' })
    .optional()
    .describe('All gateways, the best first; routes say which serves a number'),
  routes: routesSchema.describe(
    'Which gateways serve a number; all in order unless said, domestic ones first',
  ),
  rates: ratesSchema,
  concurrency: concurrencySchema,
  fallback: fallbackSchema,
  sms: smsSchema,
  voice: voiceSchema,
  webhooks: webhooksSchema,
  notices: noticesSchema,
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, { error: 'must be an ISO 3166 code such as JP' }))
    .min(1, { error: 'must name at least one country' })
    .describe(
      'Countries whose numbers may be sent to; the first is taken for numbers without a country (THR-04)',
    ),
  accounts: part<Accounts>('account directory').optional().describe('Needed for sign-up only'),
  signals: z
    .array(
      z.custom<SignalFactory>((value) => typeof value === 'function', { error: 'must be a risk signal' }),
    )
    .min(1, { error: 'must name at least one signal' })
    .optional()
    .describe('What is looked at for clients with mfa: risk; new-browser and new-network unless named'),
  signUp: z.boolean().default(false).describe('Answers prompt=create; needs accounts'),
  clients: z.record(z.string(), clientSchema).default({}),
  defaultClient: clientSchema.prefault({}).describe('For clients that are not named in clients'),
  relyingPartyNetworks: z
    .array(
      z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], {
        error: 'must be a network such as 10.0.0.0/8, or an address',
      }),
    )
    .default([])
    .describe(
      'Networks of your own that relying parties live in, for back-channel logout and jwks_uri; the public Internet is always reached',
    ),
  brand: brandSchema,
  code: codeSchema,
  failures: failureSchema,
  sends: sendSchema,
  assurance: assuranceSchema,
  trustedBrowser: z
    .strictObject({
      enabled: z.boolean().default(true),
      days: z.int().min(1).max(30).default(30).describe('Days a browser is trusted (SES-06)'),
    })
    .prefault({}),
  accountsPerNumber: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe('Accounts that may bind one number (RST-07)'),
  alternative: z
    .strictObject({
      url: z.url().describe('Its page; {uid} stands for the id of the interaction'),
      label: z.record(z.string(), z.string()).describe('What the link says, by language'),
      authenticators: z
        .custom<(accountId: string) => Promise<readonly string[]>>((value) => typeof value === 'function', {
          error: 'must be a function',
        })
        .optional()
        .describe(
          'Ids of the authenticators that an account has there; what they prove counts while they are listed',
        ),
    })
    .optional()
    .describe('Another second factor of the host, offered on every page (RST-01)'),
  views: z.string().optional().describe('Folder whose views replace ours, file by file'),
  texts: z
    .record(z.string(), z.record(z.string(), z.string()))
    .default({})
    .describe('Replaces single texts: { "ja": { "code.title": "…" } }'),
  trustedProxies: z
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('Proxies in front that add to X-Forwarded-For (THR-07)'),
  production: z.boolean().default(process.env['NODE_ENV'] === 'production'),
  clock: part<Clock>('clock').optional(),
  onEvent: z
    .custom<(event: SekishoEvent) => void>((value) => typeof value === 'function', {
      error: 'must be a function',
    })
    .optional()
    .describe('Gets every audit event, besides the log'),
  log: part<Log>('logger with info, warn and error, such as pino()').optional(),
  eventStreams: z
    .int()
    .min(0)
    .max(100_000)
    .default(500)
    .describe('Most pages that are told news over an open connection, in each process; the others ask'),
  bodyTimeout: z
    .int()
    .min(50)
    .max(60_000)
    .default(10_000)
    .describe('Milliseconds a request body may take (WEB-12)'),
});
