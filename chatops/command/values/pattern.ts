import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import { maxMatchingSteps, maxPatternSize } from '../../../contracts/pattern-limits.ts';

const compiledPatterns = new LRUCache<string, RE2JS>({
  max: 1_000,
  maxSize: 500_000,
  sizeCalculation: (pattern) => pattern.programSize(),
});

/** Compiles a pattern, or returns it from the cache. Patterns that are too large are not cached. @throws Error if it is not RE2 */
export const compilePattern = (pattern: string): RE2JS => {
  const cached = compiledPatterns.get(pattern);
  if (cached) return cached;
  const program = RE2JS.compile(pattern);
  if (program.programSize() <= maxPatternSize) compiledPatterns.set(pattern, program);
  return program;
};

/** Matches the values of one command with patterns, in at most `maxMatchingSteps`. */
export class CommandPatternMatcher {
  #steps = 0;

  /** Returns whether a whole value matches a pattern; `exhausted` if that needs too many steps. @throws Error if it is not RE2 */
  match(pattern: string, value: string): 'match' | 'mismatch' | 'exhausted' {
    const program = compilePattern(pattern);
    this.#steps += program.programSize() * Buffer.byteLength(value);
    if (this.#steps > maxMatchingSteps) return 'exhausted';
    return program.matcher(value).matches() ? 'match' : 'mismatch';
  }
}
