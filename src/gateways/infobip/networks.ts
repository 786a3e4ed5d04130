/**
 * Networks of Japan by MCC and MNC, as the ITU lists them for the four carriers (Bulletin E.212). Codes that changed hands
 * between carriers are left out; a code that is not here stays a number.
 */
const CARRIERS: Readonly<Record<string, string>> = {
  '44010': 'docomo',
  '44011': 'rakuten',
  '44020': 'softbank',
  '44021': 'softbank',
  '44050': 'au',
  '44051': 'au',
  '44052': 'au',
  '44053': 'au',
  '44054': 'au',
};

/** The network of a phone as a receipt names it; undefined for what is no code, such as `0`. */
export function carrierOf(mccMnc: string | undefined): string | undefined {
  const digits = mccMnc?.replace(/\D/g, '') ?? '';
  if (!/^[2-7]\d{4,5}$/.test(digits)) return undefined;
  return CARRIERS[digits] ?? digits;
}
