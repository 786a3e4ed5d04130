/** What the vendor could take for markup, or for a variable of a scenario. */
const MEANINGFUL = /[&<>${}]/;
/** Also quotes, which mean nothing between tags, so that nothing depends on knowing that. */
const ESCAPED = /[&<>"'${}]/g;
/** What XML 1.0 (2.2) cannot hold. */
const ILLEGAL = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/**
 * A text to be spoken as it is (GWY-08). The vendor reads SSML in texts, and a scenario fills in `${…}`; a text that could
 * hold either is given as SSML of our own, every such character by its number. Any other stays a plain text.
 */
export function speechOf(text: string): string {
  const legal = text.replace(ILLEGAL, ' ');
  return MEANINGFUL.test(legal)
    ? `<speak>${legal.replace(ESCAPED, (character) => `&#${character.charCodeAt(0)};`)}</speak>`
    : legal;
}
