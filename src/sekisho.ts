import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Configuration, default as Provider } from 'oidc-provider';
import { pino } from 'pino';
import { accountMemory } from './domain/account-memory.ts';
import { endSessions, forgetBrowsers, removePhone } from './domain/account-remedies.ts';
import { type AccountState, describeAccount } from './domain/account-state.ts';
import type { Core } from './domain/core.ts';
import { authenticatorNumber, findAuthenticator, phoneClaims } from './domain/enrolment.ts';

import { gatewayUrl } from './domain/hooks.ts';
import { resumeSms } from './domain/opt-out.ts';
import { within } from './domain/risk.ts';
import { SekishoError } from './errors.ts';
import { providerRecords } from './oidc/account-records.ts';
import { type AddedFactors, createAddFactors, pendingAccount } from './oidc/add-factors.ts';
import { readAddresses } from './oidc/address-reader.ts';
import { createBrowserCookies } from './oidc/browser-cookies.ts';
import { acrOfHost, configureProvider } from './oidc/configure.ts';
import { createGate, type Gate } from './oidc/gate.ts';
import type { Parts } from './oidc/parts.ts';
import { createWiring } from './oidc/wiring.ts';
import { createWiringNotices } from './oidc/wiring-notices.ts';
import { parseOptions, type SekishoOptions } from './options.ts';
import { createRelyingPartyFetch } from './outbound/relying-parties.ts';
import { loadAssets } from './pages/assets.ts';
import { createRenderer } from './pages/render.ts';
import { createRouter, type Router } from './pages/router.ts';
import type { Signal } from './ports/signal.ts';
import { type Built, buildCore } from './sekisho/core.ts';
import { type Health, healthOf } from './sekisho/health.ts';
import { listenTo } from './sekisho/listen.ts';
import { checkSurroundings } from './sekisho/surroundings.ts';
import { newBrowser } from './signals/new-browser.ts';
import { newNetwork } from './signals/new-network.ts';

export type { AccountState };

/** The second factor of one OpenID provider. */
export interface Sekisho {
  /** Completes the provider's configuration: policy, acr, amr, claims, and the storage adapter where none is set. */
  configure(configuration: Configuration): Configuration;
  /** Ties the provider made from that configuration to this instance. Mount what it returns before body parsers. */
  attach(provider: Provider): Router;
  /** Call it where `provider.interactionFinished` was called after the first factor. */
  gate: Gate;
  /**
   * Call it where the host's page of another factor (`alternative`) is done; it answers the request. What is handed in joins
   * what the sign-in, or the session that is stepped up, has proved.
   *
   * @throws SekishoError `interaction_gone` where nothing waits for a second factor, `interaction_mismatch` where that is of
   *   another account; ConfigurationError for factors that are not usable.
   */
  addFactors(req: IncomingMessage, res: ServerResponse, added: AddedFactors): Promise<void>;
  /** The account whose second factor is asked for in the interaction of this request; for `addFactors` and its page. */
  pendingAccount(req: IncomingMessage, res: ServerResponse): Promise<string | undefined>;
  /** `phone_number` and `phone_number_verified` of an account, for `findAccount` (OID-12). */
  phoneClaims(accountId: string): ReturnType<typeof phoneClaims>;
  /** Whether the account has a number. */
  hasPhone(accountId: string): Promise<boolean>;
  /** Number as far as it may be shown, STOP, wrong codes and trusted browsers of an account; for the support desk. */
  describeAccount(accountId: string): Promise<AccountState>;
  /**
   * Takes the number off an account, and what rests on it: codes, what it proved in sessions, tokens that say so, trusted and
   * known browsers. The next sign-in binds anew. For the support desk.
   */
  removePhone(accountId: string): Promise<boolean>;
  /** Takes back that the person said STOP, as START would; for the support desk, when the person asks for it there. */
  resumeSms(accountId: string): Promise<boolean>;
  /**
   * Ends the trust of every browser of the account, and forgets browsers and networks; after a theft (lesson 15). Answers how
   * many were trusted.
   */
  forgetBrowsers(accountId: string): Promise<number>;
  /**
   * Signs the account out everywhere (SES-11): call it when a password was changed or reset, an account was disabled, or
   * somebody else was in. Ends sessions, grants and tokens of the provider, sign-ins under way, and all that
   * `forgetBrowsers` does; the number stays. Where the provider has a storage adapter of the host's own, its records stay
   * there and end when they are next used: sessions at the next authorization request, refresh tokens and codes at the token
   * endpoint, access tokens at userinfo, but not at introspection.
   *
   * @returns how many sessions of the provider were ended.
   */
  endSessions(accountId: string): Promise<number>;
  /** Answers when the store does; it writes a little, to know that it can. */
  health(): Promise<Health>;
  /**
   * Address to enter in the console of a vendor that reports all messages of an account to one place. It holds a secret.
   *
   * @throws SekishoError `option_invalid` for a gateway that is not there or whose vendor tells nothing over HTTP.
   */
  webhookUrl(gateway: string): string;
  /** Says that the store is the right one, after it was emptied or lost something; what is in it counts from now on. */
  confirmStore(): Promise<void>;
  /** Resolves when nothing that was begun for an answered request is under way. */
  idle(): Promise<void>;
  /**
   * Ends pages that wait for news, waits for what is under way, then closes gateways and store (OPS-04). Takes half a minute
   * at most, whatever does not end.
   */
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
  const built = await buildCore(options, log);
  const { core, drift } = built;
  const wiring = createWiring(options.issuer, (error) => core.fault('policy', error));
  const notices = createWiringNotices(options, log);
  let host: Configuration = {};
  const parts: Parts = {
    core,
    signals: buildSignals(core),
    cookies: createBrowserCookies(options.issuer.startsWith('https://')),
    addressOf: notices.watchProxies(readAddresses(core)),
    wiring,
    provider: wiring.provider,
    pairwiseIdentifier: () => host.pairwiseIdentifier,
    acrOfHost: () => acrOfHost(host, options),
    fetch: createRelyingPartyFetch(options.relyingPartyNetworks),
    shortCookies: () => ({ httpOnly: true, sameSite: 'lax', ...host.cookies?.short }),
  };
  const pages = {
    parts,
    renderer: createRenderer(options.views === undefined ? {} : { views: options.views }),
    assets: loadAssets(options.mountPath, options.brand, options.views),
  };
  const routers: Router[] = [];
  return {
    configure(configuration) {
      host = configuration;
      notices.readCookies(configuration.cookies);
      return configureProvider(parts, configuration);
    },
    attach(provider) {
      wiring.attach(provider);
      listenTo(provider, pages, { host, drift, notices });
      const router = createRouter(pages);
      routers.push(router);
      return router;
    },
    ...factorSide(parts),
    ...accountSide(core),
    ...runningSide(built, routers),
  };
}

const factorSide = (parts: Parts): Pick<Sekisho, 'gate' | 'addFactors' | 'pendingAccount'> => ({
  gate: createGate(parts),
  addFactors: createAddFactors(parts),
  pendingAccount: (req, res) => pendingAccount(parts, req, res),
});

/** Where no client goes by risk, nothing is learnt about browsers and networks either. */
function buildSignals(core: Core): Signal[] {
  const { options, clock } = core;
  const policies = [options.defaultClient, ...Object.values(options.clients)];
  if (!policies.some(({ mfa }) => mfa === 'risk')) return [];
  return (options.signals ?? [newBrowser, newNetwork]).map((make) => {
    const signal: Signal = make({ clock, memory: accountMemory(core, () => signal.name) });
    return signal;
  });
}

type AccountSide = Pick<
  Sekisho,
  | 'phoneClaims'
  | 'hasPhone'
  | 'describeAccount'
  | 'removePhone'
  | 'resumeSms'
  | 'forgetBrowsers'
  | 'endSessions'
>;
const accountSide = (core: Core): AccountSide => ({
  phoneClaims: (accountId) => phoneClaims(core, accountId),
  hasPhone: async (accountId) => (await findAuthenticator(core, accountId)) !== undefined,
  describeAccount: (accountId) => describeAccount(core, accountId),
  removePhone: (accountId) => removePhone(core, providerRecords(core.store, core.clock), accountId),
  endSessions: (accountId) => endSessions(core, providerRecords(core.store, core.clock), accountId),
  async resumeSms(accountId) {
    const phone = await findAuthenticator(core, accountId);
    return phone !== undefined && resumeSms(core, authenticatorNumber(core, accountId, phone));
  },
  forgetBrowsers: (accountId) => forgetBrowsers(core, accountId),
});

const runningSide = (
  { core, drift, trust, finished, idle }: Built,
  routers: readonly Router[],
): Pick<Sekisho, 'health' | 'confirmStore' | 'webhookUrl' | 'idle' | 'close'> => ({
  health: () => healthOf({ core, drift, trust }),
  confirmStore: trust.confirm,
  webhookUrl(name) {
    if (core.exchange.find(name)?.webhook) return gatewayUrl(core, name);
    throw new SekishoError('option_invalid', `There is no gateway ${name} whose vendor reports over HTTP`);
  },
  idle,
  async close() {
    for (const router of routers) router.close();
    // What vendors bring over connections has no end while these are open, and is brought again where nobody took it.
    await inTime(core, FINISHING, finished);
    const { gateways, notices } = core.options;
    // A part that cannot be closed must not keep the store open, nor the other parts.
    const parts: readonly ({ close?(): Promise<void> } | undefined)[] = [...gateways, notices?.notifier];
    await Promise.all(parts.map((part) => inTime(core, CLOSING, async () => part?.close?.())));
    // A connection of a gateway's own may have told something while it ended.
    await inTime(core, CLOSING, idle);
    await core.store.close();
  },
});

/** Milliseconds that work under way has: as long as two gateways that do not answer take, one after the other. */
const FINISHING = 20_000;
/** Milliseconds. */
const CLOSING = 5000;

/** What does not end in time is told, and left behind. */
async function inTime(core: Core, patience: number, work: () => Promise<void> | undefined): Promise<void> {
  try {
    await within(patience, (async () => work())());
  } catch (error) {
    core.fault('close', error);
  }
}
