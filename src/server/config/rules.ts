import type { Problem } from '../../errors.ts';
import { ALL_OFF } from '../../options/gateways.ts';
import type { ServerConfig } from '../config.ts';
import { gatewayConfigs } from './gateways.ts';

type Rule = [broken: boolean, field: string, reason: string, fix: string];

/** What one field means for another. */
export function ruleProblems(config: ServerConfig): Problem[] {
  const { production, issuer, trustedProxies, clients } = config;
  const secure = issuer.startsWith('https:');
  const ids = clients.map(({ client_id: id }) => id);
  const rules: Rule[] = [
    [
      production && !secure,
      'issuer',
      'production needs https',
      'Serve it behind a proxy with TLS, and write https here',
    ],
    [
      secure && trustedProxies === 0,
      'trustedProxies',
      'is 0, but an https issuer needs a proxy in front that speaks TLS',
      'Set it to how many proxies there are, mostly 1',
    ],
    ...gatewayRules(config),
    [
      new Set(ids).size < ids.length,
      'clients',
      'two have the same client_id',
      'Give each client an id of its own',
    ],
  ];
  return rules.flatMap(([broken, field, reason, fix]) => (broken ? [{ field, reason, fix }] : []));
}

function gatewayRules(config: ServerConfig): Rule[] {
  const { production, gateway, gateways } = config;
  const all = gatewayConfigs(config);
  return [
    [
      all.length === 0,
      'gateway',
      'is missing',
      'Name what reaches phones, such as { "type": "handset" } while trying out',
    ],
    [
      gateway !== undefined && gateways !== undefined,
      'gateways',
      'stands beside gateway',
      'Use gateways for several, gateway for one',
    ],
    [
      all.length > 0 && all.every(({ enabled }) => !enabled),
      gateways === undefined ? 'gateway' : 'gateways',
      ...ALL_OFF,
    ],
    ...all.map(
      ({ field, type }): Rule => [
        production && type === 'handset',
        `${field}.type`,
        'the handset shows every code to anybody and reaches no phone, so production refuses it',
        'Name a gateway that sends, or set production to false while trying out',
      ],
    ),
  ];
}
