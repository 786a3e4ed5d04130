import { z } from 'zod';
import { inWords } from '../../errors/issues.ts';
import { clientSchema, secret } from './client-schema.ts';

/** Options of `createSekisho` that a configuration passes on as they are; `parseOptions` checks them. */
export const PASSED_ON = [
  'mountPath',
  'brand',
  'code',
  'failures',
  'sends',
  'routes',
  'rates',
  'concurrency',
  'fallback',
  'sms',
  'voice',
  'webhooks',
  'assurance',
  'defaultClient',
  'relyingPartyNetworks',
  'trustedBrowser',
  'accountsPerNumber',
  'eventStreams',
  'alternative',
  'texts',
] as const;

const passedOn = Object.fromEntries(PASSED_ON.map((name) => [name, z.unknown().optional()])) as Record<
  (typeof PASSED_ON)[number],
  z.ZodOptional<z.ZodUnknown>
>;

const port = z.int().min(0).max(65_535);
const address = z.strictObject({ host: z.string().min(1), port });

/** Settings of the parts we bring along; those of a plugin's parts are checked by the plugin. */
const OUR_SETTINGS: Record<string, z.ZodType> = {
  'store.sqlite': z.strictObject({
    file: z
      .string()
      .min(1)
      .optional()
      .describe('Path of the database; sekisho.db in the data folder unless named'),
    synchronous: z.enum(['full', 'normal']).optional(),
  }),
  'store.redis': z.strictObject({
    url: secret.optional(),
    sentinel: z
      .strictObject({ name: z.string(), nodes: z.array(address).min(1), password: secret.optional() })
      .optional(),
    cluster: z.strictObject({ nodes: z.array(address).min(1) }).optional(),
    prefix: z.string().optional(),
    username: secret.optional(),
    password: secret.optional(),
    tls: z.union([z.boolean(), z.looseObject({})]).optional(),
    connectTimeoutMs: z.int().min(1).optional(),
    commandTimeoutMs: z.int().min(1).optional(),
    waitForReplicas: z.int().min(0).max(10).optional(),
  }),
  'gateway.handset': z.strictObject({
    enabled: z.boolean().optional(),
    keep: z.int().min(1).optional(),
    path: z.string().startsWith('/').optional(),
  }),
};

const part = z.looseObject({ type: z.string().min(1) });
const store = part.superRefine(checkOurs('store'));
const gateway = part
  .extend({ enabled: z.boolean().optional().describe('false: nothing is sent over it') })
  .superRefine(checkOurs('gateway'));

function checkOurs(kind: 'store' | 'gateway') {
  return ({ type, ...settings }: z.output<typeof part>, context: z.RefinementCtx): void => {
    if (kind === 'gateway' && type === 'email')
      context.addIssue({
        code: 'custom',
        path: ['type'],
        message: 'e-mail carries no codes (OTP-08)',
        params: { fix: 'Name a gateway for sms or voice; e-mail goes into notices' },
      });
    const name = `${kind}.${type}`;
    const checked = Object.hasOwn(OUR_SETTINGS, name)
      ? OUR_SETTINGS[name]!.safeParse(settings, { error: inWords })
      : undefined;
    for (const issue of checked?.error?.issues ?? [])
      context.issues.push({ ...issue, input: undefined } as never);
  };
}

const seconds = (min: number, max: number) => z.int().min(min).max(max);
const HOUR = 3600;
const DAY = 24 * HOUR;

const lifetimes = z
  .strictObject({
    session: seconds(5 * 60, 90 * DAY)
      .default(14 * DAY)
      .describe('Seconds without a request after which a person has to sign in again'),
    authorizationCode: seconds(10, 600).default(60),
    accessToken: seconds(60, DAY).default(HOUR),
    idToken: seconds(60, DAY).default(300),
    refreshToken: seconds(HOUR, 365 * DAY)
      .default(14 * DAY)
      .describe('Seconds a refresh token may lie unused; rotation begins them anew'),
  })
  .prefault({})
  .describe('Seconds that what the provider issues is good for');

const issuer = z.string().superRefine((text, context) => {
  const say = (message: string, fix: string) =>
    context.addIssue({ code: 'custom', message, params: { fix } });
  if (!URL.canParse(text) || !/^https?:\/\//.test(text)) {
    return say(
      'must be an http or https address',
      'Write the address people reach the server at, such as https://id.example.com',
    );
  }
  const { href, search, hash, username } = new URL(text);
  if (search || hash || username)
    return say('must have no query, fragment or user', 'Write only scheme, host and path');
  const exact = href.replace(/\/$/, '');
  if (exact !== text)
    say('is not in its exact form, and relying parties compare it letter by letter', `Write ${exact}`);
});

/** Every option of the server. Unknown ones are refused. */
export const configSchema = z.strictObject({
  issuer: issuer.describe('Address people and relying parties reach the server at'),
  port: port.default(3000).describe('Where it listens; 0: any free port'),
  host: z.string().min(1).default('127.0.0.1').describe('Address it listens on; 0.0.0.0 inside a container'),
  drain: z
    .int()
    .min(0)
    .max(300)
    .default(5)
    .describe('Seconds after SIGTERM in which requests are still taken while /ready answers 503'),
  data: z
    .string()
    .min(1)
    .default('./data')
    .describe('Folder for keys and database, from the folder of this file'),
  secrets: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('In place of those in the key file, the newest first; made with: npx sekisho keys secret'),
  store: store
    .default({ type: 'sqlite' })
    .describe(
      'sqlite, redis, or one of a plugin; with its settings. Secrets may be { "env": "NAME" } or { "file": "PATH" }',
    ),
  storeId: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Id of the store, where the data folder cannot be written: sekisho store show. Another store lets nobody bind a number',
    ),
  gateway: gateway
    .optional()
    .describe(
      'What reaches phones: a gateway by its type, with its settings. Secrets may be { "env": "NAME" } or { "file": "PATH" }',
    ),
  gateways: z
    .array(gateway)
    .min(1)
    .optional()
    .describe(
      'In place of gateway where there are several, the best first; routes say which serves a number',
    ),
  notices: z
    .looseObject({ type: z.literal('email', { error: 'must be email: notices go by e-mail only' }) })
    .optional()
    .describe('Tells account holders by e-mail what happens to their number; never carries a code (OTP-08)'),
  signals: z.array(z.string()).min(1).optional().describe('Risk signals by name'),
  plugins: z.array(z.string().min(1)).default([]).describe('Packages, or folders that start with a dot'),
  countries: z.array(z.string()).min(1).describe('Countries that may be sent to, such as ["JP"]'),
  clients: z.array(clientSchema).default([]).describe('Relying parties: a list of objects with client_id'),
  lifetimes,
  signUp: z.boolean().default(false).describe('Answers prompt=create'),
  trustedProxies: z.int().min(0).max(10).default(0).describe('Proxies in front that add to X-Forwarded-For'),
  views: z.string().optional().describe('Folder whose views replace ours, file by file'),
  logLevel: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  production: z
    .boolean()
    .optional()
    .describe('Refuses what is only for trying out; NODE_ENV=production unless said'),
  ...passedOn,
});
