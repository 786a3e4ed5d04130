import { septetsOf } from '../alphabet.ts';
import type { Gateway } from '../ports/gateway.ts';

/** How an SMS goes over the air. */
export interface Size {
  alphabet: 'gsm-7' | 'ucs-2';
  /** Septets, or UTF-16 units. */
  units: number;
  segments: number;
  /** Units that fit into one segment. */
  single: number;
}

/**
 * Counts what a network counts (3GPP TS 23.038, 23.040): 160 septets, or 70 UTF-16 units as soon as one character is not
 * in the GSM alphabet; with several segments 153 or 67 each, and nothing that takes two units is cut in half.
 */
export function sizeOf(text: string): Size {
  const septets = [...text].map(septetsOf);
  const gsm = septets.every((width) => width !== undefined);
  const widths = gsm ? septets : [...text].map(({ length }) => length);
  const [single, part] = gsm ? [160, 153] : [70, 67];
  const units = widths.reduce((sum, width) => sum + width, 0);
  const segments = units <= single ? 1 : partsOf(widths, part);
  return { alphabet: gsm ? 'gsm-7' : 'ucs-2', units, segments, single };
}

function partsOf(widths: readonly number[], part: number): number {
  let parts = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > part) {
      parts += 1;
      used = 0;
    }
    used += width;
  }
  return parts;
}

/** How long a text is as the vendor of a gateway counts, and how long it may be. */
export function lengthFor(
  limit: NonNullable<Gateway['maxUnits']>,
  text: string,
): { units: number; most: number } {
  if (typeof limit === 'number') return { units: text.length, most: limit };
  const { ascii, other, lineBreak = 1 } = limit;
  const breaks = text.split('\n').length - 1;
  const most = /^[\0-\x7f]*$/.test(text) ? ascii : other;
  return { units: text.length + breaks * (lineBreak - 1), most };
}
