import type { Gateway } from '../../../src/ports/gateway.ts';
import type { GatewayHandle, Reception } from '../../../src/testing/index.ts';
import { freePorts } from '../../support/free-ports.ts';
import { type AcmeSettings, createAcmeGateway } from './gateway.ts';
import { startAcmeVendor } from './vendor.ts';

/** What makes a wrong gateway of a right one. */
export type Mutation = (good: Gateway) => Gateway;

/** Opens Acme, as somebody outside the project would. */
export const openAcme =
  (mutate: Mutation = (good) => good) =>
  async ({ url }: Reception): Promise<GatewayHandle> => {
    const acme = await startAcmeVendor({ secret: 'webhook-canary', console: url });
    const settings: AcmeSettings = {
      ...{ baseUrl: acme.url, key: 'key-canary', secret: 'webhook-canary', from: '+815000000000' },
    };
    const good = createAcmeGateway(settings);
    const lost = createAcmeGateway({ ...settings, baseUrl: `http://127.0.0.1:${await freePorts()}` });
    return {
      gateway: mutate(good),
      nowhere: mutate(lost),
      vendor: acme.vendor,
      secrets: [settings.key, settings.secret],
      insecure: true,
      async close() {
        await Promise.all([good.close?.(), lost.close?.()]);
        acme.stop();
      },
    };
  };
