import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';

/**
 * In the address of the last page: an application could not be told of the sign-out, or the person chose to stay signed in.
 * Changes nothing but the words there.
 */
export type SignOutNote = 'incomplete' | 'stayed';

/**
 * Makes the page at the end of a sign-out say so where an application was not told and so goes on (fault G.1). Where the
 * person is led back to an application instead, OpenID Connect has no way to tell it; the log has `logout.failed` in any case.
 * The library leads to the same page whoever pressed "Stay signed in", which is no sign-out.
 */
export function describeSignOut(
  provider: Provider,
): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  const incomplete = new WeakSet<object>();
  provider.on('backchannel.error', (ctx) => void incomplete.add(ctx));
  return async (ctx, next) => {
    await next();
    if (ctx.oidc?.route !== 'end_session_confirm' || ctx.status !== 303) return;
    const note = noteOf(ctx, incomplete.has(ctx));
    if (note === undefined) return;
    const location = ctx.response.get('Location');
    const [page] = location.split('?');
    if (page !== ctx.oidc.urlFor('end_session_success')) return;
    ctx.set('Location', `${location}${location.includes('?') ? '&' : '?'}${note}=1`);
  };
}

function noteOf({ oidc }: KoaContextWithOIDC, incomplete: boolean): SignOutNote | undefined {
  if (!oidc.params?.['logout']) return 'stayed';
  return incomplete ? 'incomplete' : undefined;
}
