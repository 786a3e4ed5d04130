import { join, resolve } from 'node:path';
import { digest } from '../domain/keys.ts';
import { ConfigurationError, SekishoError } from '../errors.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { SignalFactory } from '../ports/signal.ts';
import { key, type Store } from '../ports/store.ts';
import type { ServerConfig } from './config.ts';
import { type Catalogue, readPlugins } from './plugins.ts';

/** What a configuration names: where state lies, what reaches phones, what is looked at for risk. */
export interface OpenParts {
  store: Store;
  gateway: Gateway;
  /** Undefined: the usual ones. */
  signals: SignalFactory[] | undefined;
}

type Make<T> = (settings: object) => T | Promise<T>;

/**
 * Opens store, gateway and signals; only what is named is imported.
 *
 * @throws ConfigurationError for a name nobody provides; SekishoError `store_unavailable`.
 */
export async function openParts(config: ServerConfig): Promise<OpenParts> {
  const catalogue = readPlugins(config.plugins, config.folder);
  const [gateway, signals] = await Promise.all([
    openGateway(config, catalogue),
    loadSignals(config, catalogue),
  ]);
  return { gateway, signals, store: await openStore(config, catalogue) };
}

export async function openStore(config: ServerConfig, catalogue: Catalogue): Promise<Store> {
  const { type, ...settings } = config.store;
  const make = (await catalogue.load('stores', type, 'store.type')) as Make<Store>;
  return orExplained('store', () =>
    make(type === 'sqlite' ? { ...settings, file: databaseOf(config) } : settings),
  );
}

/** Path of the embedded database. */
export function databaseOf({ store, folder, data }: ServerConfig): string {
  const file = store['file'];
  return typeof file === 'string' ? resolve(folder, file) : join(data, 'sekisho.db');
}

export async function openGateway({ gateway }: ServerConfig, catalogue: Catalogue): Promise<Gateway> {
  const { type, ...settings } = gateway;
  const make = (await catalogue.load('gateways', type, 'gateway.type')) as Make<Gateway>;
  return orExplained('gateway', () => make(settings));
}

export async function loadSignals(
  { signals }: ServerConfig,
  catalogue: Catalogue,
): Promise<SignalFactory[] | undefined> {
  if (signals === undefined) return undefined;
  const loads = signals.map((name, at) => catalogue.load('signals', name, `signals.${at}`));
  return (await Promise.all(loads)) as SignalFactory[];
}

/** A part says in one line what is wrong with its settings; a bug in it keeps its stack. */
async function orExplained<T>(field: string, make: () => T | Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof ConfigurationError || !(error instanceof SekishoError)) throw error;
    const [reason = '', ...fix] = error.message.split(/(?<=\.) /);
    throw new ConfigurationError([
      {
        field,
        reason: reason.replace(/\.$/, ''),
        fix: fix.join(' ').replace(/\.$/, '') || 'See its settings in the README',
      },
    ]);
  }
}

const demoKey = key(digest('demo accounts'), 'demo');

/** Remembers that the store holds the accounts of the demo. */
export const markDemo = (store: Store): Promise<void> => store.put(demoKey, true, null);
export const holdsDemo = async (store: Store, now: number): Promise<boolean> =>
  (await store.get(demoKey, now)) !== undefined;
