import { SekishoError } from '../errors.ts';
import type { EventCommon, EventKind } from '../events.ts';
import { type Channel, type Key, key, type Reservation } from '../ports/store.ts';
import type { Core } from './core.ts';
import { digest, mac } from './keys.ts';
import { maskPhone } from './phone.ts';
import { countUses } from './uses.ts';

const QUARTER = 900_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How often the limit of one asker the whole network has that one subscriber can own. */
export const NETWORK_SHARE = 10;

/**
 * The /48 of an IPv6 address as limits count it: whoever rents a line, or gets a tunnel for nothing, has 65,536 askers in one.
 * Undefined for IPv4, where addresses are dear.
 */
export const networkOf = (ip: string | undefined): string | undefined =>
  ip?.includes(':') ? ip.split(':').slice(0, 3).join(':') : undefined;

/** Whose turn it is, where askers take turns: one network counts as one. */
export const holderOf = (ip: string | undefined): string | undefined => networkOf(ip) ?? ip;

/** Who is asking for a message, and to where. */
export interface SendRequest {
  e164: string;
  /** Whether the number was proved before, by the account that asks. */
  confirmed: boolean;
  /** Undefined while signing up. */
  accountId: string | undefined;
  /** Undefined when it cannot be known; all such requests share one limit (lesson 10). */
  ip: string | undefined;
  channel: Channel;
  /** Nobody pressed a button: the same code goes another way. It counts, without a pause and for no address. */
  automatic?: boolean | undefined;
  /** Whose send it is, for the event of a refusal. */
  about?: Omit<EventCommon, 'time'> | undefined;
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
  core.emit({ type: 'send.refused', limit, number: maskPhone(request.e164) }, request.about);
  const code = worst.reason === 'cooldown' ? 'send_too_early' : 'send_limit';
  throw new SekishoError(code, `The limit per ${limit} is reached`, { retryAt: worst.retryAt });
}

type SendLimit = { limit: Limit; reservation: Reservation };

function sendLimits(core: Core, request: SendRequest, now: number): SendLimit[] {
  const { sends } = core.options;
  const { accountId, automatic, confirmed, ip } = request;
  const uses = (limit: Limit, name: Key, windows: Reservation['windows']): SendLimit => ({
    limit,
    reservation: { key: name, now, windows, cooldown: [] },
  });
  // Nobody but its owner has a number that was proved to an account, and reads its codes: an address that cannot be read,
  // and all that share it, close nothing for them.
  const countsIp = !automatic && (ip !== undefined || !confirmed);
  const from = key(digest(`ip ${ip ?? 'unknown'}`), 'sends');
  const network = automatic || confirmed ? undefined : networkOf(ip);
  // Under every secret: what was counted before one came or moved still counts, and so does what another process counts.
  const tags = core.ring.all.map((set) => mac(set.index, request.e164));
  return [
    ...tags.flatMap((tag) =>
      confirmed ? toProved(core, request, tag, now) : toUnproved(core, request, tag, now),
    ),
    ...(countsIp ? [uses('ip', from, [{ window: HOUR, max: sends.perIpHour }])] : []),
    ...(network === undefined
      ? []
      : [
          uses('ip', key(digest(`network ${network}`), 'sends'), [
            { window: HOUR, max: NETWORK_SHARE * sends.perIpHour },
          ]),
        ]),
    // Apart: who only has the password uses up what signing in has, and not what binding has after the number was reset.
    ...(accountId === undefined
      ? []
      : [
          uses('account', key(accountTag(accountId), 'sends', confirmed ? 'confirmed' : 'unconfirmed'), [
            { window: DAY, max: sends.perAccountDay },
          ]),
        ]),
  ];
}

const toProved = (core: Core, request: SendRequest, tag: string, now: number): SendLimit[] =>
  ofNumber(core, request, now, {
    ...{ tag, name: ['confirmed'] },
    sends: [
      { window: HOUR, max: core.options.sends.perNumberHour },
      { window: DAY, max: core.options.sends.perNumberDay },
    ],
    calls: [{ window: DAY, max: core.options.voice.perNumberDay }],
  });

/**
 * What goes to a number that is not proved yet counts against who asks, so that no stranger closes it for its owner
 * (THR-02, fault B.2): an account that gave its first factor, else the address. Besides, there is a limit over all askers for
 * the sake of whoever has that phone and of the bill (THR-03): far above what one asker has, over within a quarter of an
 * hour (calls: an hour), and one for accounts and one for addresses, because accounts are harder to come by. Where the
 * address is unknown everybody would be that asker: then only the short window counts.
 */
function toUnproved(core: Core, request: SendRequest, tag: string, now: number): SendLimit[] {
  const { sends, voice } = core.options;
  const { accountId, channel, ip } = request;
  const kind = accountId === undefined ? 'addresses' : 'accounts';
  const asker = accountId === undefined ? ip && digest(`ip ${ip}`) : accountTag(accountId);
  const total = (limit: Limit, name: string, window: number, max: number): SendLimit => ({
    limit,
    reservation: { key: key(tag, name, 'everybody', kind), now, windows: [{ window, max }], cooldown: [] },
  });
  return [
    ...ofNumber(core, request, now, {
      ...{ tag, name: ['unconfirmed', asker ?? 'unknown'] },
      sends:
        asker === undefined
          ? [{ window: QUARTER, max: sends.perNumberHour }]
          : [
              { window: HOUR, max: sends.perNumberHour },
              { window: DAY, max: sends.perNumberDay },
            ],
      calls: [{ window: asker === undefined ? HOUR : DAY, max: voice.perNumberDay }],
    }),
    total('number', 'sends', QUARTER, sends.perUnprovedNumber),
    ...(channel === 'voice' ? [total('voice', 'calls', HOUR, 2 * voice.perNumberDay)] : []),
  ];
}

/** The limits of one number as one asker has them; tries that were given back end at three times as many. */
function ofNumber(
  core: Core,
  { automatic, channel }: SendRequest,
  now: number,
  {
    tag,
    name,
    sends,
    calls,
  }: { tag: string; name: string[] } & Record<'sends' | 'calls', Reservation['windows']>,
): SendLimit[] {
  const pauses = automatic ? [] : core.options.sends.cooldown.map((pause) => pause * 1000);
  const tries = sends.map(({ window, max }) => ({ window, max: max * TRIES }));
  const uses = (
    limit: Limit,
    kind: string,
    windows: Reservation['windows'],
    cooldown: number[],
  ): SendLimit => ({
    limit,
    reservation: { key: key(tag, kind, ...name), now, windows, cooldown },
  });
  return [
    uses('number', 'sends', sends, []),
    uses('tries', 'tries', tries, pauses),
    ...(channel === 'voice' ? [uses('voice', 'calls', calls, [])] : []),
  ];
}

/**
 * Whether a code for a number that is not proved may have the usual length. Who signs up or binds starts his own challenges,
 * so the guesses at one number are as many as its challenges take, whoever asks; and no limit on them may close the number
 * for its owner. So the first hundred guesses in 24 hours are at usual codes: 1 in 10,000 for six digits. Every challenge after
 * that has a code that is two digits longer: even 1,920 of them, all that the limits above let through, with five tries each,
 * add less than another 1 in 10,000. Its owner reads two digits more and waits for nothing.
 */
export async function mayBeUsualCode(core: Core, e164: string): Promise<boolean> {
  const max = Math.floor(GUESSES_AT_USUAL_CODES / core.options.code.tries);
  const { outcomes } = await countUses(
    core.store,
    core.ring.all.map((set) => ({
      key: key(mac(set.index, e164), 'usual-codes'),
      now: core.clock.now(),
      windows: [{ window: DAY, max }],
      cooldown: [],
    })),
  );
  return outcomes.every(({ granted }) => granted);
}
const GUESSES_AT_USUAL_CODES = 100;

/** Tag of everything that belongs to one account: its records live on one node of a cluster (DESIGN 10). */
export const accountTag = (accountId: string): string => digest(`account ${accountId}`);
/**
 * Tag of what belongs to a number; nobody finds the number without the key (PRV-02). It changes with the newest secret, so
 * that only what may start anew hangs on it alone.
 */
export const numberTag = (core: Core, e164: string): string => mac(core.ring.current.index, e164);
