import type { Configuration, KoaContextWithOIDC, default as Provider } from 'oidc-provider';

/**
 * Answers `HEAD` where a sign-in goes on, and does nothing else. Scanners and previews ask so for a link before its person
 * opens it; the library would go on with the sign-in, and nobody would get the code in its answer (RFC 9110 section 9.2.1).
 */
export function answerHeadRequests(provider: Provider, { routes }: Configuration): void {
  const prefixes = [routes?.authorization ?? '/auth', routes?.code_verification ?? '/device'];
  provider.use(async (ctx: KoaContextWithOIDC, next: () => Promise<void>) => {
    if (ctx.method !== 'HEAD' || !prefixes.some((prefix) => ctx.path.startsWith(`${prefix}/`))) return next();
    ctx.status = 200;
    ctx.set('Cache-Control', 'no-store');
  });
}
