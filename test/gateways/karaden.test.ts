import { createKaradenGateway } from '../../src/gateways/karaden.ts';
import { createKaradenStandIn } from '../../src/simulator/vendors/karaden.ts';
import { gatewayContract } from '../../src/testing/index.ts';
import { simulated } from '../support/simulated.ts';

gatewayContract(
  'Karaden',
  simulated({
    vendor: createKaradenStandIn,
    make: ({ credentials, ...common }) =>
      createKaradenGateway({
        ...common,
        tenantId: credentials['tenantId'],
        token: credentials['token'],
        serviceId: Number(credentials['serviceId']),
      }),
    signs: 'nothing',
    refuses: { 'unknown-number': 'number', throttled: 'throttled' },
    reports: {
      ...{ undelivered: 'unreachable', filtered: 'permanent' },
      ...{ 'opted-out': 'permanent', recycled: 'permanent' },
    },
    findsById: true,
    expiresAt: ({ extra }) => Date.parse(extra?.['limitedAt'] ?? ''),
    secrets: ({ token }) => [token!],
  }),
);
