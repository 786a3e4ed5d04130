import type { z } from 'zod';
import type { Problem } from '../errors.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { optionsSchema } from './schema.ts';

type Given = z.output<typeof optionsSchema>;

/** What has to fit together about gateways: there are some, their names tell them apart, and routes name them. */
export function gatewayRules(options: Given): Problem[] {
  const { gateway, gateways, routes, rates, concurrency } = options;
  if (!gateway && !gateways) return missingGateway({});
  if (gateway && gateways) {
    return [problem('gateways', 'stands beside gateway', 'Use gateways for several, gateway for one')];
  }
  const all = gateways ?? [gateway!];
  const field = (at: number) => (gateways ? `gateways.${at}` : 'gateway');
  const names = all.map(({ name }) => name);
  return [
    ...all.flatMap((one, at) => shapeProblems(one, field(at))),
    ...names.flatMap((name, at) =>
      names.indexOf(name) < at
        ? problem(`${field(at)}.name`, `is "${name}" like another`, 'Give each gateway a name of its own')
        : [],
    ),
    ...routes.flatMap((route, at) => routeProblems(options, names, route, `routes.${at}`)),
    ...nothingLeft(options, all, gateways ? 'gateways' : 'gateway'),
    ...plainWebhooks(options),
    ...Object.keys(rates).flatMap((name) => unknownName(names, name, `rates.${name}`)),
    ...Object.keys(concurrency).flatMap((name) => unknownName(names, name, `concurrency.${name}`)),
  ];
}

/** What is wrong where every gateway is switched off, and what to do. */
export const ALL_OFF = [
  'is switched off, so that nothing can be sent',
  'Switch one on, or add another; to stop all sending, write "routes": [{ "via": [] }]',
] as const;

/** Routes without a gateway say that nothing is to be sent; a switch that leaves none says it by mistake. */
function nothingLeft({ routes }: Given, all: readonly Gateway[], field: string): Problem[] {
  const off = new Set(all.flatMap(({ name, enabled }) => (enabled === false ? [name] : [])));
  if (off.size === all.length) return [problem(field, ...ALL_OFF)];
  const legs = routes.flatMap(({ via }) => via);
  return legs.length > 0 && legs.every(({ gateway }) => off.has(gateway))
    ? [problem('routes', 'name only gateways that are switched off, so that nothing can be sent', ALL_OFF[1])]
    : [];
}

function routeProblems(
  { countries }: Given,
  names: readonly string[],
  { via, countries: served = [] }: Given['routes'][number],
  field: string,
): Problem[] {
  return [
    ...via.flatMap((leg, at) => unknownName(names, leg.gateway, `${field}.via.${at}`)),
    ...via.flatMap(({ gateway }, at) =>
      via.findIndex((leg) => leg.gateway === gateway) < at
        ? problem(`${field}.via.${at}`, `names "${gateway}" a second time`, 'Name each gateway once')
        : [],
    ),
    ...served.flatMap((country, at) =>
      countries.includes(country)
        ? []
        : problem(
            `${field}.countries.${at}`,
            `is ${country}, which is none of countries`,
            'Add it to countries, or remove it here',
          ),
    ),
  ];
}

/** Addresses of webhooks are secrets, and what is answered there is read out. */
const plainWebhooks = ({ webhooks, production }: Given): Problem[] =>
  production && webhooks.baseUrl?.startsWith('http:')
    ? [problem('webhooks.baseUrl', 'production needs https', 'Let vendors reach us over https')]
    : [];

/** Told beside whatever else is wrong, since it needs nothing else to be right. */
export function missingGateway(input: unknown): Problem[] {
  const { gateway, gateways } = (input ?? {}) as { gateway?: unknown; gateways?: unknown };
  if (gateway !== undefined || gateways !== undefined) return [];
  return [problem('gateway', 'is missing', 'Pass a gateway, such as createHandset() while developing')];
}

/** A part that carries no codes, such as an e-mail notifier, has neither channels nor `send` (OTP-08). */
function shapeProblems(gateway: Gateway, field: string): Problem[] {
  const { name, channels, send, enabled, concurrency } = gateway;
  const fits =
    typeof send === 'function' &&
    Array.isArray(channels) &&
    channels.length > 0 &&
    channels.every((channel) => channel === 'sms' || channel === 'voice');
  if (!fits) {
    return [
      problem(
        field,
        'is no gateway: codes go by sms or voice only, never by e-mail (OTP-08)',
        'Pass a gateway; an e-mail notifier goes into notices',
      ),
    ];
  }
  if (enabled !== undefined && typeof enabled !== 'boolean')
    return [problem(`${field}.enabled`, 'must be true or false', 'Correct it, or leave it out')];
  if (concurrency !== undefined && !(Number.isSafeInteger(concurrency) && concurrency > 0))
    return [problem(`${field}.concurrency`, 'must be a whole number from 1', 'Correct it, or leave it out')];
  // `none` stands in events where no gateway was asked.
  return /^[a-z0-9][a-z0-9-]{0,31}$/.test(name) && name !== 'none'
    ? []
    : [
        problem(
          `${field}.name`,
          'must be lower-case letters, digits and dashes, and not none',
          'Rename the gateway',
        ),
      ];
}

const unknownName = (names: readonly string[], name: string, field: string): Problem[] =>
  names.includes(name)
    ? []
    : [problem(field, `there is no gateway "${name}"`, `Use one of ${names.join(', ')}`)];

const problem = (field: string, reason: string, fix: string): Problem => ({ field, reason, fix });
