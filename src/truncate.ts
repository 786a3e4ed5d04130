const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * People's text, cut to at most `maxLength` UTF-16 units, at the end of what a reader takes for one character. Half an
 * emoji is no text: strict readers of JSON refuse the whole answer it stands in (lesson 33). What came in broken is made
 * well-formed too, with U+FFFD in the place of each half.
 */
export function truncate(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text.toWellFormed();
  // Where a character ends is decided by what follows it directly: one code point, which is two units at most.
  const head = text.slice(0, maxLength + 2).toWellFormed();
  let end = 0;
  for (const { index, segment } of GRAPHEMES.segment(head)) {
    if (index + segment.length > maxLength) break;
    end = index + segment.length;
  }
  return end > 0 ? head.slice(0, end) : wholeCodePoints(head, maxLength);
}

/** One character may be longer than all the room: a letter under a hundred accents. */
function wholeCodePoints(text: string, maxLength: number): string {
  const cut = text.slice(0, maxLength);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
