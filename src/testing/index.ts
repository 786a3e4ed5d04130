import { after, before, describe } from 'node:test';
import { attempts } from './attempts.ts';
import { createBench, type StoreHandle } from './bench.ts';
import { challenges } from './challenges.ts';
import { clocks } from './clocks.ts';
import { guessing } from './guessing.ts';
import { lifecycle } from './lifecycle.ts';
import { records } from './records.ts';
import { resends } from './resends.ts';
import { reservations } from './reservations.ts';
import { rotation } from './rotation.ts';
import { sets } from './sets.ts';

export type { StoreHandle } from './bench.ts';
export {
  type FakeVendor,
  type GatewayHandle,
  gatewayContract,
  type Reception,
  type Refused,
  type TakenMessage,
  type VendorNumbers,
} from './gateways.ts';

/**
 * Registers, with `node:test`, the tests that every store has to pass (lesson 2). Call it at the top of a test file:
 *
 *     storeContract('my store', async () => {
 *       const store = await openMyStore();
 *       return { store, close: () => store.close() };
 *     });
 *
 * @param name Stands in front of the titles.
 * @param open Opens a store with no records in it. Called several times; what it opened is closed through `close`.
 */
export function storeContract(name: string, open: () => Promise<StoreHandle>): void {
  describe(`${name} keeps the contract of a store:`, () => {
    const bench = createBench(open);
    before(bench.open);
    after(bench.close);

    for (const part of [
      records,
      sets,
      reservations,
      challenges,
      resends,
      attempts,
      guessing,
      rotation,
      clocks,
      lifecycle,
    ]) {
      part(bench);
    }
  });
}
