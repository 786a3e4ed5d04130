import { createVonageGateway } from '../../src/gateways/vonage.ts';
import { createVonageStandIn } from '../../src/simulator/vendors/vonage.ts';
import { gatewayContract } from '../../src/testing/index.ts';
import { simulated } from '../support/simulated.ts';

gatewayContract(
  'Vonage',
  simulated({
    vendor: createVonageStandIn,
    make: ({ credentials, ...common }) =>
      createVonageGateway({
        ...common,
        applicationId: credentials['applicationId'],
        privateKey: credentials['privateKey'],
        signatureSecret: credentials['signatureSecret'],
        from: 'MIRAI',
        callFrom: '+815012345678',
      }),
    signs: 'content',
    secrets: ({ privateKey, signatureSecret }) => [privateKey!, signatureSecret!],
    refuses: {
      'opted-out': { class: 'opt-out', channel: 'sms' },
      'unknown-number': { class: 'number', channel: 'sms' },
      throttled: { class: 'throttled', retryAfter: true },
    },
    reports: { undelivered: 'unreachable', filtered: 'blocked', recycled: 'number' },
    senders: { sms: '815099999999', voice: '+815099999999' },
    expiresAt: ({ at, extra }) => at + Number(extra?.['ttl']) * 1000,
    inboundTo: '+815012345678',
  }),
);
