import { createTwilioGateway } from '../../src/gateways/twilio.ts';
import { createTwilioStandIn } from '../../src/simulator/vendors/twilio.ts';
import { gatewayContract } from '../../src/testing/index.ts';
import { simulated } from '../support/simulated.ts';

gatewayContract(
  'Twilio',
  simulated({
    vendor: createTwilioStandIn,
    make: ({ credentials, ...common }) =>
      createTwilioGateway({
        ...common,
        accountSid: credentials['accountSid'],
        authToken: credentials['authToken'],
        from: '+815012345678',
        callFrom: '+815012345678',
      }),
    signs: 'content',
    secrets: ({ authToken }) => [authToken!],
    refuses: {
      'opted-out': { class: 'opt-out', channel: 'sms' },
      'unknown-number': 'number',
      throttled: { class: 'throttled', retryAfter: true },
    },
    reports: { undelivered: 'unreachable', filtered: 'blocked', recycled: 'number' },
    senders: { sms: '+815099999999', voice: '+815099999999' },
    expiresAt: ({ at, extra }) => at + Number(extra?.['ValidityPeriod']) * 1000,
    inboundTo: '+815012345678',
  }),
);
