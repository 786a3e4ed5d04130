import { z } from 'zod';
import { readInput } from '../../errors/issues.ts';
import { demandFilled } from '../../errors/unfilled.ts';
import { ConfigurationError } from '../../errors.ts';
import { assertOwn, assertPublic } from '../../outbound/guard.ts';
import type { GatewayFinding } from '../../ports/gateway.ts';
import { createHttpClient, type HttpClient, isOwnHost } from './client.ts';

/** What every gateway that speaks HTTP can be told. */
export const commonSettings = {
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, { error: 'must be lower-case letters, digits and dashes' })
    .optional()
    .describe('Unique among the gateways; that of the gateway type unless said'),
  enabled: z
    .boolean()
    .default(true)
    .describe('false: sends nothing, while receipts, STOP and START still count'),
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, { error: 'must be an ISO 3166 code such as JP' }))
    .min(1)
    .optional()
    .describe('Countries it reaches; any unless said'),
  insecure: z
    .boolean()
    .default(false)
    .describe('Permits http and private addresses, for a simulator; production refuses it (GWY-01)'),
  connectTimeout: z.int().min(50).max(3000).default(3000).describe('Milliseconds to connect (GWY-02)'),
  totalTimeout: z.int().min(50).max(8000).default(8000).describe('Milliseconds in all (GWY-02)'),
};

/** A secret: never in a message. */
export const secret = (what: string) =>
  z
    .string()
    .min(1)
    .max(4096)
    .superRefine((given, context) => demandFilled(given, context))
    .describe(what);

/**
 * A secret that is changed from time to time: one, or the new one and the old one while the vendor still uses it (GWY-03).
 * Read as a list, the newest first.
 *
 * @param least Letters it has at least: 24 for one that the operator makes up, 1 for one that the vendor does.
 */
export const rotating = (what: string, least = 1) => {
  const one = z.string().min(least).max(4096);
  return z
    .union([one, z.array(one).min(1).max(2)], {
      error: ({ input }) =>
        input === undefined
          ? 'is missing'
          : `must be a secret of ${least} letters or more, or a list of the new one and the old one`,
    })
    .superRefine((given, context) => {
      if (typeof given === 'string') return demandFilled(given, context);
      for (const [at, one] of given.entries()) demandFilled(one, context, [at]);
    })
    .transform((given) => [given].flat())
    .describe(what);
};

/** What messages call a gateway: its own name where it has one that can be, since there may be several of its type. */
export function calledIn(settings: unknown, type: string): string {
  const { name } = (settings ?? {}) as { name?: unknown };
  return `gateway ${commonSettings.name.safeParse(name).data ?? type}`;
}

/**
 * Reads the settings of a gateway.
 *
 * @param type Name of the gateway type, for messages: that of its page in `docs/gateways`, and of a gateway without name.
 * @param called What messages call the gateway, where its name is not among these settings.
 * @throws ConfigurationError naming every field that is wrong; no value is quoted, it may be a secret.
 */
export function readSettings<S extends z.ZodType>(
  schema: S,
  input: unknown,
  type: string,
  called: string = calledIn(input, type),
): z.output<S> {
  const { data, found } = readInput(schema, input ?? {});
  if (!found) return data;
  const page = `See docs/gateways/${type}.md`;
  throw new ConfigurationError(
    found.map(({ path, reason, fix }) => ({
      field: [called, ...path].join('.'),
      reason,
      fix: fix === undefined ? page : `${fix.replace(/(?<![.?])$/, '.')} ${page}`,
    })),
  );
}

type Common = {
  name?: string | undefined;
  insecure: boolean;
  ownHosts?: readonly string[] | undefined;
  connectTimeout: number;
  totalTimeout: number;
};

/**
 * Checks where a gateway sends to, and makes the client for it.
 *
 * @param url Base address of the vendor.
 * @param adds Paths that the gateway puts behind it by itself, so that it must not end in one of them.
 * @throws ConfigurationError for http without `insecure`, for credentials, query or fragment in the address, for a path that
 *   would be there twice, for what is no address.
 */
export function openClient(
  type: string,
  field: string,
  url: string,
  settings: Common,
  adds: readonly string[] = [],
): HttpClient {
  const problem = addressProblem(url, settings) ?? restProblem(url, adds);
  if (problem) {
    const [reason, fix] = problem;
    throw new ConfigurationError([{ field: `${calledIn(settings, type)}.${field}`, reason, fix }]);
  }
  const { ownHosts = [], ...rest } = settings;
  return createHttpClient({ ...rest, ownHosts });
}

type Wrong = [reason: string, fix: string];

const WRITE_HTTPS = 'Write an https address of the vendor';

function addressProblem(url: string, { insecure, ownHosts = [] }: Common): Wrong | undefined {
  if (!URL.canParse(url)) return ['is no address', WRITE_HTTPS];
  const { protocol, hostname, username, password } = new URL(url);
  const own = isOwnHost(ownHosts, hostname);
  if (username || password)
    return ['holds credentials', 'Remove user and password; credentials have settings of their own'];
  if (protocol !== 'https:' && !((insecure || own) && protocol === 'http:'))
    return ['must begin with https://', WRITE_HTTPS];
  if (insecure || leadsOut(hostname, protocol, own)) return undefined;
  return ['leads into a private network (GWY-01)', WRITE_HTTPS];
}

/** A path may stand there: that of a proxy. What stands behind it would end up in the middle of an address. */
function restProblem(url: string, adds: readonly string[]): Wrong | undefined {
  if (/[?#]/.test(url))
    return ['has a query or a fragment', 'Write only scheme, host and, where a proxy has one, its path'];
  const path = new URL(url).pathname.replace(/\/+$/, '');
  const twice = adds.find((one) => path.endsWith(one));
  return twice === undefined
    ? undefined
    : [`ends in ${twice}, which the gateway adds by itself`, 'Write only what stands before that'];
}

/** What can be told before a name is resolved; the rest is seen while connecting. */
function leadsOut(hostname: string, protocol: string, own: boolean): boolean {
  if (!own && /(^|\.)localhost\.?$/.test(hostname)) return false;
  try {
    (own ? assertOwn : assertPublic)({ hostname, protocol });
    return true;
  } catch {
    return false;
  }
}

/** Said by every gateway that was told to trust an address it should not. */
export const insecureFinding = (insecure: boolean): GatewayFinding[] =>
  insecure
    ? [
        {
          severity: 'fatal',
          message: 'is set to insecure: it sends over http and to private addresses (GWY-01)',
          fix: 'Remove insecure; it is for the simulator',
        },
      ]
    : [];
