import type { LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { assertOwn, assertPublic, ownLookup, publicLookup } from '../../outbound/guard.ts';
import { exchange } from './exchange.ts';

/** One request to a vendor. */
export interface HttpCall {
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** Ends the call early; the 8 seconds of the client end it in any case. */
  signal?: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  /** Lower-case names; the first value of each. */
  headers: Record<string, string>;
  text: string;
  /** The body as JSON; undefined where it is none. */
  json(): unknown;
}

/** What is known after a call: whether the vendor can have seen it is what decides between rejected and ambiguous. */
export type Transported =
  | { sent: 'answered'; answer: HttpAnswer }
  /** No connection came about: the vendor saw nothing. */
  | { sent: 'never'; code: string }
  /** The request left, and no whole answer came back. */
  | { sent: 'maybe'; code: string };

export interface HttpClient {
  /** Never throws. Follows no redirect. */
  call(call: HttpCall): Promise<Transported>;
  /** Waits for calls under way. May be called again; a call after it was `never` sent. */
  close(): Promise<void>;
}

export interface HttpClientSettings {
  /** Permits http and private addresses: for simulators only (GWY-01). */
  insecure?: boolean;
  /** Hosts of the operator's own network, as the address spells them: http and private addresses are permitted there. */
  ownHosts?: readonly string[];
  /** Milliseconds until a connection must stand (GWY-02). */
  connectTimeout?: number;
  /** Milliseconds for all of it (GWY-02). */
  totalTimeout?: number;
  /**
   * Connections to one origin; 2000, which is more than the option `concurrency` permits. What waits for its turn does so
   * before it gets here: the time for a send runs here (fault H.5).
   */
  connections?: number;
}

/** Whether a host is one of those. Addresses of IPv6 stand in brackets in a URL, and without them where one connects. */
export function isOwnHost(ownHosts: readonly string[], hostname: string): boolean {
  const bare = (host: string) => host.replace(/^\[|\]$/g, '');
  return ownHosts.some((own) => bare(own) === bare(hostname));
}

/**
 * The way out to a vendor: https only, no redirects, no private address whatever a name resolves to (GWY-01); 3 seconds to
 * connect, 8 in all (GWY-02). A request is written once: what breaks after that is not tried again here.
 */
export function createHttpClient({
  insecure = false,
  ownHosts = [],
  connectTimeout = 3000,
  totalTimeout = 8000,
  connections = 2000,
}: HttpClientSettings = {}): HttpClient {
  const connector = (lookup?: LookupFunction) =>
    buildConnector({
      timeout: connectTimeout,
      // Said, because NODE_TLS_REJECT_UNAUTHORIZED=0 would turn it off for the whole process.
      rejectUnauthorized: true,
      ...(lookup ? { lookup } : {}),
    } as buildConnector.BuildOptions);
  const outside = connector(insecure ? undefined : publicLookup);
  const inside = connector(ownLookup);
  const agent = new Agent({
    connect(options, callback) {
      const own = !insecure && isOwnHost(ownHosts, options.hostname);
      try {
        if (own) assertOwn(options);
        else if (!insecure) assertPublic(options);
      } catch (error) {
        return callback(error as Error, null);
      }
      (own ? inside : outside)(options, callback);
    },
    connections,
    // Short: a vendor that closes an idle connection just as it is used again makes an ambiguous send out of nothing.
    keepAliveTimeout: 4000,
    pipelining: 1,
  });
  let closing: Promise<void> | undefined;
  return {
    call: (call) => exchange(agent, call, totalTimeout),
    close() {
      closing ??= agent.close();
      return closing;
    },
  };
}
