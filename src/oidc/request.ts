import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import { truncate } from '../truncate.ts';
import { addressInNode } from './forwarded-node.ts';

/** Why the address of a client cannot be known: the header is not there, has fewer entries than proxies, or is no address. */
export type UnreadableAddress = 'missing' | 'short' | 'unreadable';

/**
 * The address of the client, in canonical form, or why it cannot be known (THR-07, lesson 10).
 *
 * @param hops How many trusted proxies stand in front, each adding one entry to X-Forwarded-For. With 0 the header is
 *   not looked at. An entry that is no address makes the whole answer unknown: it is never guessed.
 */
export function readClientAddress(
  req: IncomingMessage,
  hops: number,
): { address: string } | { address: undefined; reason: UnreadableAddress } {
  if (hops === 0) return orReason(canonicalAddress(req.socket?.remoteAddress ?? ''), 'missing');
  const header = req.headers['x-forwarded-for'];
  const entries = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',');
  const entry = entries[entries.length - hops]?.trim();
  if (header === undefined || entry === undefined) {
    return { address: undefined, reason: header === undefined ? 'missing' : 'short' };
  }
  return orReason(canonicalAddress(addressInNode(entry) ?? ''), 'unreadable');
}

/** The address of the client, undefined when it cannot be known. */
export const clientAddress = (req: IncomingMessage, hops: number): string | undefined =>
  readClientAddress(req, hops).address;

const orReason = (address: string | undefined, reason: UnreadableAddress) =>
  address === undefined ? { address, reason } : { address };

/** IPv4 as it is, also out of an IPv6-mapped one; IPv6 in eight groups without leading zeros; undefined for the rest. */
function canonicalAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return undefined;
  const bare = text.split('%')[0]!.toLowerCase();
  const mapped = /^(?:0{0,4}:){0,5}:?(?:0{0,4}:)*ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1];
  if (mapped) return mapped;
  const host = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const [head = '', tail] = host.split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  const v4 = groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff';
  return v4 ? fromGroups(groups[6]!, groups[7]!) : groups.join(':');
}

function fromGroups(high: string, low: string): string {
  const bytes = [high, low].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return bytes.join('.');
}

/** What limits count by: an IPv4 address, or the /64 that one IPv6 subscriber gets. */
export function limitAddress(address: string | undefined): string | undefined {
  if (address === undefined || isIPv4(address)) return address;
  return address.split(':').slice(0, 4).join(':');
}

export const userAgentOf = (req: IncomingMessage): string => truncate(req.headers['user-agent'] ?? '', 300);

/**
 * The cookie with this name. Undefined also where a browser sends several that differ: one of them was set by another host
 * of the same site, and nobody can tell which (fault A.5).
 */
export function readCookie(req: IncomingMessage, name: string): string | undefined {
  const values = pairsOf(req)
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.every((value) => value === values[0]) ? values[0] : undefined;
}

/** The cookies whose names begin like this, each read as by `readCookie`. */
export function readCookies(req: IncomingMessage, begin: string): string[] {
  const fitting = pairsOf(req).filter((pair) => pair.startsWith(begin));
  const names = new Set(fitting.map((pair) => pair.slice(0, pair.indexOf('='))));
  return [...names].flatMap((name) => readCookie(req, name) ?? []);
}

const pairsOf = (req: IncomingMessage): string[] =>
  String(req.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim());
