/** Longer words are not compared: nobody mistypes one of them into a name of ours. */
const longest = 64;

/**
 * Edits (a character more, less or other, two neighbours swapped) that make one word of the other, regardless of case;
 * Infinity if there are more than `most`.
 */
export const editDistance = (one: string, other: string, most: number): number => {
  if (Math.max(one.length, other.length) > longest || Math.abs(one.length - other.length) > most)
    return Infinity;
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a === b) return 0;
  let [twoBack, before]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (twoBack[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min(changed, swap, (before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    // Later rows hold no less than the least of two rows: a comment may have thousands of words to compare.
    if (Math.min(...row, ...before) > most) return Infinity;
    [twoBack, before] = [before, row];
  }
  const distance = before[b.length] ?? Infinity;
  return distance <= most ? distance : Infinity;
};

/** The candidate that a mistyped word most likely means: one edit away if it is short, two if not. */
export const findClosest = (word: string, candidates: readonly string[]): string | undefined => {
  const most = word.length <= 4 ? 1 : 2;
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate, most);
    if (distance < (best?.distance ?? Infinity)) best = { candidate, distance };
  }
  return best?.candidate;
};
