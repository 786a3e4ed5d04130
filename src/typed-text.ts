/**
 * What a person typed or pasted, without what nobody sees: marks of direction, joiners and the like, which come along when it
 * is copied out of a message or an address book (lesson 31). Full-width signs become plain ones.
 */
export const typedText = (entry: string): string =>
  entry
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .normalize('NFKC')
    .trim();
