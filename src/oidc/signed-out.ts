import type { KoaContextWithOIDC } from 'oidc-provider';

/**
 * Leads whoever confirms a sign-out that is over to the page that says so. The library has an error for that, and it was all
 * that a second press showed, or the press on a page that lay open until the session had ended elsewhere.
 */
export async function confirmSignedOut(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  const { route, session } = ctx.oidc ?? {};
  if (route !== 'end_session_confirm' || ctx.status !== 400 || !session || session.accountId) return;
  ctx.redirect(ctx.oidc.urlFor('end_session_success'));
  ctx.status = 303;
}
