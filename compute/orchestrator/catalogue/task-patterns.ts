import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import { maxMatchingSteps, maxPatternSize } from '../../../contracts/pattern-limits.ts';

/*
 * Patterns of task definitions. RE2 matches in linear time, but a short pattern can compile to a long program: `a{1000}` is a
 * thousand instructions. A pattern is therefore compiled once, and its compiled size is limited, as in policies.
 */

/** The maximum number of characters of one pattern. */
const maxPatternCharacters = 500;

type CompiledPattern = { pattern: RE2JS; size: number } | { fault: string };

const patternCache = new LRUCache<string, CompiledPattern>({
  max: 1_000,
  maxSize: 500_000,
  sizeCalculation: (compiled) => ('fault' in compiled ? 1 : compiled.size),
});

const compile = (source: string): CompiledPattern => {
  const { length } = source;
  if (length > maxPatternCharacters)
    return { fault: `has ${length} characters; at most ${maxPatternCharacters} are allowed` };
  try {
    const pattern = RE2JS.compile(source);
    const size = pattern.programSize();
    if (size <= maxPatternSize) return { pattern, size };
    return { fault: `compiles to ${size} instructions; at most ${maxPatternSize} are allowed` };
  } catch {
    return { fault: 'is not a regular expression' };
  }
};

/** Compiles a pattern, or returns the cached result. Invalid patterns are cached, too. */
const compileOnce = (source: string): CompiledPattern => {
  const cached = patternCache.get(source);
  if (cached) return cached;
  const result = compile(source);
  // Patterns that are too long are not worth caching.
  if (source.length <= maxPatternCharacters) patternCache.set(source, result);
  return result;
};

/** Returns the number of instructions of a compiled pattern, or its problem as the rest of a sentence. */
export const getPatternSize = (source: string): { size: number } | { fault: string } => compileOnce(source);

/** Matches the values of one request, or the defaults of one definition, in at most `maxMatchingSteps`. */
export class TaskPatternMatcher {
  #steps = 0;

  /** Returns whether a whole value matches a pattern; `exhausted` if that needs too many steps. */
  match(source: string, value: string): 'match' | 'mismatch' | 'exhausted' {
    const compiled = compileOnce(source);
    if ('fault' in compiled) return 'mismatch';
    this.#steps += compiled.size * Buffer.byteLength(value);
    if (this.#steps > maxMatchingSteps) return 'exhausted';
    return compiled.pattern.matcher(value).matches() ? 'match' : 'mismatch';
  }
}
