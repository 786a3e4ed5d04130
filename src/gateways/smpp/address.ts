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

/** What an SMSC wants instead of the usual type and plan. */
interface Own {
  ton?: number | undefined;
  npi?: number | undefined;
}
/** Calling codes of the countries whose numbers are national there, each with the trunk prefix that takes their place. */
export type NationalNumbers = Readonly<Record<string, string>>;

/**
 * A number as destination: without the plus, or as the country writes it, where the SMSC wants that.
 *
 * @param own What the SMSC wants to see instead, for all of them.
 */
export function destinationOf(e164: string, own: Own = {}, national: NationalNumbers = {}): Address {
  const digits = e164.replace('+', '');
  const country = Object.keys(national).find((code) => digits.startsWith(code));
  const { ton, npi } = country === undefined ? INTERNATIONAL : NATIONAL;
  const addr = country === undefined ? digits : `${national[country]}${digits.slice(country.length)}`;
  return { ton: own.ton ?? ton, npi: own.npi ?? npi, addr };
}

/**
 * What a message says it comes from. A plus makes it international. Digits alone are a short code, such as the common short
 * codes of Japan, which begin with 0005; a longer row of digits is national where it begins with 0, international
 * otherwise. Anything with a letter is a name. Nothing at all leaves the choice to the SMSC.
 *
 * @param own What the SMSC wants to see instead, for all of them.
 */
export function sourceOf(sender: string | undefined, own: Own = {}): Address {
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
export function numberFrom(addr: string, ton: number, national: NationalNumbers = {}): string {
  if (ton === INTERNATIONAL.ton && /^[1-9]\d{6,14}$/.test(addr)) return `+${addr}`;
  if ((ton !== NATIONAL.ton && ton !== UNKNOWN.ton) || !/^\d{6,15}$/.test(addr)) return addr;
  const [home, another] = Object.entries(national).filter(
    ([, trunk]) => addr.startsWith(trunk) && (trunk !== '' || ton === NATIONAL.ton),
  );
  return home && !another ? `+${home[0]}${addr.slice(home[1].length)}` : addr;
}
