import { createHash } from 'node:crypto';
import type { RawWebhook, WebhookAuth } from '../../../ports/gateway.ts';

/** One way of vendors to prove that a webhook is theirs (GWY-03). */
export interface Scheme {
  /**
   * Checks the raw bytes and the address as the vendor called it, at the time when the request came. Never throws.
   *
   * @returns `missing` without a signature, `stale` with a time stamp more than five minutes off, `mismatch` for the rest:
   *   a wrong signature, a header that came twice, a body that the signature says nothing about.
   */
  verify(request: RawWebhook): Promise<WebhookAuth>;
}

/** Milliseconds a signed time stamp may be off, both ways (GWY-03). */
export const TOLERANCE = 300_000;

/**
 * Makes a scheme of a check that takes what it needs, or refuses. Whatever else goes wrong inside is a mismatch: no
 * surprise lets a webhook pass.
 *
 * @param check Returns the replay key, or undefined where the vendor signs nothing that names the delivery.
 */
export function createScheme(
  check: (request: RawWebhook) => string | undefined | Promise<string | undefined>,
): Scheme {
  return {
    async verify(request) {
      try {
        const replayKey = await check(request);
        return replayKey === undefined ? { result: 'ok' } : { result: 'ok', replayKey };
      } catch (error) {
        return { result: 'refused', reason: error instanceof Refused ? error.reason : 'mismatch' };
      }
    },
  };
}

class Refused extends Error {
  readonly reason: 'missing' | 'mismatch' | 'stale';

  constructor(reason: 'missing' | 'mismatch' | 'stale') {
    super(`the webhook is refused: ${reason}`);
    this.reason = reason;
  }
}

/** Refuses unless something holds. */
export function demand(holds: boolean, reason: 'mismatch' | 'stale' = 'mismatch'): void {
  if (!holds) throw new Refused(reason);
}

/** The value of a header that has to be there, once. */
export function takeHeader({ headers }: RawWebhook, name: string): string {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (value === undefined || value === '') throw new Refused('missing');
  if (typeof value !== 'string') throw new Refused('mismatch');
  return value;
}

/**
 * A time stamp in digits, seconds or milliseconds since the epoch, as milliseconds. Nothing but digits passes: it stands
 * beside other text in what is signed, and must not be able to pass for a piece of it.
 */
export function takeTime(text: string, unit: 'seconds' | 'milliseconds' = 'seconds'): number {
  demand(/^\d{1,15}$/.test(text));
  return Number(text) * (unit === 'seconds' ? 1000 : 1);
}

/** Refuses a time that is more than five minutes before or after the arrival. */
export function demandFresh(time: number, { receivedAt }: RawWebhook): void {
  demand(Math.abs(receivedAt - time) <= TOLERANCE, 'stale');
}

/** Names a delivery by what was signed, or by the signature over all of it. */
export const replayKeyOf = (signed: string | Uint8Array): string =>
  createHash('sha256').update(signed).digest('base64url');

/** Whether one of the secrets fits; all of them are tried in any case, so that the time does not say which. */
export const anyOf = <T>(secrets: readonly T[], fits: (secret: T) => boolean): boolean =>
  secrets.map(fits).some(Boolean);
