/** How an SMSC of one country writes the numbers of that country. */
export interface NationalForm {
  /** Calling code, such as 81. */
  country: string;
  /** What stands in its place, such as 0; may be empty. */
  trunk: string;
}

const INTERNATIONAL = { ton: 1, npi: 1 };
const NATIONAL = { ton: 2, npi: 1 };

/** The number of a phone in E.164; undefined where the address is none. */
export function phoneAt(addr: string, ton: number, national: NationalForm | undefined): string | undefined {
  if (!national) return /^[1-9]\d{6,14}$/.test(addr) ? `+${addr}` : undefined;
  if (ton === INTERNATIONAL.ton) return addr.startsWith(national.country) ? undefined : `+${addr}`;
  const { country, trunk } = national;
  if (ton !== NATIONAL.ton || !addr.startsWith(trunk)) return undefined;
  const rest = addr.slice(trunk.length);
  return /^[1-9]\d{6,11}$/.test(rest) ? `+${country}${rest}` : undefined;
}

/** The address of a phone, as the SMSC writes it in what it brings. */
export function sourceOfPhone(e164: string, national: NationalForm | undefined): Record<string, unknown> {
  const digits = e164.replace('+', '');
  const isHome = national !== undefined && digits.startsWith(national.country);
  const { ton, npi } = isHome ? NATIONAL : INTERNATIONAL;
  const addr = isHome ? `${national.trunk}${digits.slice(national.country.length)}` : digits;
  return { source_addr_ton: ton, source_addr_npi: npi, source_addr: addr };
}
