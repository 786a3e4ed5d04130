import { createExchange } from '../../domain/exchange.ts';
import type { Options } from '../../options.ts';
import type { Gateway } from '../../ports/gateway.ts';
import type { Channel } from '../../ports/store.ts';
import { type Finding, ok } from './finding.ts';

/** What a gateway carries, and how one hears what became of it. */
export function describeGateway({ channels, webhook, listen, poll }: Gateway): string {
  const told = [
    ...(webhook ? ['pushed (sekisho webhooks prints the address to enter at the vendor)'] : []),
    ...(listen ? ['brought over its own connection'] : []),
    ...(poll ? ['asked for'] : []),
  ];
  const receipts =
    told.length === 0 ? 'nothing tells whether messages arrive' : `receipts are ${told.join(' and ')}`;
  return `carries ${channels.join(' and ')}; ${receipts}`;
}

/** Who is asked for a mobile phone of each country, in order, or as the weights drew it this time. */
export function describeWays(options: Options): Finding[] {
  const { waysTo } = createExchange(options);
  return options.countries.map((country) => {
    const phone = { e164: '', country, type: 'mobile', channels: ['sms', 'voice'] } as const;
    const names = (channel: Channel) =>
      waysTo(phone, channel)
        .map(({ gateway }) => gateway.name)
        .join(', ') || 'nobody';
    return ok(`country ${country}`, `gets SMS by ${names('sms')}, calls by ${names('voice')}`);
  });
}
