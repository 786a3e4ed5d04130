/** The name among these that was most likely meant; undefined where none is near. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[-_ ]/g, '');
  const limit = given.length < 5 ? 1 : 2;
  const [best] = known
    .map((name) => ({ name, distance: distanceOf(plain(given), plain(name)) }))
    .filter(({ distance }) => distance <= limit)
    .sort((one, other) => one.distance - other.distance);
  return best?.name;
}

/** Letters to put in, take out, change, or swap with the next one (Damerau and Levenshtein). */
function distanceOf(one: string, other: string): number {
  let [before, row] = [[] as number[], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[at - 1] === other[column - 1];
      const swapped = one[at - 1] === other[column - 2] && one[at - 2] === other[column - 1];
      next.push(
        Math.min(
          row[column - 1]! + (same ? 0 : 1),
          row[column]! + 1,
          next[column - 1]! + 1,
          swapped ? before[column - 2]! + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    [before, row] = [row, next];
  }
  return row[other.length]!;
}
