import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';

/** The maximum number of instructions of one compiled pattern. Larger patterns are not cached. */
export const maxPatternSize = 5_000;

/** The maximum number of instructions of all different patterns of a file. */
export const maxPatternsSize = 50_000;

/**
 * The maximum number of classes such as `\p{L}` and of ranges beyond ASCII in all different patterns of a file. Where case is
 * ignored, the compiler folds each of their characters, which takes milliseconds for a single instruction.
 */
export const maxWideClasses = 100;

/** Returns how many such classes and ranges a pattern has. */
export const countWideClasses = (pattern: string): number =>
  pattern.match(/\\[pP]|-(?:\\x\{|[^\0-\x7f])/g)?.length ?? 0;

/**
 * The maximum number of steps to match all values of a command: one per instruction of a pattern and byte of its value. RE2JS takes
 * about 0.1 s for that. The orchestrator has the same limit for a request.
 */
export const maxMatchingSteps = 2_000_000;

/** The expectation to show for values that take more steps. */
export const expectedFewerSteps = `shorter values: matching them with their patterns takes more than ${maxMatchingSteps} steps (instructions times bytes)`;

const compiledPatterns = new LRUCache<string, RE2JS>({
  max: 1_000,
  maxSize: 500_000,
  sizeCalculation: getPatternSize,
});

/** Compiles a pattern, or returns it from the cache. Patterns that are too large are not cached. @throws Error if it is not RE2 */
export const compilePattern = (pattern: string): RE2JS => {
  const cached = compiledPatterns.get(pattern);
  if (cached) return cached;
  const program = RE2JS.compile(pattern);
  if (getPatternSize(program) <= maxPatternSize) compiledPatterns.set(pattern, program);
  return program;
};

function getPatternSize(pattern: RE2JS): number {
  return pattern.programSize();
}

/** Matches the values of one command with patterns, in at most `maxMatchingSteps`. */
export class BoundedMatcher {
  #steps = 0;

  /** Returns whether a whole value matches a pattern; `exhausted` if that needs too many steps. @throws Error if it is not RE2 */
  match(pattern: string, value: string): 'match' | 'mismatch' | 'exhausted' {
    const program = compilePattern(pattern);
    this.#steps += getPatternSize(program) * Buffer.byteLength(value);
    if (this.#steps > maxMatchingSteps) return 'exhausted';
    return program.matcher(value).matches() ? 'match' : 'mismatch';
  }
}
