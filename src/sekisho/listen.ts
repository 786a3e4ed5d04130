import type { Configuration, default as Provider } from 'oidc-provider';
import { reportProtocolErrors } from '../oidc/protocol-errors.ts';
import { keepRetryable } from '../oidc/retryable.ts';
import { storeFailurePage } from '../pages/respond.ts';
import { takePostedRequests } from './posted-requests.ts';

/** What the provider answers with an error is reported, what a failure of ours broke can be tried again, and forms are taken. */
export function listenTo(
  provider: Provider,
  pages: Parameters<typeof storeFailurePage>[0],
  host: Configuration,
): void {
  const { core } = pages.parts;
  reportProtocolErrors(provider, core);
  provider.use(
    keepRetryable(provider, {
      page: ({ req, res }, canRetry) => storeFailurePage(pages, req, res, canRetry),
      report: (error) => core.fault('provider', error),
    }),
  );
  takePostedRequests(provider, core, host);
}
