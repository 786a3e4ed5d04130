import { randomInt } from 'node:crypto';
import type { Leg, Options, Route } from '../options.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { Channel } from '../ports/store.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import type { Phone } from './phone.ts';

/** One way to a number: a gateway, and what the route says about it. */
export interface Way {
  gateway: Gateway;
  sender?: string;
  /** Whether an SMS on this way ends with the origin-bound line. */
  originLine: boolean;
}

/** Where a message is connected to a gateway. */
export interface Exchange {
  readonly gateways: readonly Gateway[];
  find(name: string): Gateway | undefined;
  /** Ways to a number, the best first; whose circuit is open comes last. */
  waysTo(phone: Phone, channel: Channel): Way[];
  /** Channels by which a number can be reached at all. */
  channelsTo(phone: Phone): readonly Channel[];
  breaker(gateway: Gateway): Breaker;
}

type Settings = Pick<Options, 'gateways' | 'routes' | 'sms' | 'voice'>;

export function createExchange(settings: Settings): Exchange {
  const { gateways } = settings;
  const byName = new Map(gateways.map((gateway) => [gateway.name, gateway]));
  const breakers = new Map(gateways.map((gateway) => [gateway, createBreaker()]));
  const waysTo = (phone: Phone, channel: Channel): Way[] => {
    if (!phone.channels.includes(channel)) return [];
    const legs = legsFor(settings, phone, channel);
    return legs.flatMap(({ gateway: name, sender, originLine = settings.sms.originLine }) => {
      const gateway = byName.get(name);
      return gateway && serves(settings, gateway, phone, channel)
        ? [{ gateway, originLine, ...(sender === undefined ? {} : { sender }) }]
        : [];
    });
  };
  return {
    gateways,
    find: (name) => byName.get(name),
    waysTo,
    channelsTo: (phone) => phone.channels.filter((channel) => waysTo(phone, channel).length > 0),
    breaker: (gateway) => breakers.get(gateway)!,
  };
}

/** Whether a gateway can carry this at all, whatever a route says. */
function serves({ voice }: Settings, gateway: Gateway, phone: Phone, channel: Channel): boolean {
  if (gateway.enabled === false || !gateway.channels.includes(channel)) return false;
  if (gateway.countries && !gateway.countries.includes(phone.country)) return false;
  if (channel === 'sms') return true;
  // A code that is read to whatever picks up ends on answering machines (lesson 25).
  return voice.enabled && (voice.allowUnguarded || (gateway.callGuard ?? 'none') !== 'none');
}

function legsFor({ routes, gateways }: Settings, phone: Phone, channel: Channel): Leg[] {
  const route = routes.find((candidate) => fits(candidate, phone, channel));
  if (route) return route.order === 'weighted' ? drawn(route.via) : route.via;
  const all = gateways.map(({ name }) => ({ gateway: name, weight: 1 }));
  const domestic = ({ gateway }: { gateway: string }) =>
    gateways.find(({ name }) => name === gateway)?.countries?.includes(phone.country) ?? false;
  return routes.length > 0 ? [] : [...all.filter(domestic), ...all.filter((leg) => !domestic(leg))];
}

function fits({ countries, types, channels }: Route, phone: Phone, channel: Channel): boolean {
  return (
    (countries?.includes(phone.country) ?? true) &&
    (types?.includes(phone.type) ?? true) &&
    (channels?.includes(channel) ?? true)
  );
}

/** The first one by weight, then the next by weight among the rest, and so on. */
function drawn(legs: readonly Leg[]): Leg[] {
  const rest = [...legs];
  const order: Leg[] = [];
  while (rest.length > 0) {
    const ticket = randomInt(rest.reduce((sum, { weight }) => sum + weight, 0));
    const upTo = rest.map((_, at) => rest.slice(0, at + 1).reduce((sum, { weight }) => sum + weight, 0));
    order.push(
      ...rest.splice(
        upTo.findIndex((sum) => ticket < sum),
        1,
      ),
    );
  }
  return order;
}
