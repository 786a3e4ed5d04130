import { XMLParser } from 'fast-xml-parser';

/** One verb of TwiML with what is in it. */
export interface Verb {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: Verb[];
  /** Everything that stands in it as text, that of its children included. */
  text: string;
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
});

type Parsed = Record<string, unknown> & { ':@'?: Record<string, string>; '#text'?: string };

function verbOf(parsed: Parsed): Verb {
  const name = Object.keys(parsed).find((key) => key !== ':@')!;
  const inside = parsed[name] as Parsed[];
  const children = inside.filter((child) => !('#text' in child)).map(verbOf);
  const text = inside.map((child) => child['#text'] ?? verbOf(child).text).join('');
  return { name, attributes: parsed[':@'] ?? {}, children, text };
}

/** The verbs of a document, in order. */
export const verbsOf = (twiml: string): Verb[] =>
  (parser.parse(twiml) as Parsed[]).map(verbOf).find(({ name }) => name === 'Response')?.children ?? [];

/** Everything a document can say, in order. */
export const wordsOf = (twiml: string): string[] => saidIn(verbsOf(twiml));

const saidIn = (verbs: readonly Verb[]): string[] =>
  verbs.flatMap(({ name, text, children }) => (name === 'Say' ? [text] : saidIn(children)));
