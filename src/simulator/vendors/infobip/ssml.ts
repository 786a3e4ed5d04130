const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * What is heard of a text that is read as SSML: tags are followed, not spoken, and entities are what they stand for. The
 * root element may be left out.
 */
export const soundOf = (text: string): string =>
  text
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(?:#(\d+)|(\w+));/g, (whole, digits?: string, name?: string) =>
      digits ? String.fromCodePoint(Number(digits)) : (ENTITIES[name ?? ''] ?? whole),
    )
    .trim();
