import { z } from 'zod';
import type { Core } from '../domain/core.ts';
import { type Fact, HOST_METHODS, isOfHost } from '../domain/factors.ts';
import { readInput } from '../errors/issues.ts';
import { ConfigurationError } from '../errors.ts';

/**
 * A factor that the host proved itself, such as a passkey or a code of an authenticator app. It counts like a code by
 * phone: towards `acr` and `amr`, and as long.
 *
 * @example { method: 'hwk', authenticator: credential.id, userVerified: true, userPresent: true }
 */
export interface HostFactor {
  /**
   * Name in RFC 8176. What the person has: `hwk` (key in hardware), `swk` (key in software), `sc`, `otp`, `pop`; knows:
   * `pwd`, `pin`; is: `face`, `fpt`, `iris`, `retina`, `vbm`. A synchronised passkey is `swk`.
   */
  method: HostMethod;
  /** When it was proved: milliseconds since the epoch, as `Date.now()` has them. Now unless given; never in the future. */
  at?: number;
  /** Id as `alternative.authenticators` lists it; needed for what the person has. It counts while it is listed. */
  authenticator?: string;
  /** The authenticator checked a PIN or a biometric itself (flag UV of WebAuthn), and so is two factors. False by default. */
  userVerified?: boolean;
  /** Somebody touched it (flag UP of WebAuthn): adds `user` to `amr`. False by default. */
  userPresent?: boolean;
}
export type HostMethod =
  | ('hwk' | 'swk' | 'sc' | 'otp' | 'pop')
  | ('pwd' | 'pin')
  | ('face' | 'fpt' | 'iris' | 'retina' | 'vbm');

/** Clocks of a host's nodes may differ this much. */
const CLOCK_DRIFT_MS = 5000;
/** 2001: a time before it was given in seconds. */
const EARLIEST_MS = 1_000_000_000_000;

const factorsSchema = (now: number) =>
  z
    .array(
      z
        .strictObject({
          method: z.enum(Object.keys(HOST_METHODS)),
          at: z
            .number()
            .min(EARLIEST_MS, { error: 'must be milliseconds since the epoch, such as Date.now()' })
            .max(now + CLOCK_DRIFT_MS, { error: 'is in the future' })
            .default(now),
          authenticator: z.string().min(1).max(255).optional(),
          userVerified: z.boolean().default(false),
          userPresent: z.boolean().default(false),
        })
        .refine(({ method, authenticator }) => held(method) === (authenticator !== undefined), {
          path: ['authenticator'],
          error: 'belongs to what a person has, and is needed there',
        })
        .refine(({ method, userVerified }) => held(method) || !userVerified, {
          path: ['userVerified'],
          error: 'says something about an authenticator that a person has',
        }),
    )
    .min(1)
    .max(5);

const held = (method: string): boolean => HOST_METHODS[method] === 'possession';

/**
 * Checks what a host hands in, and makes facts of it.
 *
 * @throws ConfigurationError naming each field that is wrong, and an authenticator that `alternative.authenticators` does
 *   not list: what cannot be taken away again counts nowhere (BND-08).
 */
export async function readHostFactors(
  core: Core,
  accountId: string,
  factors: unknown,
  field: string,
): Promise<Fact[]> {
  const now = core.clock.now();
  const { data, found } = readInput(factorsSchema(now), factors, 'setting');
  if (found) {
    throw new ConfigurationError(
      found.map(({ path, reason }) => ({ field: [field, ...path].join('.'), reason, fix: FIX })),
    );
  }
  const facts = data.map(
    ({ method, at, authenticator, userVerified, userPresent }): Fact => ({
      ...{ method, at: Math.min(at, now) },
      ...(authenticator === undefined ? {} : { authenticator }),
      ...(userVerified ? { userVerified } : {}),
      ...(userPresent ? { userPresent } : {}),
    }),
  );
  const listed = await authenticatorsOfHost(core, accountId, facts);
  if (facts.every((fact) => !isOfHost(fact) || listed.has(fact.authenticator!))) return facts;
  throw new ConfigurationError([{ field, reason: 'alternative.authenticators does not list one', fix: FIX }]);
}

const FIX =
  'Hand in HostFactor objects whose authenticators alternative.authenticators lists; see the README';

/**
 * Ids of the authenticators that the account has at the host. It is asked where that matters only: where one of the facts
 * was proved by one of them, or `always`. What it throws is thrown: nothing counts then.
 */
export async function authenticatorsOfHost(
  { options }: Core,
  accountId: string,
  facts: readonly Fact[],
  always = false,
): Promise<ReadonlySet<string>> {
  const list = options.alternative?.authenticators;
  if (!list || !(always || facts.some(isOfHost))) return new Set();
  return new Set(await list(accountId));
}
