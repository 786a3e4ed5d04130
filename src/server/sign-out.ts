import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';

/** In the address of the last page: an application could not be told of the sign-out. Changes nothing but its words. */
export const INCOMPLETE = 'incomplete';

/**
 * Makes the page at the end of a sign-out say so where an application was not told and so goes on (fault G.1). Where the
 * person is led back to an application instead, OpenID Connect has no way to tell it; the log has `logout.failed` in any case.
 */
export function markIncompleteSignOut(
  provider: Provider,
): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  const incomplete = new WeakSet<object>();
  provider.on('backchannel.error', (ctx) => void incomplete.add(ctx));
  return async (ctx, next) => {
    await next();
    if (!incomplete.has(ctx) || ctx.status !== 303) return;
    const location = ctx.response.get('Location');
    const [page] = location.split('?');
    if (page !== ctx.oidc.urlFor('end_session_success')) return;
    ctx.set('Location', `${location}${location.includes('?') ? '&' : '?'}${INCOMPLETE}=1`);
  };
}
