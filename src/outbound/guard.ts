import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { buildConnector } from 'undici';

/**
 * Keeps requests to vendors out of our own network (GWY-01, attack 19): an address that a configuration names, and every
 * address that a name resolves to, must be one of the public Internet.
 */

/** What undici is about to connect to. */
type Target = Pick<buildConnector.Options, 'hostname' | 'protocol' | 'socketPath'>;

/**
 * Passes a target that is reached over https and is no literal of a private address, however it is spelled. Names pass:
 * what they resolve to is checked by `publicLookup`.
 *
 * @throws Error with the code `scheme_refused`, `socket_refused` or `address_refused`; no message names the target.
 */
export function assertPublic({ hostname, protocol, socketPath }: Target): void {
  if (protocol !== 'https:') throw refusal('scheme_refused', 'only https leads out');
  if (socketPath) throw refusal('socket_refused', 'a unix socket does not lead out');
  const literal = literalOf(hostname);
  if (literal !== undefined && !isPublicAddress(literal)) throw refusal('address_refused', NOT_PUBLIC);
}

/**
 * Resolves a name while connecting, and refuses it unless every address is public: a name that was harmless when it was
 * configured (rebinding), or that answers with one public address among private ones, leads nowhere.
 */
export const publicLookup: LookupFunction = createPublicLookup((hostname, options, callback) =>
  lookup(hostname, { ...options, all: true }, callback),
);

/**
 * Passes a host of the operator's own network, named one by one in the configuration (a Kannel beside the server): it may be
 * private, and spoken to over http. The metadata services of clouds, link-local addresses and unix sockets stay refused.
 *
 * @throws Error as `assertPublic` does.
 */
export function assertOwn({ hostname, socketPath }: Target): void {
  if (socketPath) throw refusal('socket_refused', 'a unix socket does not lead out');
  const literal = literalOf(hostname);
  if (literal !== undefined && !isOwnAddress(literal)) throw refusal('address_refused', NOT_OURS);
}

/** `publicLookup` for such a host. */
export const ownLookup: LookupFunction = createGuardedLookup(
  (hostname, options, callback) => lookup(hostname, { ...options, all: true }, callback),
  isOwnAddress,
);

/** What keeps connections away from addresses that do not pass, whether an address is written out or a name leads there. */
export interface Guard {
  /** @throws Error with the code `socket_refused` or `address_refused`; no message names the target. */
  check(target: Target): void;
  lookup: LookupFunction;
}

/** A guard for the public Internet and the networks an operator names; what `isOwnAddress` refuses stays refused. */
export function createGuard(networks: BlockList): Guard {
  const isNamed = (address: string) => networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  const passes = (address: string) =>
    isPublicAddress(address) || (isIP(address) !== 0 && isOwnAddress(address) && isNamed(address));
  return {
    check({ hostname, socketPath }) {
      if (socketPath) throw refusal('socket_refused', 'a unix socket does not lead out');
      const literal = literalOf(hostname);
      if (literal !== undefined && !passes(literal)) throw refusal('address_refused', NOT_PUBLIC);
    },
    lookup: createGuardedLookup(
      (hostname, options, callback) => lookup(hostname, { ...options, all: true }, callback),
      passes,
    ),
  };
}

/** Resolves a name to all its addresses. */
export type Resolver = (
  hostname: string,
  options: Parameters<LookupFunction>[1],
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * `publicLookup` over another resolver.
 *
 * @returns A lookup that fails with the code `address_refused`, or with what the resolver fails with.
 */
export function createPublicLookup(resolve: Resolver): LookupFunction {
  return createGuardedLookup(resolve, isPublicAddress);
}

function createGuardedLookup(resolve: Resolver, passes: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, options, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => passes(address))) {
        return callback(refusal('address_refused', NOT_PUBLIC), '', 0);
      }
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** Whether an IPv4 or IPv6 address belongs to the public Internet; false for what is no address. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !PRIVATE_V4.check(address);
  return version === 6 && isPublicV6(address);
}

/** Whether an address can be one of a network of the operator's: any but those that are never a vendor. */
export function isOwnAddress(address: string): boolean {
  if (isIP(address) === 4) return !NEVER_V4.check(address);
  if (isIP(address) !== 6 || address.includes('%')) return false;
  if (CARRIES_V4.check(address, 'ipv6')) return !NEVER_V4.check(lastFourBytes(address));
  return isPublicV6(address) || (OWN_V6.check(address, 'ipv6') && !NEVER_V6.check(address, 'ipv6'));
}

const NOT_PUBLIC = 'the address is none of the public Internet';
const NOT_OURS = 'the address is none of a network of your own';
const refusal = (code: string, message: string) => Object.assign(new Error(message), { code });

/**
 * The address that a host is, if it is one: URLs and resolvers also take `0x7f000001`, `2130706433`, `0177.1` and
 * full-width digits for 127.0.0.1. Undefined for a name; what is neither is as good as private.
 */
function literalOf(hostname: string): string | undefined {
  if (isIP(hostname)) return hostname;
  const url = /[/?#@\\]/.test(hostname) ? null : URL.parse(`https://${hostname}/`);
  if (!url) return 'unreadable';
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) ? bare : undefined;
}

/** From the IANA special-purpose registries (RFC 6890), and where clouds keep what only their machines may ask. */
const PRIVATE_V4 = blockList('ipv4', [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carrier-grade NAT; Alibaba's metadata
  ['127.0.0.0', 8],
  ['168.63.129.16', 32], // Azure's host, though the address looks public
  ['169.254.0.0', 16], // link-local; metadata of most clouds
  ['172.16.0.0', 12],
  ['192.0.0.0', 24], // protocol assignments; Oracle's metadata
  ['192.0.2.0', 24], // documentation
  ['192.31.196.0', 24], // AS112
  ['192.52.193.0', 24], // AMT
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16],
  ['192.175.48.0', 24], // AS112
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
]);

/** Never a gateway, in whatever network: this network, link-local, metadata, multicast, reserved. */
const NEVER_V4 = blockList('ipv4', [
  ['0.0.0.0', 8],
  ['100.100.100.200', 32], // Alibaba's metadata
  ['168.63.129.16', 32], // Azure's host
  ['169.254.0.0', 16],
  ['192.0.0.0', 24], // Oracle's metadata
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]);
const OWN_V6 = blockList('ipv6', [
  ['::1', 128],
  ['fc00::', 7],
]);
const NEVER_V6 = blockList('ipv6', [
  ['fd00:ec2::', 32], // Amazon's metadata
  ['fd20:ce::', 32], // Google's metadata
]);

/** Everything else is unique-local, link-local, multicast, loopback, or not given out. */
const GLOBAL_V6 = blockList('ipv6', [['2000::', 3]]);

const PRIVATE_V6 = blockList('ipv6', [
  ['2001::', 23], // Teredo and other protocols
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4: leads to any IPv4 address
  ['2620:4f:8000::', 48], // AS112
  ['3fff::', 20], // documentation
]);

/** The IPv4 address is in the last 32 bits: mapped (RFC 4291, 2.5.5.2) and the well-known NAT64 prefix (RFC 6052). */
const CARRIES_V4 = blockList('ipv6', [
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
]);

function isPublicV6(address: string): boolean {
  // With a zone (`fe80::1%eth0`) it is an address of this machine's own links.
  if (address.includes('%')) return false;
  if (CARRIES_V4.check(address, 'ipv6')) return !PRIVATE_V4.check(lastFourBytes(address));
  return GLOBAL_V6.check(address, 'ipv6') && !PRIVATE_V6.check(address, 'ipv6');
}

/** URLs write an IPv6 address in one way only, without dots. */
function lastFourBytes(address: string): string {
  const groups = new URL(`https://[${address}]/`).hostname.slice(1, -1).split(':');
  const [high, low] = groups.slice(-2).map((group) => Number.parseInt(group || '0', 16));
  return [high! >> 8, high! & 255, low! >> 8, low! & 255].join('.');
}

function blockList(family: 'ipv4' | 'ipv6', nets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of nets) list.addSubnet(net, prefix, family);
  return list;
}
