import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import type { Log } from '../options.ts';
import type { AddressReader } from './address-reader.ts';

/**
 * Mistakes of a host that stop nothing, told in the log once: those that only show in a request everybody may cause, and they
 * last until the next start anyway.
 */
export interface WiringNotices {
  /** Tells of a session cookie that another host of the site can set: people would be in somebody else's session (fault A.5). */
  readCookies(cookies: Configuration['cookies']): void;
  /** Tells of a proxy in front that nobody trusts: then all people share its address, and its limits (fault B.5). */
  watchProxies(read: AddressReader): AddressReader;
  /** Middleware of the provider: tells when a page of ours is asked of the provider, which does not have it. */
  watchMount(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void>;
}

/** @param options As given to `createSekisho`. */
export function createWiringNotices(
  { issuer, trustedProxies, mountPath }: { issuer: string; trustedProxies: number; mountPath: string },
  log: Log,
): WiringNotices {
  const told = new Set<string>();
  const tell = (field: string, message: string, fix: string) => {
    if (told.has(field)) return;
    told.add(field);
    log.warn({ field, fix }, message);
  };
  return {
    readCookies(cookies) {
      const name = cookies?.names?.session ?? '_session';
      if (!issuer.startsWith('https:') || name.startsWith('__Host-')) return;
      tell(
        'cookies.names.session',
        `The session cookie is ${name}: another host of the same site can set it, and put people into a session that is not theirs`,
        "Set cookies.names.session of the provider's configuration to '__Host-session'; everybody signs in anew once",
      );
    },
    watchProxies(read) {
      if (trustedProxies > 0) return read;
      return (req) => {
        if (req.headers['x-forwarded-for'] !== undefined) {
          tell(
            'trustedProxies',
            'Requests come with X-Forwarded-For, and trustedProxies is 0: all people behind that proxy share its address and its limits',
            'Set trustedProxies to how many proxies stand in front, mostly 1; leave it where people reach the provider directly',
          );
        }
        return read(req);
      };
    },
    async watchMount(ctx, next) {
      if (ctx.originalUrl.startsWith(`${mountPath}/`)) {
        tell(
          'attach',
          `A page below ${mountPath} was asked of the provider: what attach returned is not mounted, mounted below another path, or after the provider`,
          'Mount it before provider.callback() and without a path: app.use(sekisho.attach(provider))',
        );
      }
      await next();
    },
  };
}
