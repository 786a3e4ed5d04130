import { createKannelStandIn } from '../../src/simulator/vendors/kannel.ts';
import { createKaradenPushStandIn } from '../../src/simulator/vendors/karaden-push.ts';
import { gatewayContract } from '../../src/testing/index.ts';
import { simulated } from '../support/simulated.ts';
import { fromPage, only } from './http-examples.ts';

gatewayContract(
  'The preset kannel',
  simulated({
    vendor: createKannelStandIn,
    make: fromPage('kannel'),
    secrets: only('password'),
    signs: 'nothing',
    refuses: { throttled: 'temporary' },
    reports: { undelivered: 'unknown', filtered: 'unknown' },
    senders: { sms: '67890' },
    inboundTo: '12345',
    expiresAt: ({ extra }) => Number(extra!['expiresAt']),
  }),
);

gatewayContract(
  'The preset karaden-push',
  simulated({
    vendor: createKaradenPushStandIn,
    make: fromPage('karaden-push'),
    signs: 'nothing',
    refuses: {
      'unknown-number': 'number',
      'opted-out': 'blocked',
      throttled: { class: 'throttled', retryAfter: true },
    },
    reports: { undelivered: 'unreachable', filtered: 'unknown' },
    findsById: true,
  }),
);
