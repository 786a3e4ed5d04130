import { createAwsGateway } from '../../src/gateways/aws.ts';
import { createAwsStandIn } from '../../src/simulator/vendors/aws.ts';
import { gatewayContract } from '../../src/testing/index.ts';
import { simulated } from '../support/simulated.ts';

gatewayContract(
  'AWS',
  simulated({
    vendor: createAwsStandIn,
    make: ({ baseUrl, credentials, ...common }) => createAwsGateway({ ...common, ...credentials, baseUrl }),
    secrets: ({ secretAccessKey }) => [secretAccessKey!],
    signs: 'content',
    refuses: { 'opted-out': 'opt-out', throttled: 'throttled' },
    reports: { filtered: 'blocked', 'unknown-number': 'number' },
    senders: { sms: '+819000000000' },
    expiresAt: ({ extra }) => Number(extra?.['expiresAt']),
    inboundTo: '+819000000000',
  }),
);
