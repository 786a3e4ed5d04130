import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { clientNameIn } from '../../oidc/client-name.ts';
import type { ServerPages } from '../pages.ts';
import type { SignOutNote } from '../sign-out.ts';

type Logout = NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>;

/**
 * The pages that `oidc-provider` shows by itself, in our clothes.
 *
 * @param onwards Schemes that forms may lead on to; see `schemesOf`.
 */
export function libraryPages(
  pages: ServerPages,
  onwards: string,
): {
  logout: Pick<Logout, 'logoutSource' | 'postLogoutSuccessSource'>;
  renderError: NonNullable<Configuration['renderError']>;
} {
  return {
    logout: {
      /** Asks whether to sign out. The form is the library's; its one field is taken over into our buttons. */
      async logoutSource(ctx, form) {
        const [, action = ''] = /action="([^"]*)"/.exec(form) ?? [];
        const [, xsrf = ''] = /name="xsrf" value="([^"]*)"/.exec(form) ?? [];
        answer(ctx, pages, 'logout', { action, xsrf });
        // The answer to the form leads to the relying party, and Chromium applies form-action to that too.
        const policy = String(ctx.response.get('Content-Security-Policy'));
        ctx.set(
          'Content-Security-Policy',
          policy.replace("form-action 'self'", `form-action 'self' ${onwards}`),
        );
      },
      async postLogoutSuccessSource(ctx) {
        const note = NOTES.find((name) => ctx.query[name] !== undefined) ?? null;
        answer(ctx, pages, 'signed-out', { note });
      },
    },
    /** No stack, no version (WEB-14); only what the library would tell the relying party too. */
    async renderError(ctx, { error, error_description: detail }, cause) {
      // By name: a second copy of the library has other classes. It is what a person meets who goes back to a link that is used.
      const gone = cause.name === 'SessionNotFound';
      answer(ctx, pages, 'error', {
        ...{ code: gone ? 'interaction_gone' : null, retry: null },
        detail: gone ? '' : [error, detail].filter(Boolean).join(': '),
      });
    },
  };
}

/** A page in place of two bare words, for a person who opens an address that there is not, such as that of the issuer. */
export function showNotFound(pages: ServerPages) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    if (ctx.status !== 404 || ctx.body != null || ctx.accepts('json', 'html') !== 'html') return;
    answer(ctx, pages, 'error', { code: 'not_found', detail: '', retry: null });
    ctx.status = 404;
  };
}

const NOTES: readonly SignOutNote[] = ['stayed', 'incomplete'];

function answer(
  ctx: KoaContextWithOIDC,
  pages: ServerPages,
  name: 'logout' | 'signed-out' | 'error',
  data: object,
): void {
  const client = ctx.oidc?.client;
  const locale = pages.localeOf(ctx.req, ctx.oidc?.params?.['ui_locales'] as string | undefined);
  const html = pages.print(ctx.res, name, {
    locale,
    client: client ? clientNameIn(client, locale) : '',
    ...data,
  });
  ctx.type = 'html';
  ctx.body = html;
}
