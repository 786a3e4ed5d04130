import { fileURLToPath } from 'node:url';
import type { Configuration, default as Provider } from 'oidc-provider';
import { pino } from 'pino';
import type { Core } from './domain/core.ts';
import { forgetBrowsers } from './domain/devices.ts';
import { findAuthenticator, phoneClaims, removeAuthenticator } from './domain/enrolment.ts';
import { createKeyRing, digest } from './domain/keys.ts';
import { accountTag } from './domain/limits.ts';
import { loadTexts } from './domain/texts.ts';
import { ConfigurationError, type Problem, SekishoError } from './errors.ts';
import { createBackground, createJournal, faultOf } from './journal.ts';
import { createBrowserCookies } from './oidc/browser-cookies.ts';
import { configureProvider } from './oidc/configure.ts';
import { createGate, type Gate } from './oidc/gate.ts';
import type { Parts } from './oidc/parts.ts';
import { type Options, parseOptions, type SekishoOptions } from './options.ts';
import { loadAssets } from './pages/assets.ts';
import { createRenderer } from './pages/render.ts';
import { createRouter, type Router } from './pages/router.ts';
import { systemClock } from './ports/clock.ts';
import { newBrowser } from './signals/new-browser.ts';
import { newNetwork } from './signals/new-network.ts';

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
  const { store, gateway } = options;
  const clock = options.clock ?? systemClock;
  const log = options.log ?? pino({ name: 'sekisho' });
  await checkSurroundings(options, log);

  const emit = createJournal(log, clock, options.onEvent);
  const background = createBackground((operation, error) => emit(faultOf(operation, error)));
  const epoch = await store.epoch();
  const core: Core = {
    options,
    store,
    clock,
    ring: createKeyRing(options.secrets),
    texts: loadTexts(fileURLToPath(new URL('../views/locales', import.meta.url)), options.texts),
    emit,
    background: background.run,
    fault: (operation, error) => emit(faultOf(operation, error)),
    async assertStoreKept() {
      if ((await store.epoch()) === epoch) return;
      throw new SekishoError(
        'store_unavailable',
        'The store was emptied while it was in use. Restore it, then restart',
      );
    },
  };

  let provider: Provider | undefined;
  let shortCookies: Record<string, unknown> = { httpOnly: true, sameSite: 'lax' };
  const signalContext = { store, clock, accountTag, digest };
  const parts: Parts = {
    core,
    gateway,
    signals: (options.signals ?? [newBrowser, newNetwork]).map((make) => make(signalContext)),
    cookies: createBrowserCookies(options.issuer.startsWith('https://')),
    provider: () => provider ?? fail('attach(provider) was not called'),
    shortCookies: () => shortCookies,
  };
  const pages = {
    parts,
    renderer: createRenderer(options.views === undefined ? {} : { views: options.views }),
    assets: loadAssets(options.mountPath, options.brand),
  };

  return {
    configure(configuration) {
      shortCookies = { ...shortCookies, ...configuration.cookies?.short };
      return configureProvider(parts, configuration);
    },
    attach(attached) {
      if (attached.issuer !== options.issuer)
        fail(`The provider is ${attached.issuer}, not ${options.issuer}`);
      provider = attached;
      return createRouter(pages);
    },
    gate: createGate(parts),
    phoneClaims: (accountId) => phoneClaims(core, accountId),
    hasPhone: async (accountId) => (await findAuthenticator(core, accountId)) !== undefined,
    async removePhone(accountId) {
      const removed = await removeAuthenticator(core, accountId);
      await forgetBrowsers(core, accountId);
      return removed;
    },
    forgetBrowsers: (accountId) => forgetBrowsers(core, accountId),
    async health() {
      const answers = await store.ping().then(
        () => true,
        () => false,
      );
      return { store: answers ? 'ok' : 'failing', restrictedOnly: options.alternative === undefined };
    },
    idle: background.idle,
    async close() {
      await background.idle();
      await gateway.close?.();
      await store.close();
    },
  };
}

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
async function checkSurroundings(options: Options, log: NonNullable<Options['log']>): Promise<void> {
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
