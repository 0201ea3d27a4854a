import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

/** Instructions that one pattern may compile to. Larger ones are not kept. */
export const maxPatternSize = 5_000;

/** Characters of a value times instructions of its pattern. RE2JS takes up to half a second for so many. */
const maxSteps = 10_000_000;

const compiled = new LRUCache<string, RE2JS>({ max: 1_000, maxSize: 500_000, sizeCalculation: sizeOf });

/** Compiles a pattern, or returns it as it was compiled before. Those that are too large are not kept. @throws Error if it is not RE2 */
export const compilePattern = (pattern: string): RE2JS => {
  const known = compiled.get(pattern);
  if (known) return known;
  const made = RE2JS.compile(pattern);
  if (sizeOf(made) <= maxPatternSize) compiled.set(pattern, made);
  return made;
};

function sizeOf(pattern: RE2JS): number {
  return pattern.programSize();
}

const maxCharactersOf = (pattern: RE2JS): number => Math.floor(maxSteps / sizeOf(pattern));

/**
 * Returns whether a value matches a pattern as a whole. One that would take too long, as `patternInWords` says, does not.
 * @throws Error if it is not RE2
 */
export const matchesPattern = (pattern: string, value: string): boolean => {
  const made = compilePattern(pattern);
  return value.length <= maxCharactersOf(made) && made.matcher(value).matches();
};

/** Returns what a pattern asks of a value, in words, with its length where that matters. */
export const patternInWords = (pattern: string): string => {
  const most = maxCharactersOf(compilePattern(pattern));
  const length = most < largestComment ? ` and has at most ${most} characters` : '';
  return `matches ${pattern} as a whole${length}`;
};

/** Characters of the largest comment. */
const largestComment = 65_536;
