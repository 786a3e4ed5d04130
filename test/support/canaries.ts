/** What must never be found in what is written down, by what it is. */
export interface Canaries {
  secrets: readonly string[];
  /** Digits; long ones, or they turn up by chance. */
  codes: readonly string[];
  /** E.164; whatever spelling of them is looked for. */
  numbers: readonly string[];
  /** Parts of webhook addresses that are secret. */
  tokens: readonly string[];
  /** Messages, whole or in part. */
  texts: readonly string[];
}

/**
 * Looks for canaries in a text: as they are, percent-encoded, and inside of base64, hexadecimal and UTF-16, wherever in it
 * they begin.
 *
 * @returns one line for each that was found: what it is, and what stands around it.
 */
export function leaksIn(text: string, canaries: Partial<Canaries>): string[] {
  const readings = readingsOf(text);
  return Object.entries(canaries).flatMap(([kind, values]) =>
    values.flatMap((value) => found(readings, kind === 'numbers' ? digitsOf(value) : value, kind)),
  );
}

/** The national digits, whatever stands between them: 9012345678, 90-1234-5678, (90) 1234 5678. */
const digitsOf = (e164: string): RegExp =>
  new RegExp(
    e164
      .replace(/^\+(?:81|1|44)/, '')
      .split('')
      .join('[\\s().\\-\\u2010-\\u2015\\uff0d"\',]{0,3}'),
  );

function found(readings: readonly string[], wanted: RegExp | string, kind: string): string[] {
  for (const reading of readings) {
    const at = typeof wanted === 'string' ? reading.indexOf(wanted) : reading.search(wanted);
    if (at >= 0) return [`${kind}: …${reading.slice(Math.max(0, at - 60), at + 80)}…`];
  }
  return [];
}

/** A text as it is, and all that is hidden in it. */
function readingsOf(text: string): string[] {
  const hidden = [
    ...[...text.matchAll(/[A-Za-z0-9+/_-]{12,}/g)].flatMap(([run]) =>
      [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), 'base64')),
    ),
    ...[...text.matchAll(/(?:[0-9A-Fa-f]{2}[\s:]?){8,}/g)].flatMap(([run]) => {
      const digits = run.replace(/[^0-9A-Fa-f]/g, '');
      return [0, 1].map((from) => Buffer.from(digits.slice(from), 'hex'));
    }),
  ];
  const decoded = hidden.map((bytes) => bytes.toString('utf8')).join('\n');
  const wide = hidden.map((bytes) => Buffer.from(bytes.subarray(0, bytes.length & ~1)));
  return [
    text,
    unescaped(text),
    decoded,
    ...[0, 1].map((from) =>
      wide.map((bytes) => swapped(bytes.subarray(from)).toString('utf16le')).join('\n'),
    ),
  ];
}

/** Percent signs of an address, and escapes of JSON and of `inspect`. */
const unescaped = (text: string): string =>
  text
    .replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'))
    .replace(/\\+u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\+(["'/])/g, '$1')
    .replace(/\\+n/g, '\n');

/** Big-endian to little-endian; an odd byte at the end is left out. */
const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
