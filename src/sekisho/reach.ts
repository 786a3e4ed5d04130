import { createExchange } from '../domain/exchange.ts';
import type { NumberKind } from '../domain/phone.ts';
import type { Options, Route } from '../options.ts';
import type { GatewayFinding } from '../ports/gateway.ts';
import type { Channel } from '../ports/store.ts';

type Found = GatewayFinding & { field: string };

/** Kinds of numbers, with what carries a code to each. */
const KINDS: readonly [NumberKind, readonly Channel[]][] = [
  ['mobile', ['sms', 'voice']],
  ['fixed', ['voice']],
  ['voip', ['voice']],
];

/**
 * Numbers that are taken and that no code can reach, and routes for calls that nobody can place. Both are told at the start,
 * and not by the first person who waits for a code. They are warnings: a gateway of a host's own may be on its way.
 */
export function reachFindings(options: Options): Found[] {
  const { channelsTo } = createExchange(options);
  const unreached = options.countries.filter(
    (country) =>
      !KINDS.some(([type, channels]) => channelsTo({ e164: '', country, type, channels }).length > 0),
  );
  return [
    ...unreached.map(
      (country): Found => ({
        field: 'countries',
        severity: 'warning',
        message: `holds ${country}, whose numbers no gateway reaches, by SMS or by call`,
        fix: `Add a gateway or a route for ${country}, or remove it from countries`,
      }),
    ),
    ...options.routes.flatMap((route, at) => {
      const field = `routes.${at}`;
      const off = switchedOff(options, route, field);
      return off.length > 0 ? off : muteRoute(options, route, field);
    }),
  ];
}

/** A route that has gateways, and none that is on. */
function switchedOff({ gateways }: Options, { via }: Route, field: string): Found[] {
  const isOff = (name: string) =>
    gateways.some((gateway) => gateway.name === name && gateway.enabled === false);
  if (via.length === 0 || !via.every(({ gateway }) => isOff(gateway))) return [];
  const names = via.map(({ gateway }) => gateway).join(', ');
  return [
    {
      field,
      severity: 'warning',
      message: `names only gateways that are switched off (${names}): its numbers get nothing`,
      fix: 'Name one that is on as well, or switch one of them on',
    },
  ];
}

/** A route that says voice, where none of its gateways may call. One without gateways says that nothing is sent. */
function muteRoute({ gateways, voice }: Options, { channels, via }: Route, field: string): Found[] {
  if (!channels?.includes('voice') || via.length === 0) return [];
  const callers = gateways.filter(
    ({ name, channels: can, enabled }) =>
      enabled !== false && can.includes('voice') && via.some((leg) => leg.gateway === name),
  );
  const mayCall = callers.filter(({ callGuard = 'none' }) => voice.allowUnguarded || callGuard !== 'none');
  if (voice.enabled && mayCall.length > 0) return [];
  const [message, fix] = whyMute(voice.enabled, callers.length > 0);
  return [{ field, severity: 'warning', message, fix }];
}

function whyMute(enabled: boolean, callers: boolean): [message: string, fix: string] {
  if (!enabled)
    return ['is for calls, and voice.enabled is false', 'Remove voice from it, or switch voice on'];
  return callers
    ? [
        'is for calls, and its gateways read codes to answering machines, so they get none',
        'Name a gateway that asks for a key press, or set voice.allowUnguarded if you accept the risk',
      ]
    : [
        'is for calls, and none of its gateways can call',
        'Name a gateway that calls, or remove voice from it',
      ];
}
