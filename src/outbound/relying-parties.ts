import { BlockList, isIP } from 'node:net';
import { Agent, buildConnector, fetch as undiciFetch } from 'undici';
import { createGuard } from './guard.ts';

type Fetch = (url: string | URL | Request, options?: RequestInit) => Promise<Response>;

/** Milliseconds. The library ends a whole call after 2500. */
const CONNECT_TIMEOUT_MS = 2000;

/**
 * How the provider reaches relying parties, for back-channel logout and `jwks_uri`: the public Internet, and the networks the
 * operator names (GWY-09, fault G.1). Every address is checked when the connection is made, also after a redirect.
 *
 * @param networks As the option `relyingPartyNetworks` has them.
 */
export function createRelyingPartyFetch(networks: readonly string[]): Fetch {
  const guard = createGuard(networkList(networks));
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    // Said, because NODE_TLS_REJECT_UNAUTHORIZED=0 would turn it off for the whole process.
    rejectUnauthorized: true,
    lookup: guard.lookup,
  } as buildConnector.BuildOptions);
  const dispatcher = new Agent({
    connect(options, callback) {
      try {
        guard.check(options);
      } catch (error) {
        return callback(error as Error, null);
      }
      connect(options, callback);
    },
    // A logout is rare: no connection is kept that would keep a process from ending.
    keepAliveTimeout: 1,
    keepAliveMaxTimeout: 1,
  });
  // The library brings a dispatcher of its own, whose guard knows no exception.
  return async (url, options) =>
    (await undiciFetch(url as string, { ...(options as object), dispatcher })) as unknown as Response;
}

function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
