import type { Configuration, default as Provider } from 'oidc-provider';
import type { Core } from '../domain/core.ts';
import { type ClientPolicy, clientPolicy } from '../options.ts';
import type { Signal } from '../ports/signal.ts';
import type { AddressReader } from './address-reader.ts';
import type { BrowserCookies } from './browser-cookies.ts';
import type { Wiring } from './wiring.ts';

/** What the OpenID side and the pages share. */
export interface Parts {
  core: Core;
  signals: readonly Signal[];
  cookies: BrowserCookies;
  addressOf: AddressReader;
  wiring: Wiring;
  /** The provider that was attached. @throws ConfigurationError when none was. */
  provider(): Provider;
  /** How the host names an account to clients with pairwise subjects; undefined where it has none. */
  pairwiseIdentifier(): Configuration['pairwiseIdentifier'];
  /** acr values of the host's own configuration that none of ours is. */
  acrOfHost(): readonly string[];
  /** How the provider asks relying parties for something, where the host does not say. */
  fetch: NonNullable<Configuration['fetch']>;
  /** `cookies.short` of the provider's configuration, for the interaction cookie at our path. */
  shortCookies(): Record<string, unknown>;
}

export const policyOf = ({ core }: Parts, clientId: string): ClientPolicy =>
  clientPolicy(core.options, clientId);

/** Address of the pages of an interaction. */
export const pagePath = ({ core }: Parts, uid: string): string => `${core.options.mountPath}/${uid}`;

/** Whether the provider is served over https. */
export const isSecure = ({ core }: Parts): boolean => core.options.issuer.startsWith('https:');
