import { XMLParser, XMLValidator } from 'fast-xml-parser';

/** How a body is written. */
export type Format = 'json' | 'xml' | 'form' | 'text';

/**
 * Reads a body into something paths lead through; undefined where it is not what it should be.
 *
 * - `json`: as it is, except that an integer beyond 2^53 stays the text it was, so that no message id is rounded.
 * - `xml`: elements and `@attributes`, all as text. A document type is refused, so there are no entities to expand.
 * - `form`: names and values; a name that comes twice holds a list, which equals nothing.
 * - `text`: `{ text, lines, cells }`: all of it, its lines, and each line cut at `, | : ;` and blanks.
 */
export function readBody(format: Format, text: string): unknown {
  try {
    return READERS[format](text);
  } catch {
    return undefined;
  }
}

const READERS: Record<Format, (text: string) => unknown> = {
  json: readJson,
  xml: readXml,
  form: readForm,
  text: readLines,
};

function readJson(text: string): unknown {
  // The third argument holds what was written (ECMAScript 2026); the types do not know it yet.
  const exact = (_: string, value: unknown, { source }: { source?: string } = {}): unknown =>
    Number.isInteger(value) && !Number.isSafeInteger(value) ? (source ?? value) : value;
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  removeNSPrefix: true,
  htmlEntities: true,
});

function readXml(text: string): unknown {
  // Entities of one's own multiply ("billion laughs") or read files; nobody's reply needs them.
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) return undefined;
  if (XMLValidator.validate(text) !== true) return undefined;
  const read: unknown = parser.parse(text);
  return typeof read === 'object' && read !== null && Object.keys(read).length > 0 ? read : undefined;
}

/** Nobody's form has that many fields, and a reader would take seconds for a million. */
const MOST_FIELDS = 1000;

function readForm(text: string): unknown {
  let fields = 1;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) fields += 1;
  return fields > MOST_FIELDS ? undefined : listed(new URLSearchParams(text));
}

/** A form as an object without a prototype. */
function listed(parameters: URLSearchParams): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = Object.create(null);
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    found[name] = values.length === 1 ? values[0]! : values;
  }
  return found;
}

function readLines(text: string): { text: string; lines: string[]; cells: string[][] } {
  const whole = text.trim();
  const lines = whole.split(/\r?\n/).map((line) => line.trim());
  return { text: whole, lines, cells: lines.map((line) => line.split(/[\s,|:;]+/)) };
}
