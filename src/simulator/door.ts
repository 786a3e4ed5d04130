import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { answerApi, asProblem, sendJson } from './api.ts';
import { createPage } from './page.ts';
import { isLoopback } from './post.ts';
import { RequestProblem } from './request.ts';
import type { Parts, Simulator } from './simulator.ts';
import { answerAsVendor } from './transport.ts';

/** Every request: `/` shows the phones, `/_sim/…` is for tests, `/{vendor}/…` is that vendor's API. */
export function createDoor(parts: Parts, simulator: Simulator): RequestListener {
  const page = createPage(parts);
  return (req, res) => {
    const answer = async () => {
      const url = new URL(req.url ?? '/', simulator.url);
      const [, first = '', path = ''] = /^\/([^/]*)(.*)$/.exec(url.pathname) ?? [];
      refuseOtherHosts(req, parts, simulator.url);
      if (first === '') return page(req, res);
      refuseOtherSites(req);
      if (first === '_sim') return answerApi({ parts, simulator, req, res, url, path });
      const standIn = parts.standIns.get(first);
      if (!standIn) throw unknownVendor(first, parts);
      // Counts as under way, so that settle() and advance() come after what the request began.
      await parts.clock.track(
        answerAsVendor(parts, standIn, { req, res, url, path: path || '/' }).catch((error) => {
          fail(res, error);
          if (!(error instanceof RequestProblem)) throw error;
        }),
      );
    };
    answer().catch((error) => fail(res, error));
  };
}

/** A name of somebody else that was made to point here (DNS rebinding) reads no code. */
function refuseOtherHosts({ headers }: IncomingMessage, { settings }: Parts, url: string): void {
  if (!isLoopback(settings.host ?? '127.0.0.1')) return;
  const host = headers.host;
  if (host === undefined || isLoopback(URL.parse(`http://${host}`)?.hostname ?? '')) return;
  throw new RequestProblem(403, 'is addressed to another host', `Use ${url}`);
}

/** A page of somebody else in the same browser reads no code here and sends nothing. */
function refuseOtherSites({ headers }: IncomingMessage): void {
  const site = headers['sec-fetch-site'];
  if (site === undefined ? headers.origin === undefined : site === 'same-origin' || site === 'none') return;
  throw new RequestProblem(403, 'comes from a page of another site', 'Call from a program');
}

const unknownVendor = (name: string, { standIns }: Parts) =>
  new RequestProblem(
    404,
    `there is no vendor ${JSON.stringify(name.slice(0, 40))}`,
    `Use one of ${[...standIns.keys()].join(', ')}, or /_sim/vendors`,
  );

function fail(res: ServerResponse, cause: unknown): void {
  if (res.destroyed || res.writableEnded) return;
  if (res.headersSent) return void res.destroy();
  const error = asProblem(cause);
  if (error instanceof RequestProblem) {
    sendJson(res, error.status, { error: error.message, fix: error.fix }, error.headers);
    return;
  }
  sendJson(res, 500, {
    error: `the stand-in failed: ${error instanceof Error ? error.message : 'unknown'}`,
    fix: 'Report it; this is a mistake in the simulator',
  });
}
