import type { z } from 'zod';
import type { Gateway } from '../../ports/gateway.ts';
import type { configSchema } from './schema.ts';

type Named = Pick<z.output<typeof configSchema>, 'gateway' | 'gateways'>;

/** One gateway of the configuration: where it stands there, and what it is given. */
export interface GatewayConfig {
  field: string;
  type: string;
  name: string;
  settings: Record<string, unknown>;
  /** Whether anything is sent over it; for every type, those of plugins too. */
  enabled: boolean;
}

/** All gateways that the configuration names, the best first. */
export function gatewayConfigs({ gateway, gateways }: Named): GatewayConfig[] {
  const all = gateways?.map((part, at) => ({ part, field: `gateways.${at}` })) ?? [];
  const one = gateway === undefined ? [] : [{ part: gateway, field: 'gateway' }];
  return [...one, ...all].map(({ part: { type, enabled = true, ...settings }, field }) => ({
    ...{ field, type, settings, enabled },
    name: typeof settings['name'] === 'string' ? settings['name'] : type,
  }));
}

/** Gateways with the names of those of the configuration, that send nothing: for looking at the rest of it. */
export function placeholders(config: Named): Gateway[] {
  const switches = new Map(gatewayConfigs(config).map(({ name, enabled }) => [name, enabled]));
  return [...switches].map(([name, enabled]) => ({
    ...{ name, enabled },
    channels: ['sms', 'voice'],
    send: async () => ({ outcome: 'rejected', class: 'permanent' }),
  }));
}

/** The same gateway, that is not to open a connection of its own: looking at it must not push a running server off it. */
export const unconnected = (gateway: Gateway): Gateway =>
  Object.create(gateway, { listen: { value: undefined }, close: { value: () => gateway.close?.() } });
