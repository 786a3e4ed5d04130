import { createZettaiReachGateway } from '../../src/gateways/zettai-reach.ts';
import { createZettaiReachStandIn } from '../../src/simulator/vendors/zettai-reach.ts';
import { gatewayContract } from '../../src/testing/index.ts';
import { simulated } from '../support/simulated.ts';

gatewayContract(
  'zettai-reach',
  simulated({
    vendor: createZettaiReachStandIn,
    make: ({ credentials, ...common }) =>
      createZettaiReachGateway({
        ...common,
        token: credentials['token'],
        clientId: credentials['clientId'],
        smsCode: credentials['smsCode'],
        numberCleaning: {},
      }),
    signs: 'nothing',
    refuses: { throttled: 'throttled' },
    reports: {
      undelivered: 'unreachable',
      'unknown-number': 'number',
      filtered: 'blocked',
      'opted-out': 'blocked',
      recycled: 'number',
    },
    findsById: true,
    secrets: ({ token }) => [token!],
  }),
);
