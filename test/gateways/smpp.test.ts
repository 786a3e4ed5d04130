import { createSmppGateway } from '../../src/gateways/smpp.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { SMSC_CREDENTIALS, startSmscSimulator } from '../../src/simulator/smpp.ts';
import { gatewayContract } from '../../src/testing/index.ts';
import { freePorts } from '../support/free-ports.ts';
import { numberWith } from '../support/simulated.ts';
import { smppSettings } from '../support/smsc.ts';

const LONGEST = 100_000;

gatewayContract('SMPP', async () => {
  const simulator = await startSimulator({ vendors: [], virtualTime: true });
  const smsc = await startSmscSimulator({ simulator });
  const settings = { responseTimeout: 4000, totalTimeout: 4000 };
  const gateway = createSmppGateway(smppSettings(smsc, settings));
  const nowhere = createSmppGateway(smppSettings({ port: await freePorts() }, settings));
  return {
    gateway,
    nowhere,
    secrets: [SMSC_CREDENTIALS.password],
    insecure: true,
    vendor: {
      signs: 'nothing',
      now: () => simulator.now(),
      senders: { sms: '00051234' },
      numbers: {
        taken: '+819012345678',
        refused: [{ to: numberWith('throttled'), class: 'throttled' }],
        undelivered: [
          { to: numberWith('undelivered'), class: 'unreachable' },
          { to: numberWith('filtered'), class: 'blocked' },
          { to: numberWith('unknown-number'), class: 'number' },
        ],
        lost: [numberWith('reset'), numberWith('broken')],
        slow: numberWith('slow'),
        down: numberWith('error'),
        early: numberWith('early-receipt'),
      },
      messages: () =>
        simulator.messages().map(({ channel, to, from, text, arrivedAt }) => ({
          ...{ channel, to, from, text, arrived: arrivedAt !== null },
        })),
      async settle() {
        await simulator.advance(LONGEST);
        await simulator.settle();
      },
    },
    async close() {
      await Promise.all([gateway.close!(), nowhere.close!()]);
      await smsc.close();
      await simulator.close();
    },
  };
});
