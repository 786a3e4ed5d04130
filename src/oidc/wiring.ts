import type { Configuration, KoaContextWithOIDC, default as Provider } from 'oidc-provider';
import { ConfigurationError, SekishoError } from '../errors.ts';
import { CookieSigner, type Signer } from './cookie-signer.ts';

/**
 * How library and provider were put together. A mistake there lets people in with one factor, and nobody sees it (fault
 * A.2): it is refused at the start where it shows there, and at the first request otherwise.
 */
export interface Wiring {
  /**
   * Takes over the keys that cookies are signed with, and remembers them as a mark of this instance.
   *
   * @throws ConfigurationError when there are none: whoever reads the store could then make the cookies of others.
   */
  signCookies(cookies: Configuration['cookies']): NonNullable<Configuration['cookies']>;
  /**
   * Ties the provider to this instance.
   *
   * @throws ConfigurationError unless it is the first, at our issuer, and made from a configuration of this instance.
   */
  attach(provider: Provider): void;
  /** The provider that was attached. @throws ConfigurationError when none was. */
  provider(): Provider;
  /** Our policy looked at this request. */
  examined(ctx: KoaContextWithOIDC): void;
}

/** What a log says; the person sees the general failure page. */
export const POLICY_MISSING =
  'the policy of Sekisho is not in the provider. Something replaced interactions after configure';

/** @param report Gets what only shows while the provider runs. */
export function createWiring(issuer: string, report: (error: SekishoError) => void): Wiring {
  const signers = new WeakSet<object>();
  const examined = new WeakSet<KoaContextWithOIDC>();
  let attached: Provider | undefined;
  return {
    signCookies(cookies) {
      assertSigned(cookies);
      const signer = signerFor(cookies?.keys);
      signers.add(signer);
      return { ...cookies, keys: signer as never };
    },
    attach(provider) {
      if (attached) throw misuse('attach was called before', 'Make an instance for each provider');
      if (provider.issuer !== issuer)
        throw misuse(`is ${provider.issuer}, not ${issuer}`, 'Give both the same issuer');
      if (!signers.has(provider.keys as object)) {
        throw misuse(
          'was not made from a configuration of this instance, so it asks nobody for a second factor',
          'Make it as new Provider(issuer, sekisho.configure(configuration))',
        );
      }
      attached = provider;
      refuseUnexamined(provider, examined, report);
    },
    provider() {
      if (!attached)
        throw misuse('is not known: attach was not called', 'Call attach(provider) at the start');
      return attached;
    },
    examined: (ctx) => void examined.add(ctx),
  };
}

/**
 * A configuration that lost our policy on its way, such as by `{ ...sekisho.configure(c), interactions }`, would issue
 * tokens that nobody examined. The library says so just before it does; throwing there is the last chance (fault A.2).
 */
function refuseUnexamined(
  provider: Provider,
  examined: WeakSet<KoaContextWithOIDC>,
  report: (error: SekishoError) => void,
): void {
  provider.on('authorization.accepted', (ctx: KoaContextWithOIDC) => {
    if (examined.has(ctx)) return;
    const error = new SekishoError('internal', POLICY_MISSING);
    report(error);
    throw error;
  });
}

function signerFor(keys: unknown): CookieSigner {
  if (Array.isArray(keys) && keys.length > 0 && keys.every((entry) => typeof entry === 'string' && entry))
    return new CookieSigner(keys as string[]);
  if (isSigner(keys)) return new CookieSigner(keys);
  throw new ConfigurationError([
    {
      field: 'cookies.keys',
      reason: 'is missing: cookies that nobody signs can be made by whoever reads the store',
      fix: 'Give the provider a list of random keys in cookies.keys, the same for all processes',
    },
  ]);
}

/** Keys alone do not sign: `signed: false` beside them leaves cookies as anybody may write them. */
function assertSigned(cookies: Configuration['cookies']): void {
  const unsigned = (['short', 'long'] as const).filter((kind) => cookies?.[kind]?.signed === false);
  if (unsigned.length === 0) return;
  throw new ConfigurationError(
    unsigned.map((kind) => ({
      field: `cookies.${kind}.signed`,
      reason: 'is false: cookies that nobody signs can be made by whoever reads the store',
      fix: 'Take it out; cookies are signed with cookies.keys then',
    })),
  );
}

function isSigner(keys: unknown): keys is Signer {
  if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) return false;
  return ['sign', 'verify', 'index'].every((method) => typeof (keys as never)[method] === 'function');
}

const misuse = (reason: string, fix: string) => new ConfigurationError([{ field: 'provider', reason, fix }]);
