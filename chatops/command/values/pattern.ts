import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

/** The maximum number of instructions of one compiled pattern. Larger patterns are not cached. */
export const maxPatternSize = 5_000;

/** The maximum of a value's characters times its pattern's instructions. RE2JS takes up to half a second for that. */
const maxSteps = 10_000_000;

const compiled = new LRUCache<string, RE2JS>({ max: 1_000, maxSize: 500_000, sizeCalculation: sizeOf });

/** Compiles a pattern, or returns it from the cache. Patterns that are too large are not cached. @throws Error if it is not RE2 */
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
 * Returns whether a whole value matches a pattern. A value that would take too long, see `patternInWords`, does not match.
 * @throws Error if it is not RE2
 */
export const matchesPattern = (pattern: string, value: string): boolean => {
  const made = compilePattern(pattern);
  return value.length <= maxCharactersOf(made) && made.matcher(value).matches();
};

/** Describes what a pattern requires of a value, with the maximum length if that matters. */
export const patternInWords = (pattern: string): string => {
  const most = maxCharactersOf(compilePattern(pattern));
  const length = most < largestComment ? ` and has at most ${most} characters` : '';
  return `matches ${pattern} as a whole${length}`;
};

/** The maximum number of characters of a comment. */
const largestComment = 65_536;
