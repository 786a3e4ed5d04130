import { createMicoStandIn } from '../../src/simulator/vendors/mico.ts';
import { createSmslinkStandIn } from '../../src/simulator/vendors/smslink.ts';
import { createTMacssStandIn } from '../../src/simulator/vendors/t-macss.ts';
import { gatewayContract } from '../../src/testing/index.ts';
import { simulated } from '../support/simulated.ts';
import { fromPage } from './http-examples.ts';

for (const [preset, vendor] of [
  ['smslink', createSmslinkStandIn],
  ['mico', createMicoStandIn],
] as const) {
  gatewayContract(
    `The preset ${preset} with an invented shape`,
    simulated({
      vendor,
      make: fromPage(preset),
      signs: 'nothing',
      refuses: { 'unknown-number': 'number', throttled: { class: 'throttled', retryAfter: true } },
      reports: { undelivered: 'unreachable', 'opted-out': 'opt-out', filtered: 'unknown' },
    }),
  );
}

gatewayContract(
  'The preset t-macss with an invented shape',
  simulated({
    vendor: createTMacssStandIn,
    make: fromPage('t-macss'),
    signs: 'nothing',
    refuses: { 'unknown-number': 'number', throttled: { class: 'throttled', retryAfter: true } },
  }),
);
