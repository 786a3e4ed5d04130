/**
 * Puts one of our gateways through the contract, against the stand-in of its vendor in the simulator:
 *
 *     import { gatewayContract } from '../../src/testing/index.ts';
 *     import { simulated } from '../support/simulated.ts';
 *
 *     gatewayContract('Twilio', simulated({
 *       vendor: createTwilioStandIn,                          // makes a new one each time
 *       make: ({ baseUrl, credentials, ...common }) =>        // common: insecure, totalTimeout, connectTimeout
 *         createTwilioGateway({ ...common, baseUrl, accountSid: credentials.accountSid, … }),
 *       secrets: ({ authToken }) => [authToken],              // credentials that are secret
 *       signs: 'content',                                     // 'nothing' for vendors without a signature
 *       refuses: { 'opted-out': 'opt-out', 'unknown-number': 'number', throttled: { class: 'throttled', retryAfter: true } },
 *       reports: { undelivered: 'unreachable', filtered: 'blocked' },
 *     }));
 *
 * `refuses` and `reports`: what the vendor refuses at once, and what it takes and reports as undelivered later, each with the
 * class that the gateway has to give it.
 */

import type { Gateway, RejectionClass } from '../../src/ports/gateway.ts';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts';
import {
  FATES,
  type Fate,
  type Refusal,
  type SimMessage,
  type StandIn,
} from '../../src/simulator/stand-in.ts';
import type { FakeVendor, GatewayHandle, Reception, Refused, TakenMessage } from '../../src/testing/index.ts';
import { freePorts } from './free-ports.ts';

/** What the maker of a gateway is given. */
export interface SimulatedSettings {
  baseUrl: string;
  credentials: Readonly<Record<string, string>>;
  insecure: true;
  connectTimeout: number;
  totalTimeout: number;
}

export interface Simulated {
  vendor: () => StandIn;
  make(settings: SimulatedSettings): Gateway;
  signs: FakeVendor['signs'];
  /** Which credentials are secret; all of them unless said. */
  secrets?(credentials: Readonly<Record<string, string>>): readonly string[];
  /** What is refused at once: the class, or with it `retryAfter: true`, or the only `channel` that is refused. */
  refuses?: Partial<Record<Refusal, RejectionClass | Omit<Refused, 'to'>>>;
  /** What is taken, and reported as undelivered; `undelivered` as `unreachable` unless said. */
  reports?: Partial<Record<Refusal | 'undelivered', RejectionClass>>;
  /** Where the vendor is asked by our id. */
  findsById?: boolean;
  /** Senders that a route may name. */
  senders?: FakeVendor['senders'];
  /** When the vendor would give a message up, as the stand-in kept it. */
  expiresAt?(message: SimMessage): number | undefined;
  /** Fates that this vendor cannot have. */
  without?: readonly Fate[];
  /** Who a person writes to; only where the vendor brings messages. */
  inboundTo?: string;
}

/** A minute longer than anything lasts but a failure that comes late. */
const LONGEST = 100_000;

/** Numbers choose their fate by the last digits. */
export const numberWith = (fate: Fate): string => `+8190123499${FATES[fate]}`;

export function simulated(about: Simulated): (reception: Reception) => Promise<GatewayHandle> {
  return async (reception) => {
    const standIn = about.vendor();
    const { vendor, credentials } = standIn;
    const simulator = await startSimulator({
      vendors: [standIn],
      webhooks: { [vendor]: reception.url },
      virtualTime: true,
      serverTime: 'simulator',
    });
    const common = { credentials, insecure: true, connectTimeout: 1000, totalTimeout: 4000 } as const;
    const gateway = about.make({ ...common, baseUrl: simulator.vendorUrl(vendor) });
    const nowhere = about.make({ ...common, baseUrl: `http://127.0.0.1:${await freePorts()}/${vendor}` });
    return {
      gateway,
      nowhere,
      vendor: fakeVendor(about, standIn, simulator),
      secrets: about.secrets?.(credentials) ?? Object.values(credentials),
      insecure: true,
      async close() {
        await Promise.all([gateway.close?.(), nowhere.close?.()]);
        await simulator.close();
      },
    };
  };
}

function fakeVendor(about: Simulated, { vendor }: StandIn, simulator: Simulator): FakeVendor {
  const { signs, findsById, senders, inboundTo } = about;
  return {
    signs,
    ...(findsById === undefined ? {} : { findsById }),
    ...(senders === undefined ? {} : { senders }),
    numbers: numbersOf(about),
    messages: () => simulator.messages({ vendor }).map((message) => takenMessage(message, about)),
    async settle() {
      await simulator.advance(LONGEST);
      await simulator.settle();
    },
    now: () => simulator.now(),
    ...(inboundTo === undefined
      ? {}
      : { inbound: (from: string, text: string) => simulator.reply(vendor, { from, to: inboundTo, text }) }),
  };
}

function takenMessage(message: SimMessage, { expiresAt }: Simulated): TakenMessage {
  const until = expiresAt?.(message);
  return {
    ...{ channel: message.channel, to: message.to, from: message.from, text: message.text },
    arrived: message.arrivedAt !== null,
    heard: message.heard,
    ...(until === undefined ? {} : { expiresAt: until }),
  };
}

function numbersOf({ refuses = {}, reports = {}, without = [] }: Simulated): FakeVendor['numbers'] {
  const can = (fate: Fate) => (without.includes(fate) ? undefined : numberWith(fate));
  const refused = (fates: Readonly<Record<string, RejectionClass | Omit<Refused, 'to'>>>): Refused[] =>
    Object.entries(fates).map(([fate, expected]) => ({
      to: numberWith(fate as Fate),
      ...(typeof expected === 'string' ? { class: expected } : expected),
    }));
  return {
    taken: '+819012345678',
    refused: refused(refuses),
    undelivered: without.includes('undelivered') ? [] : refused({ undelivered: 'unreachable', ...reports }),
    lost: (['reset', 'broken'] as const).filter((fate) => !without.includes(fate)).map(numberWith),
    ...dropUndefined({
      slow: can('slow'),
      down: can('error'),
      early: can('early-receipt'),
      unsigned: can('unsigned'),
      wronglySigned: can('wrongly-signed'),
      busy: can('busy'),
      noAnswer: can('no-answer'),
      machine: can('machine'),
      hungUp: can('hung-up'),
    }),
  };
}

const dropUndefined = <T extends Record<string, string | undefined>>(
  numbers: T,
): Partial<Record<keyof T, string>> =>
  Object.fromEntries(Object.entries(numbers).filter(([, number]) => number !== undefined)) as Partial<
    Record<keyof T, string>
  >;
