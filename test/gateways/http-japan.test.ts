import { createMediasmsStandIn } from '../../src/simulator/vendors/mediasms.ts';
import { createXoxzoStandIn } from '../../src/simulator/vendors/xoxzo.ts';
import { gatewayContract } from '../../src/testing/index.ts';
import { simulated } from '../support/simulated.ts';
import { fromPage, only } from './http-examples.ts';

gatewayContract(
  'The preset mediasms',
  simulated({
    vendor: createMediasmsStandIn,
    make: fromPage('mediasms'),
    secrets: only('password'),
    signs: 'nothing',
    refuses: { 'unknown-number': 'number', throttled: 'throttled' },
    reports: { undelivered: 'unknown', filtered: 'unknown' },
  }),
);

gatewayContract(
  'The preset xoxzo',
  simulated({
    vendor: createXoxzoStandIn,
    make: fromPage('xoxzo'),
    secrets: only('authToken'),
    signs: 'nothing',
    refuses: { 'unknown-number': 'number', throttled: { class: 'throttled', retryAfter: true } },
    reports: { undelivered: 'unknown' },
    senders: { sms: 'Other' },
  }),
);
