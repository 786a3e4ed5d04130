// Reads the types of the installed package, as a host in TypeScript does.
import { createSekisho, type Gateway, type Sekisho, type SekishoEvent, type SekishoOptions } from 'sekisho';
import { createHandset } from 'sekisho/gateways/handset';
import { newBrowser } from 'sekisho/signals/new-browser';
import { newNetwork } from 'sekisho/signals/new-network';
import { openRedisStore } from 'sekisho/stores/redis';
import { openSqliteStore } from 'sekisho/stores/sqlite';
import { storeContract } from 'sekisho/testing';

const gateway: Gateway = createHandset();
const options: SekishoOptions = {
  issuer: 'https://id.example',
  secrets: [],
  store: await openSqliteStore({ file: ':memory:' }),
  gateway,
  countries: ['JP'],
  signals: [newBrowser, newNetwork],
  onEvent: (event: SekishoEvent) => event.type satisfies string,
};
export const sekisho: Sekisho = await createSekisho(options);
export const contract = () =>
  storeContract('redis', async () => open(await openRedisStore({ url: 'redis://a' })));
const open = (store: Awaited<ReturnType<typeof openRedisStore>>) => ({ store, close: () => store.close() });

// @ts-expect-error: the types are there, and not `any`
export const wrong: number = sekisho.gate;
