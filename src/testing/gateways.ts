import { after, before, describe, it } from 'node:test';
import { type GatewayBench, openBench } from './gateway/bench.ts';
import { CHECKS } from './gateway/checks.ts';
import type { GatewayHandle, Reception } from './gateway/handle.ts';

export type {
  FakeVendor,
  GatewayHandle,
  Reception,
  Refused,
  TakenMessage,
  VendorNumbers,
} from './gateway/handle.ts';

/**
 * Registers, with `node:test`, the tests that every gateway has to pass. Call it at the top of a test file, with a stand-in
 * of the vendor that takes messages in the vendor's format and posts webhooks to the address that a message names:
 *
 *     gatewayContract('my gateway', async (reception) => {
 *       const vendor = await startMyVendor({ webhook: reception.url });
 *       const gateway = createMyGateway({ baseUrl: vendor.url, apiKey: 'made-up-key-of-a-test', insecure: true });
 *       return {
 *         gateway,
 *         vendor,
 *         nowhere: createMyGateway({ baseUrl: 'http://127.0.0.1:2', apiKey: 'made-up-key-of-a-test', insecure: true }),
 *         secrets: ['made-up-key-of-a-test'],
 *         insecure: true,
 *         close: async () => {
 *           await gateway.close?.();
 *           await vendor.stop();
 *         },
 *       };
 *     });
 *
 * The suite receives the webhooks itself and hands them to `gateway.webhook`, as Sekisho does. What a gateway does not have,
 * or a stand-in cannot play, is skipped, and the report says why.
 *
 * @param name Stands in front of the titles.
 * @param open Opens a gateway and a vendor that took nothing yet. Called twice; what it opened is closed through `close`.
 */
export function gatewayContract(name: string, open: (reception: Reception) => Promise<GatewayHandle>): void {
  describe(`${name} keeps the contract of a gateway: it`, () => {
    let bench: GatewayBench;
    before(async () => {
      bench = await openBench(open);
    });
    after(() => bench?.close());
    for (const { title, skip, run } of CHECKS) {
      it(title, (test) => {
        const reason = skip?.(bench);
        return reason === undefined ? run(bench) : test.skip(reason);
      });
    }
  });
}
