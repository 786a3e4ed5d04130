import type { Configuration, default as Provider } from 'oidc-provider';
import { withholdEndedTokens } from '../oidc/ended.ts';
import { isSecure } from '../oidc/parts.ts';
import { reportProtocolErrors } from '../oidc/protocol-errors.ts';
import { repeatAnswers } from '../oidc/repeated-answer.ts';
import { keepRetryable } from '../oidc/retryable.ts';
import { confirmSignedOut } from '../oidc/signed-out.ts';
import type { WiringNotices } from '../oidc/wiring-notices.ts';
import { answerGone, type PagesParts, storeFailurePage } from '../pages/respond.ts';
import { type DriftWatch, refuseWhileDrifting } from './drift.ts';
import { answerHeadRequests } from './head-requests.ts';
import { takePostedRequests } from './posted-requests.ts';

/**
 * What the requests of the provider pass, outermost first: errors are reported, what a failure of ours broke can be tried
 * again, forms are taken, a look is no step, what is finished is answered again, and tokens that a remedy ended meanwhile are
 * withheld.
 */
export function listenTo(
  provider: Provider,
  pages: PagesParts,
  { host, drift, notices }: { host: Configuration; drift: DriftWatch; notices: WiringNotices },
): void {
  const { parts } = pages;
  const { core } = parts;
  reportProtocolErrors(provider, core);
  provider.use(
    keepRetryable(provider, {
      page: ({ req, res }, canRetry) => storeFailurePage(pages, req, res, canRetry),
      report: (error) => core.fault('provider', error),
    }),
  );
  takePostedRequests(provider, core, host);
  answerHeadRequests(provider, host);
  provider.use(refuseWhileDrifting(drift));
  provider.use(repeatAnswers(core, host, isSecure(parts), (ctx, uid) => answerGone(pages, ctx, uid)));
  provider.use(confirmSignedOut);
  provider.use(withholdEndedTokens(parts));
  provider.use(notices.watchMount);
}
