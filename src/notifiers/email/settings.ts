import { X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { readInput } from '../../errors/issues.ts';
import { demandFilled } from '../../errors/unfilled.ts';
import { ConfigurationError } from '../../errors.ts';
import { isMailAddress } from './address.ts';

const mailAddress = z
  .string()
  .refine(isMailAddress, { error: 'must be one e-mail address such as no-reply@id.example' });
/** No line break, control or direction mark gets into a header. */
const oneLine = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u;

const schema = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$|^::1$/, {
        error: 'must be the name or address of a server',
      })
      .describe('Mail server that takes mail for sending (submission)'),
    port: z.int().min(1).max(65_535).optional().describe('465 for implicit, 587 for starttls unless said'),
    tls: z
      .enum(['implicit', 'starttls'])
      .default('implicit')
      .describe('implicit: TLS from the first byte; starttls: after STARTTLS, and never without it'),
    ca: z
      .string()
      .refine(isCertificates, { error: 'must be certificates as PEM text' })
      .optional()
      .describe(
        'Authority that signed the certificate of the server, where it is not a public one; PEM text',
      ),
    user: z.string().min(1).max(320).optional().describe('Name to log in with; none: no login'),
    password: z
      .string()
      .min(1)
      .max(1024)
      .superRefine((given, context) => demandFilled(given, context))
      .optional()
      .describe('A secret'),
    from: mailAddress.describe('Address the notices come from'),
    fromName: z
      .string()
      .max(80)
      .regex(oneLine, { error: 'must be one line of text' })
      .optional()
      .describe('Name beside that address'),
    connectTimeout: z
      .int()
      .min(50)
      .max(3000)
      .default(3000)
      .describe('Milliseconds to connect, TLS and greeting included'),
    totalTimeout: z.int().min(50).max(8000).default(8000).describe('Milliseconds in all'),
    insecure: z
      .boolean()
      .default(false)
      .describe('Speaks without TLS to a test server on this machine; production refuses it'),
  })
  .superRefine((settings, context) => {
    for (const [field, message, fix] of conflicts(settings))
      context.addIssue({ code: 'custom', path: [field], message, params: { fix } });
  });

/** The settings, complete and checked. */
export type EmailSettings = z.output<typeof schema> & { port: number };

/** @throws ConfigurationError naming every field that is wrong; no value is quoted, it may be a secret. */
export function readEmailSettings(input: unknown): EmailSettings {
  const { data, found } = readInput(schema, input ?? {});
  if (found) {
    throw new ConfigurationError(
      found.map(({ path, reason, fix = 'See docs/gateways/email.md' }) => ({
        field: ['notifier email', ...path].join('.'),
        ...{ reason, fix },
      })),
    );
  }
  const { tls, port } = data;
  return { ...data, port: port ?? (tls === 'implicit' ? 465 : 587) };
}

type Conflict = [field: string, reason: string, fix: string];
type Parts = { user?: string | undefined; password?: string | undefined; insecure: boolean; host: string };

/** What the settings mean for one another. */
function conflicts({ user, password, insecure, host }: Parts): Conflict[] {
  const all: [broken: boolean, ...Conflict][] = [
    [
      user !== undefined && password === undefined,
      'password',
      'is missing beside user',
      'Give the password, or leave user out',
    ],
    [
      password !== undefined && user === undefined,
      'user',
      'is missing beside password',
      'Give the user, or leave the password out',
    ],
    [
      insecure && !isLoopback(host),
      'insecure',
      'is for a test server on this machine only',
      'Remove it; every other server needs TLS',
    ],
  ];
  return all.flatMap(([broken, ...conflict]) => (broken ? [conflict] : []));
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

/** A certificate that cannot be read would only be missed at the first notice, by a message about something else. */
function isCertificates(pem: string): boolean {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  try {
    return found.length > 0 && found.every((one) => new X509Certificate(one).subject !== undefined);
  } catch {
    return false;
  }
}
