import { createInfobipGateway } from '../../src/gateways/infobip.ts';
import type { SimMessage } from '../../src/simulator/stand-in.ts';
import { createInfobipStandIn } from '../../src/simulator/vendors/infobip.ts';
import { gatewayContract } from '../../src/testing/index.ts';
import { simulated } from '../support/simulated.ts';

const refuses = {
  'opted-out': { class: 'opt-out', channel: 'sms' },
  throttled: { class: 'throttled', retryAfter: true },
} as const;
const reports = {
  undelivered: 'unreachable',
  'unknown-number': 'number',
  filtered: 'blocked',
  recycled: 'number',
} as const;

const expiresAt = ({ at, extra }: SimMessage) => at + Number(extra?.['minutes']) * 60_000;

gatewayContract(
  'Infobip, with receipts of single messages and speech,',
  simulated({
    vendor: createInfobipStandIn,
    make: ({ credentials, ...common }) =>
      createInfobipGateway({
        ...common,
        apiKey: credentials['apiKey'],
        sender: 'MiraiBank',
        voice: { from: '815012345678' },
      }),
    signs: 'nothing',
    refuses,
    reports,
    findsById: true,
    expiresAt,
    senders: { sms: 'OtherBank', voice: '815099999999' },
    secrets: ({ apiKey }) => [apiKey!],
  }),
);

gatewayContract(
  'Infobip, with a notification profile and IVR scenarios,',
  simulated({
    vendor: createInfobipStandIn,
    make: ({ credentials, ...common }) =>
      createInfobipGateway({
        ...common,
        basic: { username: credentials['username'], password: credentials['password'] },
        sender: 'MiraiBank',
        voice: {
          from: '815012345678',
          scenarios: { ja: credentials['scenarioJa'], en: credentials['scenarioEn'] },
        },
        webhook: {
          hmac: { secret: credentials['webhookSecret'], header: credentials['webhookHeader'] },
        },
      }),
    signs: 'content',
    refuses,
    reports,
    findsById: true,
    expiresAt,
    senders: { voice: '815099999999' },
    inboundTo: '815012345678',
    secrets: ({ password, webhookSecret }) => [password!, webhookSecret!],
  }),
);
