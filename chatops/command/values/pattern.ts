import { RE2JS } from 're2js';
import { maxMatchingSteps, maxPatternSize } from '../../../contracts/pattern-limits.ts';

/** The maximum number of instructions of all cached patterns. */
const maxCachedSize = 500_000;

/** A plain map, emptied when it is full: an LRU cache would be a twentieth of the Action's bundle. */
const compiledPatterns = new Map<string, RE2JS>();
let cachedSize = 0;

/** Compiles a pattern, or returns it from the cache. Patterns that are too large are not cached. @throws Error if it is not RE2 */
export const compilePattern = (pattern: string): RE2JS => {
  const cached = compiledPatterns.get(pattern);
  if (cached) return cached;
  const program = RE2JS.compile(pattern);
  if (program.programSize() <= maxPatternSize) cachePattern(pattern, program);
  return program;
};

const cachePattern = (pattern: string, program: RE2JS): void => {
  if (cachedSize + program.programSize() > maxCachedSize) {
    compiledPatterns.clear();
    cachedSize = 0;
  }
  compiledPatterns.set(pattern, program);
  cachedSize += program.programSize();
};

/** Matches the values of one command with patterns, in at most `maxMatchingSteps`. */
export class BoundedMatcher {
  #steps = 0;

  /** Returns whether a whole value matches a pattern; `exhausted` if that needs too many steps. @throws Error if it is not RE2 */
  match(pattern: string, value: string): 'match' | 'mismatch' | 'exhausted' {
    const program = compilePattern(pattern);
    this.#steps += program.programSize() * Buffer.byteLength(value);
    if (this.#steps > maxMatchingSteps) return 'exhausted';
    return program.matcher(value).matches() ? 'match' : 'mismatch';
  }
}
