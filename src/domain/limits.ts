import { SekishoError } from '../errors.ts';
import type { EventKind } from '../events.ts';
import { type Channel, type Key, key, type Reservation } from '../ports/store.ts';
import type { Core } from './core.ts';
import { digest, mac } from './keys.ts';
import { maskPhone } from './phone.ts';
import { countUses } from './uses.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Who is asking for a message, and to where. */
export interface SendRequest {
  e164: string;
  /**
   * Whether the number was proved before. Strangers who type a number in count apart, so that they cannot use up the
   * sends of its owner (THR-02).
   */
  confirmed: boolean;
  /** Undefined while signing up. */
  accountId: string | undefined;
  /** Undefined when it cannot be known; all such requests share one limit (lesson 10). */
  ip: string | undefined;
  channel: Channel;
  /** Nobody pressed a button: the same code goes another way. It counts, without a pause and for no address. */
  automatic?: boolean | undefined;
}
type Limit = Extract<EventKind, { type: 'send.refused' }>['limit'] | 'tries';
/** Gives a use back. */
export type Release = (only?: readonly Limit[]) => Promise<void>;
const EVERYTHING: readonly Limit[] = ['number', 'tries', 'account', 'ip', 'voice'];
/** What is given back for a send that every gateway refused: neither its pause nor what counts for the address. */
export const UNSENT: readonly Limit[] = ['number', 'account', 'voice'];
/** Since a refusal may be a vendor's error, sends that are given back end at so many times the limits of a number. */
const TRIES = 3;

/**
 * Counts a send against the limits of its number, account and address, all in one round trip (THR-03). When one of them
 * refuses, the others are given back.
 *
 * @returns what gives the use back, for a send that is not made after all; all of it, or only what counts for the number.
 * @throws SekishoError `send_too_early` during a cool-down, `send_limit` otherwise, both with `retryAt`.
 */
export async function reserveSend(core: Core, request: SendRequest): Promise<Release> {
  const now = core.clock.now();
  const limits = sendLimits(core, request, now);
  const uses = await countUses(
    core.store,
    limits.map(({ reservation }) => reservation),
  );
  const refused = uses.outcomes.flatMap((outcome, at) =>
    outcome.granted ? [] : [{ ...outcome, limit: limits[at]!.limit }],
  );
  const release: Release = (only = EVERYTHING) => uses.release((at) => only.includes(limits[at]!.limit));
  if (refused.length === 0) return release;
  await release();
  const worst = refused.reduce((a, b) => (b.retryAt > a.retryAt ? b : a));
  const limit = worst.limit === 'tries' ? 'number' : worst.limit;
  core.emit({ type: 'send.refused', limit, number: maskPhone(request.e164) });
  const code = worst.reason === 'cooldown' ? 'send_too_early' : 'send_limit';
  throw new SekishoError(code, `The limit per ${limit} is reached`, { retryAt: worst.retryAt });
}

function sendLimits(
  core: Core,
  request: SendRequest,
  now: number,
): { limit: Limit; reservation: Reservation }[] {
  const { sends, voice } = core.options;
  const perNumber = (
    tag: string,
    kind: 'sends' | 'tries',
    times: number,
    cooldown: number[],
  ): Reservation => ({
    key: key(tag, kind, confirmedOrNot(request)),
    now,
    windows: [
      { window: HOUR, max: sends.perNumberHour * times },
      { window: DAY, max: sends.perNumberDay * times },
    ],
    cooldown,
  });
  const pauses = request.automatic ? [] : sends.cooldown.map((pause) => pause * 1000);
  const per = (limitKey: Key, window: number, max: number): Reservation => ({
    key: limitKey,
    now,
    windows: [{ window, max }],
    cooldown: [],
  });
  const { accountId, channel, automatic, e164 } = request;
  const ip = key(digest(`ip ${request.ip ?? 'unknown'}`), 'sends');
  const day = (name: Key, max: number): Reservation => per(name, DAY, max);
  // Under every secret: what was counted before one came or moved still counts, and so does what another process counts.
  const tags = core.ring.all.map((set) => mac(set.index, e164));
  return [
    ...tags.map((tag) => ({ limit: 'number' as const, reservation: perNumber(tag, 'sends', 1, []) })),
    ...tags.map((tag) => ({ limit: 'tries' as const, reservation: perNumber(tag, 'tries', TRIES, pauses) })),
    ...(automatic ? [] : [{ limit: 'ip' as const, reservation: per(ip, HOUR, sends.perIpHour) }]),
    ...(channel === 'sms' ? [] : tags).map((tag) => ({
      limit: 'voice' as const,
      reservation: day(key(tag, 'calls', confirmedOrNot(request)), voice.perNumberDay),
    })),
    ...(accountId === undefined
      ? []
      : [
          {
            limit: 'account' as const,
            reservation: day(key(accountTag(accountId), 'sends'), sends.perAccountDay),
          },
        ]),
  ];
}

/** Apart, calls as well: what strangers ask for must not use up what the number's owner has (THR-02). */
const confirmedOrNot = ({ confirmed }: SendRequest): string => (confirmed ? 'confirmed' : 'unconfirmed');

/** Tag of everything that belongs to one account: its records live on one node of a cluster (DESIGN 10). */
export const accountTag = (accountId: string): string => digest(`account ${accountId}`);
/**
 * Tag of what belongs to a number; nobody finds the number without the key (PRV-02). It changes with the newest secret, so
 * that only what may start anew hangs on it alone.
 */
export const numberTag = (core: Core, e164: string): string => mac(core.ring.current.index, e164);
