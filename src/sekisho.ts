import { fileURLToPath } from 'node:url';
import type { Configuration, default as Provider } from 'oidc-provider';
import { pino } from 'pino';
import type { Core } from './domain/core.ts';
import { forgetBrowsers } from './domain/devices.ts';
import { findAuthenticator, phoneClaims, removeAuthenticator } from './domain/enrolment.ts';
import { createKeyRing, digest } from './domain/keys.ts';
import { accountTag } from './domain/limits.ts';
import { ConfigurationError, type Problem, SekishoError } from './errors.ts';
import { createBackground, createJournal, faultOf } from './journal.ts';
import { createBrowserCookies } from './oidc/browser-cookies.ts';
import { configureProvider } from './oidc/configure.ts';
import { createGate, type Gate } from './oidc/gate.ts';
import type { Parts } from './oidc/parts.ts';
import { type Log, type Options, parseOptions, type SekishoOptions } from './options.ts';
import { loadAssets } from './pages/assets.ts';
import { createRenderer } from './pages/render.ts';
import { createRouter, type Router } from './pages/router.ts';
import { systemClock } from './ports/clock.ts';
import type { Signal } from './ports/signal.ts';
import { newBrowser } from './signals/new-browser.ts';
import { newNetwork } from './signals/new-network.ts';
import { loadTexts } from './texts.ts';

/** The second factor of one OpenID provider. */
export interface Sekisho {
  /** Completes the provider's configuration: policy, acr, amr, claims, and the storage adapter where none is set. */
  configure(configuration: Configuration): Configuration;
  /** Ties the provider made from that configuration to this instance. Mount what it returns before body parsers. */
  attach(provider: Provider): Router;
  /** Call it where `provider.interactionFinished` was called after the first factor. */
  gate: Gate;
  /** `phone_number` and `phone_number_verified` of an account, for `findAccount` (OID-12). */
  phoneClaims(accountId: string): ReturnType<typeof phoneClaims>;
  /** Whether the account has a number. */
  hasPhone(accountId: string): Promise<boolean>;
  /** Takes the number off an account, and the trust off its browsers; the next sign-in binds anew. For the support desk. */
  removePhone(accountId: string): Promise<boolean>;
  /** Ends the trust of every browser of the account; after a password change, a recovery, a theft (lesson 15). */
  forgetBrowsers(accountId: string): Promise<number>;
  /** Answers when the store does. `restrictedOnly`: no factor but SMS and voice is on offer (RST-01). */
  health(): Promise<{ store: 'ok' | 'failing'; restrictedOnly: boolean }>;
  /** Resolves when nothing that was begun for an answered request is under way. */
  idle(): Promise<void>;
  /** Waits for that, then closes store and gateway (OPS-04). */
  close(): Promise<void>;
}

/**
 * Puts the parts together. Reads the options once, checks the surroundings, and starts nothing that has to be stopped
 * besides what the host passed in.
 *
 * @throws ConfigurationError naming every option that is wrong, and in production every unsafe part.
 */
export async function createSekisho(input: SekishoOptions): Promise<Sekisho> {
  const options = parseOptions(input);
  const log = options.log ?? pino({ name: 'sekisho' });
  await checkSurroundings(options, log);
  const { core, idle } = await buildCore(options, log);
  const attachment = createAttachment(core);
  const parts: Parts = {
    core,
    gateway: options.gateway,
    signals: buildSignals(core),
    cookies: createBrowserCookies(options.issuer.startsWith('https://')),
    provider: attachment.provider,
    shortCookies: attachment.shortCookies,
  };
  const pages = {
    parts,
    renderer: createRenderer(options.views === undefined ? {} : { views: options.views }),
    assets: loadAssets(options.mountPath, options.brand, options.views),
  };
  return {
    configure(configuration) {
      attachment.rememberCookies(configuration);
      return configureProvider(parts, configuration);
    },
    attach(provider) {
      attachment.attach(provider);
      return createRouter(pages);
    },
    gate: createGate(parts),
    ...accountSide(core),
    ...runningSide(core, parts, idle),
  };
}

async function buildCore(options: Options, log: Log): Promise<{ core: Core; idle(): Promise<void> }> {
  const { store, secrets, texts } = options;
  const clock = options.clock ?? systemClock;
  const emit = createJournal(log, clock, options.onEvent);
  const fault = (operation: string, error: unknown) => emit(faultOf(operation, error));
  const background = createBackground(fault);
  const epoch = await store.epoch();
  const core: Core = {
    options,
    store,
    clock,
    ring: createKeyRing(secrets),
    texts: loadTexts(fileURLToPath(new URL('../views/locales', import.meta.url)), texts),
    emit,
    fault,
    background: background.run,
    async assertStoreKept() {
      if ((await store.epoch()) === epoch) return;
      throw new SekishoError(
        'store_unavailable',
        'The store was emptied while in use. Restore it, then restart',
      );
    },
  };
  return { core, idle: background.idle };
}

/** Where no client goes by risk, nothing is learnt about browsers and networks either. */
function buildSignals({ options, store, clock }: Core): Signal[] {
  const policies = [options.defaultClient, ...Object.values(options.clients)];
  if (!policies.some(({ mfa }) => mfa === 'risk')) return [];
  const context = { store, clock, accountTag, digest };
  return (options.signals ?? [newBrowser, newNetwork]).map((make) => make(context));
}

/** What is known of the provider, once `configure` and `attach` were called. */
function createAttachment({ options }: Core) {
  let attached: Provider | undefined;
  let shortCookies: Record<string, unknown> = { httpOnly: true, sameSite: 'lax' };
  return {
    provider: () => attached ?? fail('attach(provider) was not called'),
    shortCookies: () => shortCookies,
    rememberCookies(configuration: Configuration) {
      shortCookies = { ...shortCookies, ...configuration.cookies?.short };
    },
    attach(provider: Provider) {
      if (provider.issuer !== options.issuer)
        fail(`The provider is ${provider.issuer}, not ${options.issuer}`);
      attached = provider;
    },
  };
}

type AccountSide = Pick<Sekisho, 'phoneClaims' | 'hasPhone' | 'removePhone' | 'forgetBrowsers'>;
const accountSide = (core: Core): AccountSide => ({
  phoneClaims: (accountId) => phoneClaims(core, accountId),
  hasPhone: async (accountId) => (await findAuthenticator(core, accountId)) !== undefined,
  async removePhone(accountId) {
    const removed = await removeAuthenticator(core, accountId);
    await forgetBrowsers(core, accountId);
    return removed;
  },
  forgetBrowsers: (accountId) => forgetBrowsers(core, accountId),
});

const runningSide = (
  { store, options }: Core,
  { gateway }: Parts,
  idle: () => Promise<void>,
): Pick<Sekisho, 'health' | 'idle' | 'close'> => ({
  async health() {
    const answers = await store.ping().then(
      () => true,
      () => false,
    );
    return { store: answers ? 'ok' : 'failing', restrictedOnly: options.alternative === undefined };
  },
  idle,
  async close() {
    await idle();
    await gateway.close?.();
    await store.close();
  },
});

function fail(reason: string): never {
  throw new ConfigurationError([
    {
      field: 'provider',
      reason,
      fix: 'Call attach with the provider made from configure(…), at the same issuer',
    },
  ]);
}

/** Tells what is unsafe about the parts; in production the worst of it refuses the start (OPS-02). */
async function checkSurroundings(options: Options, log: Log): Promise<void> {
  const { store, gateway, production, code, alternative } = options;
  const found = [
    ...(await store.findings()).map((finding) => ({ field: `store ${store.name}`, ...finding })),
    ...(gateway.findings?.({ production }) ?? []).map((finding) => ({
      field: `gateway ${gateway.name}`,
      ...finding,
    })),
  ];
  const fatal: Problem[] = production
    ? found.flatMap(({ severity, field, message, fix }) =>
        severity === 'fatal' ? { field, reason: message, fix } : [],
      )
    : [];
  if (fatal.length > 0) throw new ConfigurationError(fatal);
  for (const { field, message, fix } of found) log.warn({ field, fix }, message);
  if (code.length < 6) {
    log.warn(
      { field: 'code.length', fix: 'Use 6 digits' },
      `Codes of ${code.length} digits are easy to guess (OTP-01)`,
    );
  }
  if (alternative === undefined) {
    const fix = 'Set alternative to the page of another factor, such as a passkey';
    log.warn({ field: 'alternative', fix }, 'SMS and voice are the only second factor on offer (RST-01)');
  }
}
