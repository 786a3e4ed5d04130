const PORT = String.raw`(?::(?:\d{1,5}|_[\w.-]+))?`;
const IN_BRACKETS = new RegExp(String.raw`^\[([0-9a-f:.]+)\]${PORT}$`, 'i');
const V4 = new RegExp(String.raw`^(\d{1,3}(?:\.\d{1,3}){3})${PORT}$`);
const BARE_V6 = /^[0-9a-f:.]+$/i;

/**
 * The address in a node as proxies name it (RFC 7239 section 6): `192.0.2.1`, `192.0.2.1:4711` as Azure Application Gateway
 * and IIS write it, `[2001:db8::1]:80`, and either in quotes; also IPv6 without brackets, as X-Forwarded-For mostly has it
 * (lesson 29).
 *
 * @returns what looks like an address, still to be checked; undefined for `unknown`, an obfuscated name, and all else.
 */
export function addressInNode(entry: string): string | undefined {
  const node = /^"(.*)"$/.exec(entry)?.[1] ?? entry;
  return (IN_BRACKETS.exec(node) ?? V4.exec(node))?.[1] ?? (BARE_V6.test(node) ? node : undefined);
}
