import { join, resolve } from 'node:path';
import { digest } from '../domain/keys.ts';
import { withNamedFailures } from '../domain/store-failures.ts';
import { ConfigurationError, SekishoError } from '../errors.ts';
import { createEmailNotifier } from '../notifiers/email.ts';
import type { SekishoOptions } from '../options.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { SignalFactory } from '../ports/signal.ts';
import { key, type Store } from '../ports/store.ts';
import { type GatewayConfig, gatewayConfigs } from './config/gateways.ts';
import { readSecrets, readStoreSecrets } from './config/secrets.ts';
import type { ServerConfig } from './config.ts';
import { type Catalogue, readPlugins } from './plugins.ts';

/** What a configuration names: where state lies, what reaches phones, what is looked at for risk. */
export interface OpenParts {
  store: Store;
  /** The best first. */
  gateways: Gateway[];
  notices: SekishoOptions['notices'];
  /** Undefined: the usual ones. */
  signals: SignalFactory[] | undefined;
}

type Make<T> = (settings: object) => T | Promise<T>;

/**
 * Opens store, gateways and signals; only what is named is imported.
 *
 * @throws ConfigurationError for a name nobody provides; SekishoError `store_unavailable`.
 */
export async function openParts(config: ServerConfig): Promise<OpenParts> {
  const catalogue = readPlugins(config.plugins, config.folder);
  const signals = await loadSignals(config, catalogue);
  const gateways = await openGateways(config, catalogue);
  try {
    const store = withNamedFailures(await openStore(config, catalogue));
    return { gateways, notices: openNotices(config), signals, store };
  } catch (error) {
    await closeAll(gateways);
    throw error;
  }
}

export async function openStore(config: ServerConfig, catalogue: Catalogue): Promise<Store> {
  const { type, ...settings } = config.store;
  const make = (await catalogue.load('stores', type, 'store.type')) as Make<Store>;
  if (type === 'sqlite') {
    // Its file is a database, not where a secret lies.
    const field = settings['file'] === undefined ? 'data' : 'store.file';
    return orExplained(field, () => make({ ...settings, file: databaseOf(config) }));
  }
  const whole = readStoreSecrets(settings, { env: process.env, folder: config.folder });
  return orExplained('store', () => make(whole));
}

/** Path of the embedded database. */
export function databaseOf({ store, folder, data }: ServerConfig): string {
  const file = store['file'];
  return typeof file === 'string' ? resolve(folder, file) : join(data, 'sekisho.db');
}

/** Opens every gateway, or none. @throws ConfigurationError with the problems of all of them. */
export async function openGateways(config: ServerConfig, catalogue: Catalogue): Promise<Gateway[]> {
  const results = await Promise.allSettled(
    gatewayConfigs(config).map((one) => openGateway(one, config.folder, catalogue)),
  );
  const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (errors.length === 0) return opened;
  await closeAll(opened);
  const problems = errors.flatMap((error) => (error instanceof ConfigurationError ? error.problems : []));
  throw problems.length > 0 ? new ConfigurationError(problems) : errors[0];
}

async function openGateway(
  { field, type, settings, enabled }: GatewayConfig,
  folder: string,
  catalogue: Catalogue,
): Promise<Gateway> {
  const make = (await catalogue.load('gateways', type, `${field}.type`)) as Make<Gateway>;
  const whole = readSecrets(settings, field, { env: process.env, folder });
  const gateway = await orExplained(field, () => make(whole));
  return enabled ? gateway : Object.assign(gateway, { enabled });
}

const closeAll = (gateways: readonly Gateway[]) => Promise.all(gateways.map((gateway) => gateway.close?.()));

/** Who tells account holders; their addresses come from the directory. */
export function openNotices({ notices, folder }: ServerConfig): SekishoOptions['notices'] {
  if (notices === undefined) return undefined;
  const { type: _, locale, timeZone, ...settings } = notices as Record<string, unknown>;
  const whole = readSecrets(settings, 'notices', { env: process.env, folder });
  return {
    notifier: createEmailNotifier(whole),
    ...(locale === undefined ? {} : { locale: locale as string }),
    ...(timeZone === undefined ? {} : { timeZone: timeZone as string }),
  };
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
export const markDemo = (store: Store, now: number): Promise<void> => store.put(demoKey, true, null, now);
export const holdsDemo = async (store: Store, now: number): Promise<boolean> =>
  (await store.get(demoKey, now)) !== undefined;
