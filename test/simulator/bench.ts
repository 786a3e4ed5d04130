import { after, afterEach, before } from 'node:test';
import { createHttpClient, type HttpClient, type Transported } from '../../src/gateways/wire/client.ts';
import { type Simulator, type SimulatorSettings, startSimulator } from '../../src/simulator/simulator.ts';
import { type Catcher, createTestVendor, startCatcher } from './test-vendor.ts';

/** A simulator with the made-up vendor, a receiver of its webhooks, and the HTTP client of the gateways. */
export interface Bench {
  simulator: Simulator;
  catcher: Catcher;
  client: HttpClient;
  /** Sends to a number whose last four digits are given, and has it reported to the catcher. */
  send(digits: string, own?: Record<string, string>): Promise<Transported>;
}

/** Opens one for all tests of a suite, in virtual time, and clears it after each. */
export function benchFor(settings: Partial<SimulatorSettings> = {}): Bench {
  const bench = {} as Bench;
  before(async () => {
    bench.catcher = await startCatcher();
    bench.client = createHttpClient({ insecure: true, totalTimeout: 1500 });
    bench.simulator = await startSimulator({ vendors: [createTestVendor()], virtualTime: true, ...settings });
    bench.send = (digits, own = {}) =>
      bench.client.call({
        method: 'POST',
        url: `${bench.simulator.vendorUrl('test')}/send`,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          ...{ to: `+8190${digits.padStart(8, '1')}`, text: '482913', callback: `${bench.catcher.url}/hook` },
          ...own,
        }),
      });
  });
  afterEach(async () => {
    bench.simulator.clear();
    await bench.simulator.settle();
    bench.catcher.caught.splice(0);
    bench.catcher.answers.splice(0);
  });
  after(async () => {
    await Promise.all([bench.client.close(), bench.simulator.close(), bench.catcher.close()]);
  });
  return bench;
}
