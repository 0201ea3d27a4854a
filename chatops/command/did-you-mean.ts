/** Shorter words are not completed. */
const minPrefixLength = 4;

/** Longer words are not compared, because no name is that long. */
const maxComparedLength = 64;

/**
 * Returns the number of edits (insert, delete or replace a character, or swap two neighbors) between two words, ignoring case;
 * Infinity if there are more than `max`.
 */
export const getEditDistance = (one: string, other: string, max: number): number => {
  if (Math.max(one.length, other.length) > maxComparedLength || Math.abs(one.length - other.length) > max)
    return Infinity;
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a === b) return 0;
  let [beforePrevious, previous]: [number[], number[]] = [
    [],
    Array.from({ length: b.length + 1 }, (_, j) => j),
  ];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (beforePrevious[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min(changed, swap, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    // Later rows are never below the minimum of two rows. Stop early, because a comment can have thousands of words to compare.
    if (Math.min(...row, ...previous) > max) return Infinity;
    [beforePrevious, previous] = [previous, row];
  }
  const distance = previous[b.length] ?? Infinity;
  return distance <= max ? distance : Infinity;
};

/**
 * Returns the candidate that a mistyped word most likely means: at most one edit away for a short word, two for a longer one; otherwise
 * the only candidate that begins with the word.
 */
export const findClosest = (word: string, candidates: readonly string[]): string | undefined => {
  const maxDistance = word.length <= 4 ? 1 : 2;
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = getEditDistance(word, candidate, maxDistance);
    if (distance < (best?.distance ?? Infinity)) best = { candidate, distance };
  }
  if (best || word.length < minPrefixLength) return best?.candidate;
  const [longer, ...others] = candidates.filter((candidate) => candidate.startsWith(word));
  return others.length === 0 ? longer : undefined;
};
