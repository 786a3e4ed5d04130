/** An address of SMPP: type of number, numbering plan, digits or letters (SMPP 3.4, 5.2.5 and 5.2.6). */
export interface Address {
  ton: number;
  npi: number;
  addr: string;
}

const INTERNATIONAL = { ton: 1, npi: 1 };
const NATIONAL = { ton: 2, npi: 1 };
const NETWORK_SPECIFIC = { ton: 3, npi: 0 };
const ALPHANUMERIC = { ton: 5, npi: 0 };
const UNKNOWN = { ton: 0, npi: 0 };

/** A number as destination: without the plus. */
export const destinationOf = (e164: string): Address => ({ ...INTERNATIONAL, addr: e164.replace('+', '') });

/**
 * What a message says it comes from. A plus makes it international. Digits alone are a short code, such as the common short
 * codes of Japan, which begin with 0005; a longer row of digits is national where it begins with 0, international
 * otherwise. Anything with a letter is a name. Nothing at all leaves the choice to the SMSC.
 *
 * @param own What the SMSC wants to see instead, for all of them.
 */
export function sourceOf(sender: string | undefined, own: { ton?: number; npi?: number } = {}): Address {
  const kind = kindOf(sender ?? '');
  return { ton: own.ton ?? kind.ton, npi: own.npi ?? kind.npi, addr: (sender ?? '').replace('+', '') };
}

function kindOf(sender: string): { ton: number; npi: number } {
  if (sender === '') return UNKNOWN;
  if (/^\+\d+$/.test(sender)) return INTERNATIONAL;
  if (!/^\d+$/.test(sender)) return ALPHANUMERIC;
  // 0005 and 4 to 6 digits, in the four networks of Japan.
  if (sender.length <= 8 || /^0005\d{4,6}$/.test(sender)) return NETWORK_SPECIFIC;
  return sender.startsWith('0') ? NATIONAL : INTERNATIONAL;
}

/** A number that came in, as E.164 where it can be told. */
export const numberFrom = (addr: string, ton: number): string =>
  ton === INTERNATIONAL.ton && /^[1-9]\d{6,14}$/.test(addr) ? `+${addr}` : addr;
