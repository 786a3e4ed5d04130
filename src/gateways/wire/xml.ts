import { XMLBuilder } from 'fast-xml-parser';

/** An element with what is in it, in order. */
export interface Element {
  name: string;
  attributes?: Readonly<Record<string, string | number>>;
  children?: readonly (Element | string)[];
}

const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressEmptyNode: true,
  processEntities: true,
});

/**
 * Markup in which every text is text: a name such as `"</Say><Dial>` is spoken, not followed (GWY-08). What XML 1.0 cannot
 * hold, such as most control characters, is left out.
 */
export const toXml = (root: Element): string => builder.build([nodeOf(root)]);

/** A document of its own, with the line that says it is UTF-8. */
export const toXmlDocument = (root: Element): string =>
  builder.build([
    { '?xml': [{ '#text': '' }], ':@': { '@version': '1.0', '@encoding': 'UTF-8' } },
    nodeOf(root),
  ]);

/** The builder's own shape for elements in order. */
type Node = Record<string, unknown>;

function nodeOf({ name, attributes = {}, children = [] }: Element): Node {
  return {
    [name]: children.map((child) => (typeof child === 'string' ? { '#text': legal(child) } : nodeOf(child))),
    ':@': Object.fromEntries(
      Object.entries(attributes).map(([attribute, value]) => [`@${attribute}`, legal(String(value))]),
    ),
  };
}

/** XML 1.0, section 2.2. */
const legal = (text: string): string =>
  text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '');
